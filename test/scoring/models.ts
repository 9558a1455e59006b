// Tiny ONNX models in real sessions, and batches for them.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readModel } from '../../src/model/model-file.ts';
import { openSession, type Session } from '../../src/model/session.ts';
import { Batch } from '../../src/scoring/batch.ts';
import type { Binding, BoundInput, ConstantInput } from '../../src/scoring/binding.ts';
import { type ScoredBatch, scoreBatch } from '../../src/scoring/score-batch.ts';
import { buildModel, bytes, input, integer, message, node, output, tensorOf, text } from '../model/build-onnx.ts';
import { temporaryFolder } from '../temporary-folder.ts';

type Parts = Parameters<typeof buildModel>[0]['graph'];

/** A session for the length of one test. */
export async function sessionOf(graph: Parts): Promise<Session> {
  const path = join(temporaryFolder(), 'model.onnx');
  writeFileSync(path, buildModel({ graph }));
  return openSession(await readModel(path), { threads: 1 });
}

/** An initializer of 64-bit integers. */
export const integers = (name: string, values: readonly number[]) =>
  message(
    5,
    integer(1, values.length),
    integer(2, 7),
    text(8, name),
    bytes(9, new Uint8Array(BigInt64Array.from(values, BigInt).buffer)),
  );

export { floats } from '../model/build-onnx.ts';
export { input, node, output, tensorOf };

export interface BindingOptions {
  readonly inputs: readonly BoundInput[];
  readonly fetches: readonly string[];
  readonly callRows?: number;
  readonly isFixedBatch?: boolean;
  readonly constants?: readonly ConstantInput[];
}

export const bindingOf = ({
  inputs,
  fetches,
  callRows = 1000,
  isFixedBatch = false,
  constants = [],
}: BindingOptions): Binding => ({
  inputs,
  preparations: [],
  fetches,
  callRows,
  isFixedBatch,
  constants,
  applied: [],
  results: [],
  computed: [],
  writeWhere: null,
  kept: [],
});

export const boundInput = (
  dtype: BoundInput['dtype'],
  rowShape: BoundInput['rowShape'],
  more: Partial<BoundInput> = {},
): BoundInput => ({
  name: 'x',
  dtype,
  rowShape,
  hasRowAxis: true,
  columns: [],
  isList: false,
  nulls: 'reject',
  ...more,
});

export interface FilledBatch {
  /** Row-major values of the first input; or each row's own. */
  readonly values: readonly (number | bigint | string)[] | readonly (readonly number[])[];
  /** Number of the first row in its shard. */
  readonly from?: number;
  readonly rejected?: readonly number[];
}

/** A batch of one input. */
export function batchOf(input: BoundInput, { values, from = 0, rejected = [] }: FilledBatch): Batch {
  const isUneven = input.rowShape.includes(null);
  const perRow = isUneven ? 1 : (input.rowShape as readonly number[]).reduce((product, size) => product * size, 1);
  const rows = values.length / perRow;
  const batch = new Batch([input], rows);
  batch.begin(0, 0);
  batch.rows = rows;
  for (let row = 0; row < rows; row++) batch.rowNumbers[row] = from + row;
  const [{ even, uneven }] = batch.inputs;
  for (const [index, value] of values.entries()) {
    if (isUneven) uneven.push({ values: Float32Array.from(value as number[]), shape: [(value as number[]).length] });
    else (even as unknown[])[index] = value;
  }
  for (const row of rejected) batch.fault(row, 'null', 'x', 'null');
  return batch;
}

export interface ScoredRows {
  /** Values of each row, of the named output; null where it was not scored. */
  readonly rows: readonly (readonly unknown[] | null)[];
  readonly faults: Readonly<Record<number, string>>;
  /** Calls whose results counted, and all calls by their number of rows. */
  readonly counted: number;
  readonly calls: readonly number[];
  readonly scored: ScoredBatch;
}

export async function score(
  session: Session,
  binding: Binding,
  batch: Batch,
  name = binding.fetches[0],
): Promise<ScoredRows> {
  let counted = 0;
  const calls: number[] = [];
  const watched = {
    run: (...args: Parameters<Session['run']>) => {
      calls.push(args[0].x?.dims[0] ?? 0);
      return session.run(...args);
    },
  } as Session;
  const scored = scoreBatch(batch, { session: watched, binding, onCall: () => counted++ });
  const rows = Array.from({ length: batch.rows }, (_, row) => {
    const call = scored.outputs[name][scored.callOf[row]];
    if (call === undefined) return null;
    const start = scored.placeOf[row] * call.rowValues;
    return [...call.tensor.data.slice(start, start + call.rowValues)];
  });
  const faults = Object.fromEntries([...batch.faults].map(([row, { reason }]) => [row, reason]));
  return { rows, faults, counted, calls, scored };
}
