// Rows of a column of lists, or of raw bytes, on their way into a batch, one by one.
import type { Batch, InputValues, RowFault } from './batch.ts';
import type { BoundColumn } from './binding.ts';

/** Copies a row of the chunk to its place in the batch, or says why it does not fit. */
export type CopyRow = (row: number, target: number) => Omit<RowFault, 'column'> | null;

/** Copies rows [from, to) to the end of the batch; a row that does not fit becomes a fault. */
export function copyRows(
  batch: Batch,
  { rowValues, uneven }: InputValues,
  { label }: BoundColumn,
  from: number,
  to: number,
  copyRow: CopyRow,
): void {
  for (let row = from; row < to; row++) {
    const target = batch.rows + row - from;
    const fault = copyRow(row, target);
    if (fault === null) continue;
    batch.fault(target, fault.reason, label, fault.message);
    if (rowValues === null) uneven[target] = { values: [], shape: [] };
  }
}
