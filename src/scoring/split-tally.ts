// What is counted while the batches of a split are scored.
import type { Reject } from '../core/split.ts';
import { emptyHistogram, record } from '../stats/histogram.ts';
import type { Batch } from './batch.ts';
import { ColumnSampler } from './column-sampler.ts';
import type { ScoredBatch } from './score-batch.ts';
import type { ScoringJob } from './scoring-job.ts';
import type { FailedRow } from './transformed-results.ts';

export class SplitTally {
  readonly rejects: Reject[];
  readonly latencies = emptyHistogram();
  /** Null where the job wants no summary of its columns. */
  readonly sampler: ColumnSampler | null;
  batches = 0;
  read = 0;
  scored = 0;

  /** `unreadable`: rows that are rejects before any batch is read. */
  constructor(unreadable: readonly Reject[], { binding, sample }: Pick<ScoringJob, 'binding' | 'sample'>) {
    this.rejects = [...unreadable];
    this.sampler = sample === null ? null : new ColumnSampler(binding, sample);
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
  takeBatch(batch: Batch, scored: ScoredBatch): void {
    const { shard, rows, rowNumbers, faults } = batch;
    this.sampler?.observe(batch, scored);
    this.read += rows;
    this.scored += rows - faults.size;
    for (const [row, fault] of faults) this.rejects.push({ shard, row: rowNumbers[row], ...fault, content: null });
  }
}
