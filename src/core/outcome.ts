// What a worker reports of one finished split: plain data that crosses the thread, the process and the ledger.
import type { ColumnSketch } from './column-sketch.ts';
import type { Reject } from './split.ts';

/** Where a worker's time goes, in the order in which a split passes through. */
export const stages = ['open', 'read', 'bind', 'infer', 'write', 'commit'] as const;
export type Stage = (typeof stages)[number];

/** Milliseconds since the split began, rows done, resident bytes of the process. */
export type TracePoint = readonly [elapsedMs: number, rows: number, memoryBytes: number];

/** A file under the staging folder, closed and synced. */
export interface StagedFile {
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
}

export interface SplitOutcome {
  readonly split: number;
  readonly attempt: number;
  readonly worker: number;
  /** rows = scored + rejected + filtered, always. */
  readonly rows: number;
  readonly scored: number;
  readonly rejected: number;
  /** Rows that the job's `where` leaves out. */
  readonly filtered: number;
  /** Rows of the part: the scored ones, without those that the job's `output.where` holds back. */
  readonly written: number;
  readonly part: StagedFile;
  /** JSON Lines of Reject; null when nothing was rejected. */
  readonly rejects: StagedFile | null;
  readonly firstRejects: readonly Reject[];
  readonly startedMs: number;
  readonly wallMs: number;
  /** Milliseconds by stage; they add up to wallMs. */
  readonly stageMs: Readonly<Record<Stage, number>>;
  readonly batches: number;
  /** Counts of `session.run` durations in the buckets of stats/histogram. */
  readonly batchLatency: readonly number[];
  readonly readBytes: number;
  readonly peakMemoryBytes: number;
  /** Rows done and resident bytes at a few moments; see stats/trace. */
  readonly trace: readonly TracePoint[];
  /** Of each column that is summarised; null when the job wants no summary. */
  readonly sketches: readonly ColumnSketch[] | null;
}
