// What an observer may see of a run: plain data, in the order in which it happens. Nothing here changes the run.

/** How an execution of a job ended. */
export const verdicts = ['complete', 'already-complete', 'over-budget', 'interrupted', 'failed'] as const;
export type Verdict = (typeof verdicts)[number];

export interface RunStarted {
  readonly event: 'run-started';
  readonly runId: string;
  readonly job: string;
  readonly shards: number;
  readonly splits: number;
  readonly rows: number;
  readonly workers: number;
  readonly threadsPerWorker: number;
  readonly batchRows: number;
  /** Splits, and their rows, that an earlier execution finished. */
  readonly resumedSplits: number;
  readonly resumedRows: number;
}

export interface SplitFinished {
  readonly event: 'split-finished';
  readonly split: number;
  readonly attempt: number;
  readonly worker: number;
  readonly rows: number;
  readonly scored: number;
  readonly rejected: number;
  readonly filtered: number;
  readonly written: number;
  readonly wallMs: number;
}

/** Input rows behind us and rejects among them, over the whole job: resumed splits count. Sent after batches and after every split. */
export interface Progress {
  readonly event: 'progress';
  readonly rowsDone: number;
  readonly rejected: number;
}

/** A decision or adaptation that a user may want to know of. */
export interface Notice {
  readonly event: 'notice';
  readonly text: string;
}

/** Something a user should look at, though the run goes on. */
export interface Warning {
  readonly event: 'warning';
  readonly text: string;
}

export interface EngineRestarted {
  readonly event: 'engine-restarted';
  /** How many times in this execution, this one included. */
  readonly restarts: number;
  /** What ended it: `signal SIGFPE`, `exit code 134`, `no progress for 10 min 00 s`. */
  readonly cause: string;
  /** Splits that were being scored, and will be again; none when it ended as it was started. */
  readonly splits: readonly number[];
}

export interface Committing {
  readonly event: 'committing';
  readonly parts: number;
  readonly rows: number;
}

export interface RunFinished {
  readonly event: 'run-finished';
  readonly verdict: Verdict;
  readonly rows: number;
  readonly scored: number;
  readonly rejected: number;
  readonly filtered: number;
  readonly written: number;
  readonly wallMs: number;
}

export type RunEvent =
  | RunStarted
  | SplitFinished
  | Progress
  | Notice
  | Warning
  | EngineRestarted
  | Committing
  | RunFinished;
