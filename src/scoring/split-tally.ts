// What is counted while the batches of a split are scored.
import type { Reject } from '../core/split.ts';
import { emptyHistogram, record } from '../stats/histogram.ts';
import type { Batch } from './batch.ts';
import type { FailedRow } from './transformed-results.ts';

export class SplitTally {
  readonly rejects: Reject[];
  readonly latencies = emptyHistogram();
  batches = 0;
  read = 0;
  scored = 0;

  /** `unreadable`: rows that are rejects before any batch is read. */
  constructor(unreadable: readonly Reject[]) {
    this.rejects = [...unreadable];
  }

  /** A call of the model whose results count. */
  takeCall(elapsedMs: number): void {
    this.batches++;
    record(this.latencies, elapsedMs);
  }

  /** A row that was scored for nothing, since the job's module throws on its results. */
  takeBack({ shard, row, message }: FailedRow): void {
    this.scored--;
    this.rejects.push({ shard, row, reason: 'transform-failed', column: null, message, content: null });
  }

  /** A batch that was scored, with the faults of its rows. */
  takeBatch({ shard, rows, rowNumbers, faults }: Batch): void {
    this.read += rows;
    this.scored += rows - faults.size;
    for (const [row, fault] of faults) this.rejects.push({ shard, row: rowNumbers[row], ...fault, content: null });
  }
}
