// The rows that a source delivers with a value that does not fit its type, or that the job's transform threw on.
import type { Batch, RowFault } from './batch.ts';

/** Marks rows [from, to) of a chunk, about to be added to the batch, for which the source says so. */
export function addFaults(batch: Batch, faults: readonly (string | null)[], from: number, to: number): void {
  for (let row = from; row < to; row++) {
    const text = faults[row];
    if (text === null) continue;
    const {
      reason = 'value-misfit',
      column,
      message,
    } = JSON.parse(text) as Partial<RowFault> & Omit<RowFault, 'reason'>;
    batch.fault(batch.rows + row - from, reason, column, message);
  }
}
