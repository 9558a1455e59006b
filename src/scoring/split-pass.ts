// What the two ways to score a split are given, and what they give back.
import type { WrittenPart } from '../sink/parquet.ts';
import type { Stopwatch } from '../stats/stopwatch.ts';
import type { Batch } from './batch.ts';
import type { ScoredBatch } from './score-batch.ts';
import type { SplitRequest } from './split-request.ts';
import type { FailedRow } from './transformed-results.ts';

export interface SplitPass {
  readonly request: SplitRequest;
  /** SQL for a FROM clause: the rows to score, in order, with the hidden columns. */
  readonly relation: string;
  readonly hasFaults: boolean;
  readonly stopwatch: Stopwatch;
  /** Scores a batch and counts its rows. */
  readonly score: (batch: Batch) => ScoredBatch;
  /** Forgets the batches that were scored: the split is scored from its first row again. */
  readonly startOver: () => void;
  /** Writes the part from a query of its rows. */
  readonly write: (query: string) => Promise<WrittenPart>;
}

export interface ScoredRows {
  readonly written: number;
  /** Scored rows that the job does not want written. */
  readonly heldBack: number;
  /** Scored rows that the module of the job threw on. */
  readonly failed?: readonly FailedRow[];
}
