// The tensors of one call: the rows of a batch at their places, and the constants that every call gets.
import type { Binding, ConstantInput } from '../model/binding.ts';
import type { TensorData } from '../model/session.ts';
import type { Batch, InputValues } from './batch.ts';
import { isRun, type Slots, standsIn } from './call-plan.ts';
import { valuesFor } from './convert-values.ts';
import { float16Bits } from './float16.ts';

/** The feeds by input name. `slots` has one good row at least. */
export function feedsOf(batch: Batch, { constants }: Binding, slots: Slots): Readonly<Record<string, TensorData>> {
  return Object.fromEntries([
    ...batch.inputs.map((values) => [values.input.name, feedOf(values, slots)]),
    ...constants.map((constant) => [constant.name, constantFeed(constant, slots.length)]),
  ]);
}

function feedOf({ input, rowValues, even, uneven }: InputValues, slots: Slots): TensorData {
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
    const values = (rowValues === null ? uneven[row].values : even) as string[];
    const from = rowValues === null ? 0 : row * width;
    for (let index = 0; index < width; index++) data[place * width + index] = values[from + index];
  }
  return { dtype, dims, data };
}

function constantFeed({ dtype, dims, values }: ConstantInput, rows: number): TensorData {
  const sizes = dims.map((size) => size ?? rows);
  const data = valuesFor(
    dtype,
    sizes.reduce((product, size) => product * size, 1),
  );
  const own = values.map((value) => tensorValue(dtype, value)) as string[];
  for (let index = 0; index < data.length; index++) (data as string[])[index] = own[index % own.length];
  return { dtype, dims: sizes, data };
}

function tensorValue(dtype: TensorData['dtype'], value: number | string | boolean): number | bigint | string {
  if (dtype === 'string') return String(value);
  if (dtype === 'int64' || dtype === 'uint64') return BigInt(value);
  return dtype === 'float16' ? float16Bits(Number(value)) : Number(value);
}
