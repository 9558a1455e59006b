// The prepared inputs of a batch: raw values become tensors once all rows of the batch are there, so that what a row is given
// depends on its batch and on nothing else.
import type { PreparedRow, Preparer, RawRow } from '../core/preparer.ts';
import type { Batch, InputValues } from './batch.ts';
import type { Binding, Preparation } from './binding.ts';

export interface PrepareRequest {
  readonly binding: Pick<Binding, 'inputs' | 'preparations'>;
  /** One for each preparation of the binding. */
  readonly preparers: readonly Preparer[];
  readonly pathOfShard: (shard: number) => string;
}

/** Fills the inputs that are prepared; a row that cannot be used becomes a fault. Rows that have a fault are left out. */
export async function prepareRows(batch: Batch, { binding, preparers, pathOfShard }: PrepareRequest): Promise<void> {
  let firstInput = binding.inputs.length;
  for (const [index, preparation] of binding.preparations.entries()) {
    const inputs = batch.inputs.slice(firstInput, firstInput + preparation.inputs.length);
    firstInput += inputs.length;
    const places = usableRows(batch, preparation, index);
    const shardPath = pathOfShard(batch.shard);
    const rows = places.map((row): RawRow => ({ values: batch.raw[index].map((column) => column[row]!), shardPath }));
    const prepared = await preparers[index].prepare(rows);
    for (const [place, row] of places.entries()) put(batch, inputs, row, prepared[place], preparation);
    for (const { rowValues, uneven } of inputs) {
      if (rowValues !== null) continue;
      for (let row = 0; row < batch.rows; row++) uneven[row] ??= { values: [], shape: [] };
    }
  }
}

/** The rows without a fault; a null makes one. */
function usableRows(batch: Batch, { columns }: Preparation, index: number): readonly number[] {
  const rows: number[] = [];
  for (let row = 0; row < batch.rows; row++) {
    const missing = columns.find((_, place) => batch.raw[index][place][row] === null);
    if (missing !== undefined) batch.fault(row, 'null', missing.label, 'null');
    if (!batch.faults.has(row)) rows.push(row);
  }
  return rows;
}

function put(
  batch: Batch,
  inputs: readonly InputValues[],
  row: number,
  prepared: PreparedRow,
  { columns }: Preparation,
): void {
  if ('reason' in prepared) {
    batch.fault(row, prepared.reason, columns[0].label, prepared.message);
    return;
  }
  for (const [index, { values, shape }] of prepared.entries()) {
    const { rowValues, even, uneven } = inputs[index];
    if (rowValues === null) uneven[row] = { values, shape };
    else (even as Float64Array).set(values as Float64Array, row * rowValues);
  }
}
