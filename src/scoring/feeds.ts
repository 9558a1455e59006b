// The tensors of one call: the rows of a batch at their places, and the constants that every call gets.

import { float16Bits } from '../core/float16.ts';
import type { TensorData } from '../model/session.ts';
import type { Batch, InputValues } from './batch.ts';
import type { Binding, ConstantInput } from './binding.ts';
import { isRun } from './call-plan.ts';
import { valuesFor } from './convert-values.ts';
import { type Slots, standsIn } from './slots.ts';

/** The feeds by input name. `slots` has one good row at least. */
export function feedsOf(batch: Batch, { constants }: Binding, slots: Slots): Readonly<Record<string, TensorData>> {
  return Object.fromEntries([
    ...batch.inputs.map((values) => [values.input.name, feedOf(values, slots)]),
    ...constants.map((constant) => [constant.name, constantFeed(constant, slots.length)]),
  ]);
}

function feedOf(values: InputValues, slots: Slots): TensorData {
  const { input, rowValues, even, uneven, filledTo } = values;
  if (filledTo.length > 0) return filledFeed(values, slots);
  const firstGood = slots.find((row) => row !== standsIn)!;
  const shape = rowValues === null ? uneven[firstGood].shape : (input.rowShape as readonly number[]);
  const dims = input.hasRowAxis ? [slots.length, ...shape] : shape;
  const { dtype } = input;
  if (rowValues !== null && isRun(slots)) {
    const [from, to] = [slots[0] * rowValues, (slots[0] + slots.length) * rowValues];
    return { dtype, dims, data: Array.isArray(even) ? even.slice(from, to) : even.subarray(from, to) };
  }
  const width = shape.reduce((product, size) => product * size, 1);
  const data = valuesFor(dtype, width * slots.length) as string[];
  for (const [place, slot] of slots.entries()) {
    const row = slot === standsIn ? firstGood : slot;
    const source = (rowValues === null ? uneven[row].values : even) as string[];
    const from = rowValues === null ? 0 : row * width;
    for (let index = 0; index < width; index++) data[place * width + index] = source[from + index];
  }
  return { dtype, dims, data };
}

/** Rows of different lengths, filled up to the length that was planned for them. */
function filledFeed({ input, uneven, filledTo }: InputValues, slots: Slots): TensorData {
  const { dtype, hasRowAxis, padding } = input;
  const firstGood = slots.find((row) => row !== standsIn)!;
  const length = filledTo[firstGood];
  const data = valuesFor(dtype, length * slots.length) as BigInt64Array;
  data.fill(tensorValue(dtype, padding!.value) as bigint);
  for (const [place, slot] of slots.entries()) {
    const values = uneven[slot === standsIn ? firstGood : slot].values as BigInt64Array;
    data.set(values, place * length + (padding!.side === 'left' ? length - values.length : 0));
  }
  return { dtype, dims: hasRowAxis ? [slots.length, length] : [length], data };
}

function constantFeed({ dtype, dims, values }: ConstantInput, rows: number): TensorData {
  const sizes = dims.map((size) => size ?? rows);
  const data = valuesFor(
    dtype,
    sizes.reduce((product, size) => product * size, 1),
  );
  const own = values.map((value) => tensorValue(dtype, value)) as string[];
  // The values are those of one row: what lies in front of the axis of rows and what lies behind it.
  const inner = sizes.slice(dims.indexOf(null) + 1).reduce((product, size) => product * size, 1);
  const copies = dims.includes(null) ? rows : 1;
  for (let index = 0; index < data.length; index++) {
    const place = Math.floor(index / (inner * copies)) * inner + (index % inner);
    (data as string[])[index] = own[place % own.length];
  }
  return { dtype, dims: sizes, data };
}

function tensorValue(dtype: TensorData['dtype'], value: number | string | boolean): number | bigint | string {
  if (dtype === 'string') return String(value);
  if (dtype === 'int64' || dtype === 'uint64') return BigInt(value);
  return dtype === 'float16' ? float16Bits(Number(value)) : Number(value);
}
