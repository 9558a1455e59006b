// What scoring one split needs: its rows, and what a thread keeps open from split to split.
import type { Connection } from '../core/duckdb.ts';
import type { Preparer } from '../core/preparer.ts';
import type { Split } from '../core/split.ts';
import type { Session } from '../model/session.ts';
import type { ScoringFunctions } from './scoring-functions.ts';
import type { ScoringJob } from './scoring-job.ts';

/** Told of the rows done after every batch; false ends the split as interrupted. */
export type OnProgress = (rows: number, rejected: number) => boolean;

/** A row that ended an engine process, or made it stand still until it was ended. */
export interface CrashedAt {
  readonly shard: number;
  readonly row: number;
  readonly reason: 'crashed' | 'stalled';
  /** `signal SIGFPE`, `no progress for 10 min 00 s`; empty when it is not known. */
  readonly cause: string;
}

export interface SplitRequest {
  readonly job: ScoringJob;
  readonly split: Split;
  readonly attempt: number;
  readonly worker: number;
  readonly session: Session;
  /** One for each preparation of the binding. */
  readonly preparers: readonly Preparer[];
  /** Reads, and writes the part: temporary tables of a source are seen by this connection alone. */
  readonly reading: Connection;
  /** Of `reading`. */
  readonly functions: ScoringFunctions;
  /** Appends to tables while a stream is open on the other. */
  readonly appending: Connection;
  readonly stagingFolder: string;
  /** Key-value metadata of the part's footer, beside what the split itself says. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Rows that are rejected unseen. */
  readonly crashed: readonly CrashedAt[];
  readonly onProgress: OnProgress;
}
