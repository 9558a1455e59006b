// The public API: what the command line does, for programs. Everything that happens is an event or a value; nothing prints.
import { type PlannedRun, planJob } from './run/plan-job.ts';
import { runJob } from './run/run-job.ts';
import { jobRequest, type PlanOptions, type RunOptions, runRequest } from './run/run-request.ts';
import type { RunResult } from './run/run-result.ts';

/**
 * Scores a dataset with a model and publishes the predictions, or resumes the run that was interrupted.
 *
 * The predictions keep the order of the input rows; rows in = scored + rejected + filtered. The work is done in a process
 * of its own with a worker thread for each core. Resolves when the run has ended, whatever the verdict; `result.failures`
 * says why nothing was published. Rejects with a FailureError for everything that is wrong before the first inference.
 *
 * ```ts
 * const result = await run({ model: 'model.onnx', dataset: 'data/*.parquet', output: 'scored' });
 * if (result.verdict === 'complete') console.log(result.stats.rowsPerSecond);
 * ```
 */
export function run(options: RunOptions): Promise<RunResult> {
  return runJob(runRequest(options));
}

/**
 * Checks a job against its model and its data and says what a run would do; writes nothing into the output folder.
 * Rejects with a FailureError that holds every problem found.
 */
export function plan(options: PlanOptions): Promise<PlannedRun> {
  return planJob({ job: jobRequest(options), fresh: options.fresh ?? false });
}

export type { Manifest } from './commit/manifest.ts';
export type { RunEvent, Verdict } from './core/event.ts';
export { describeFailure, exitCodeOf, type Failure, FailureError, type Reason } from './core/failure.ts';
export { version } from './core/version.ts';
export type { Job } from './job/schema.ts';
export type { PlannedRun } from './run/plan-job.ts';
export type { JobSettings, PlanOptions, RunOptions } from './run/run-request.ts';
export type { RunResult } from './run/run-result.ts';
export type { RunStats } from './stats/run-stats.ts';
