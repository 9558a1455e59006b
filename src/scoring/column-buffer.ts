// Up to one chunk of values of one result column, gathered row by row from the calls that scored them.
import type { Vector } from '../core/duckdb.ts';
import type { CallOutput, ScoredBatch } from './score-batch.ts';

/** Rows of a batch, and where they go in the chunk. */
export interface RowRange {
  readonly from: number;
  readonly count: number;
  readonly to: number;
}

export interface ColumnBuffer {
  /** Memory held beyond what is allocated for good. */
  readonly bytes: number;
  /** Takes the values of rows of a batch from the calls of the column's output. */
  add(scored: ScoredBatch, calls: readonly CallOutput[], range: RowRange): void;
  /** Writes the first `rows` rows and forgets them. Rows that were not scored hold anything. */
  write(vector: Vector, rows: number): void;
}
