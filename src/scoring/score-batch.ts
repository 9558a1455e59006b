// One batch through the model. Rows that cannot be scored keep their place: a copy of a good row stands in for them, so
// that every other row is computed in a call of the same size at the same position. A call that fails is run again with
// half of its rows, then half of those, until the row that fails is alone.
import { FailureError } from '../core/failure.ts';
import type { Binding, ConstantInput } from '../model/binding.ts';
import type { Session, TensorData, TensorValues } from '../model/session.ts';
import type { Batch, InputValues } from './batch.ts';
import { arrayFor } from './convert-values.ts';

/** One output of one call. Row i of the call has `rowValues` values from i * rowValues. */
export interface CallOutput {
  readonly tensor: TensorData;
  readonly rowShape: readonly number[];
  readonly rowValues: number;
}

export interface ScoredBatch {
  /** By fetch, then by call. */
  readonly outputs: Readonly<Record<string, readonly CallOutput[]>>;
  /** The call that scored each row of the batch, and its place there; -1 for a row that was not scored. */
  readonly callOf: Int32Array;
  readonly placeOf: Int32Array;
}

export interface Scorer {
  readonly session: Session;
  readonly binding: Binding;
  /** Told how long each `session.run` took. */
  readonly onCall: (elapsedMs: number) => void;
}

const standsIn = -1;

/** Scores the rows of a batch that have no fault; rows that the model fails on become faults. */
export async function scoreBatch(batch: Batch, scorer: Scorer): Promise<ScoredBatch> {
  const { binding } = scorer;
  const outputs: Record<string, CallOutput[]> = Object.fromEntries(binding.fetches.map((name) => [name, []]));
  const callOf = new Int32Array(batch.rows).fill(-1);
  const placeOf = new Int32Array(batch.rows);
  let calls = 0;
  const pending = planCalls(batch, binding);
  for (let slots = pending.shift(); slots !== undefined; slots = pending.shift()) {
    const scored = await runCall(batch, scorer, slots);
    if (Array.isArray(scored)) {
      pending.unshift(...scored);
      continue;
    }
    if (scored === null) continue;
    for (const [name, output] of Object.entries(scored)) outputs[name].push(output);
    for (const [place, row] of slots.entries()) {
      if (row === standsIn) continue;
      callOf[row] = calls;
      placeOf[row] = place;
    }
    calls++;
  }
  return { outputs, callOf, placeOf };
}

/** The rows of each call by place; `standsIn` where a copy of a good row stands. Calls without a good row are left out. */
function planCalls(batch: Batch, { callRows, isFixedBatch }: Binding): Int32Array[] {
  const isUneven = batch.inputs.some(({ rowValues }) => rowValues === null);
  const calls: Int32Array[] = [];
  if (isUneven) {
    for (const rows of rowsByShape(batch)) {
      for (let from = 0; from < rows.length; from += callRows) {
        const some = rows.slice(from, from + callRows);
        const slots = new Int32Array(isFixedBatch ? callRows : some.length).fill(standsIn);
        slots.set(some);
        calls.push(slots);
      }
    }
    return calls;
  }
  if (!isFixedBatch) {
    const slots = Int32Array.from({ length: batch.rows }, (_, row) => (batch.faults.has(row) ? standsIn : row));
    return slots.some((row) => row !== standsIn) ? [slots] : [];
  }
  const windows = new Map<number, Int32Array>();
  for (let row = 0; row < batch.rows; row++) {
    if (batch.faults.has(row)) continue;
    const window = Math.floor(batch.rowNumbers[row] / callRows);
    let slots = windows.get(window);
    if (slots === undefined) windows.set(window, (slots = new Int32Array(callRows).fill(standsIn)));
    slots[batch.rowNumbers[row] - window * callRows] = row;
  }
  return [...windows.values()];
}

function rowsByShape(batch: Batch): Iterable<number[]> {
  const groups = new Map<string, number[]>();
  for (let row = 0; row < batch.rows; row++) {
    if (batch.faults.has(row)) continue;
    const key = batch.inputs.map(({ uneven }) => uneven[row]?.shape.join('x') ?? '').join('|');
    const rows = groups.get(key);
    if (rows === undefined) groups.set(key, [row]);
    else rows.push(row);
  }
  return groups.values();
}

/** The call's outputs; two smaller calls when it failed; null when its only row failed, which is then a fault. */
async function runCall(
  batch: Batch,
  { session, binding, onCall }: Scorer,
  slots: Int32Array,
): Promise<Record<string, CallOutput> | [Int32Array, Int32Array] | null> {
  const feeds: Record<string, TensorData> = {};
  for (const values of batch.inputs) feeds[values.input.name] = feedOf(values, slots);
  for (const constant of binding.constants) feeds[constant.name] = constantFeed(constant, slots.length);
  const startedMs = performance.now();
  try {
    const fetched = await session.run(feeds, binding.fetches);
    onCall(performance.now() - startedMs);
    const hasRowAxis = binding.inputs.some((input) => input.hasRowAxis);
    return Object.fromEntries(
      Object.entries(fetched).map(([name, tensor]) => [name, callOutput(name, tensor, slots.length, hasRowAxis)]),
    );
  } catch (error) {
    if (!(error instanceof FailureError) || error.failures[0].reason !== 'inference-failed') throw error;
    const rows = slots.filter((row) => row !== standsIn);
    if (rows.length === 1) {
      batch.fault(rows[0], 'inference-failed', null, error.failures[0].message);
      return null;
    }
    const middle = rows[rows.length >> 1];
    return [slots.map((row) => (row < middle ? row : standsIn)), slots.map((row) => (row >= middle ? row : standsIn))];
  }
}

function callOutput(name: string, tensor: TensorData, rows: number, hasRowAxis: boolean): CallOutput {
  const { dims } = tensor;
  const isByRow = hasRowAxis && dims.length > 0 && dims[0] === rows;
  if (!isByRow && rows !== 1) throw new FailureError({ reason: 'result-rows', output: name, shape: dims, rows });
  const rowShape = isByRow ? dims.slice(1) : dims;
  return { tensor, rowShape, rowValues: rowShape.reduce((product, size) => product * size, 1) };
}

function feedOf({ input, rowValues, even, uneven }: InputValues, slots: Int32Array): TensorData {
  const firstGood = slots.find((row) => row !== standsIn) ?? 0;
  const shape = rowValues === null ? uneven[firstGood].shape : (input.rowShape as readonly number[]);
  const dims = input.hasRowAxis ? [slots.length, ...shape] : shape;
  const { dtype } = input;
  if (rowValues !== null && slots.every((row, place) => row === slots[0] + place && row !== standsIn)) {
    const [from, to] = [slots[0] * rowValues, (slots[0] + slots.length) * rowValues];
    return { dtype, dims, data: Array.isArray(even) ? even.slice(from, to) : even.subarray(from, to) };
  }
  const width = shape.reduce((product, size) => product * size, 1);
  const data: TensorValues =
    dtype === 'string' ? new Array<string>(width * slots.length) : arrayFor(dtype, width * slots.length);
  for (const [place, slot] of slots.entries()) {
    const row = slot === standsIn ? firstGood : slot;
    const values = rowValues === null ? uneven[row].values : even;
    const from = rowValues === null ? 0 : row * width;
    for (let index = 0; index < width; index++) {
      (data as string[])[place * width + index] = (values as string[])[from + index];
    }
  }
  return { dtype, dims, data };
}

function constantFeed({ dtype, dims, values }: ConstantInput, rows: number): TensorData {
  const sizes = dims.map((size) => size ?? rows);
  const length = sizes.reduce((product, size) => product * size, 1);
  const data: TensorValues = dtype === 'string' ? new Array<string>(length) : arrayFor(dtype, length);
  const isWide = dtype === 'int64' || dtype === 'uint64';
  for (let index = 0; index < length; index++) {
    const value = values[index % values.length];
    (data as unknown[])[index] = dtype === 'string' ? String(value) : isWide ? BigInt(value) : Number(value);
  }
  return { dtype, dims: sizes, data };
}
