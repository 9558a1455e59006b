// The public API: what the command line does, for programs. Everything that happens is an event or a value; nothing prints.
import { type Inspection, inspectPath } from './run/inspect-path.ts';
import { type PlannedRun, planJob } from './run/plan-job.ts';
import { runJob } from './run/run-job.ts';
import {
  type InspectOptions,
  inspectRequest,
  jobRequest,
  type PlanOptions,
  type RunOptions,
  runRequest,
} from './run/run-request.ts';
import { type StartedRun, startedRun } from './run/started-run.ts';

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
 *
 * const started = run({ job: 'jobs/churn.yaml' });
 * for await (const event of started) if (event.event === 'progress') console.log(event.rowsDone);
 * console.log((await started).verdict);
 * ```
 */
export function run(options: RunOptions): StartedRun {
  return startedRun(async (observe) => runJob(runRequest(options, observe)));
}

/**
 * Checks a job against its model and its data and says what a run would do; writes nothing into the output folder.
 * Rejects with a FailureError that holds every problem found.
 */
export function plan(options: PlanOptions): Promise<PlannedRun> {
  return planJob({ job: jobRequest(options), fresh: options.fresh ?? false });
}

/**
 * Describes a model, a dataset or an output folder: `kind` tells which. Nothing is written anywhere but to a temporary folder.
 * Rejects with a FailureError when there is nothing that can be described.
 */
export async function inspect(path: string, options: InspectOptions = {}): Promise<Inspection> {
  const request = inspectRequest(path, options);
  return inspectPath(request.path, request.overrides);
}

export type { Manifest } from './commit/manifest.ts';
export type { RunEvent, Verdict } from './core/event.ts';
export { describeFailure, exitCodeOf, type Failure, FailureError, type Reason } from './core/failure.ts';
export { version } from './core/version.ts';
export type { Job } from './job/schema.ts';
export type { DatasetInspection } from './run/inspect-dataset.ts';
export type { ModelInspection } from './run/inspect-model.ts';
export type { OutputInspection } from './run/inspect-output-folder.ts';
export type { Inspection } from './run/inspect-path.ts';
export type { PlannedRun } from './run/plan-job.ts';
export type { InspectOptions, JobSettings, PlanOptions, RunOptions } from './run/run-request.ts';
export type { RunResult } from './run/run-result.ts';
export type { StartedRun } from './run/started-run.ts';
export type { RunStats } from './stats/run-stats.ts';
export type { Transform, TransformContext, TransformedColumns } from './transform/transform.ts';
