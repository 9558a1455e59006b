// What a caller of the library gives, as the requests that planning and running are made from. The command line's rules
// hold: what is given here wins over the job file, and the job schema judges every value.
import { resolve } from 'node:path';
import type { RunEvent } from '../core/event.ts';
import type { JobRequest } from '../job/load.ts';
import { isMapping, type Mapping, type Override } from '../job/overrides.ts';
import type { jobSchema } from '../job/schema.ts';
import type { RunRequest } from './run-work.ts';

/** A job as its file writes it, with any key left out. */
export type JobSettings = Partially<(typeof jobSchema)['_input']>;

type Partially<Value> = Value extends readonly (infer Item)[]
  ? readonly Item[]
  : Value extends object
    ? { readonly [Key in keyof Value]?: Partially<Value[Key]> | undefined }
    : Value;

export interface PlanOptions {
  /** A job file. Without it, `model`, `dataset` and `output` are needed. */
  readonly job?: string | undefined;
  /** An .onnx file, or a folder that holds one. */
  readonly model?: string | undefined;
  /** A file, a folder, a glob, or a list of them. */
  readonly dataset?: string | readonly string[] | undefined;
  /** The folder for the predictions. */
  readonly output?: string | undefined;
  /** Any other keys of the job file, laid over it one by one. A model input or output, and a list, is replaced whole. */
  readonly settings?: JobSettings | undefined;
  /** YYYY-MM-DD for `{{ ds }}`; by default today in UTC. */
  readonly date?: string | undefined;
  /** Values for `{{ params.NAME }}`. */
  readonly params?: Readonly<Record<string, string>> | undefined;
  /** The name of this run, also for `{{ run_id }}`; by default a new one. */
  readonly runId?: string | undefined;
  /** Discard an unfinished run, replace a finished one. */
  readonly fresh?: boolean | undefined;
  /** Where relative paths start, other than those in the job file; by default the working directory. */
  readonly workingFolder?: string | undefined;
  /** Values for `${NAME}` in the job file; by default the environment of this process. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
}

export interface RunOptions extends PlanOptions {
  /** Take the lock of the output folder from a run that is known to be dead. */
  readonly stealLock?: boolean | undefined;
  /** Aborted: the batches that are being scored are finished, what is done is kept, and the run ends as interrupted. */
  readonly signal?: AbortSignal | undefined;
  /** Called for everything that happens, in its order. */
  readonly onEvent?: ((event: RunEvent) => void) | undefined;
}

export interface InspectOptions {
  /** How a job would read it: which version or variant of a model, the format of a dataset and how its CSV is written. */
  readonly settings?: Pick<JobSettings, 'model' | 'dataset'> | undefined;
  /** Where a relative path starts; by default the working directory. */
  readonly workingFolder?: string | undefined;
}

export function inspectRequest(path: string, { settings = {}, workingFolder = '.' }: InspectOptions) {
  return { path: resolve(workingFolder, path), overrides: overridesOf(settings, []) };
}

/** `observe` sees every event before `onEvent` does. */
export function runRequest(
  { stealLock = false, signal, onEvent, ...options }: RunOptions,
  observe: (event: RunEvent) => void = () => {},
): RunRequest {
  return {
    job: jobRequest(options),
    runId: options.runId,
    fresh: options.fresh ?? false,
    stealLock,
    ...(signal && { signal }),
    observe: (event) => {
      observe(event);
      onEvent?.(event);
    },
  };
}

export function jobRequest(options: PlanOptions): JobRequest {
  const { job, model, dataset, output, settings = {}, date, params = {}, runId } = options;
  const named: readonly Override[] = [
    { source: 'model', path: ['model', 'path'], value: model },
    { source: 'dataset', path: ['dataset', 'path'], value: dataset },
    { source: 'output', path: ['output', 'path'], value: output },
  ];
  return {
    jobPath: job,
    overrides: [...overridesOf(settings, []), ...named.filter(({ value }) => value !== undefined)],
    date,
    params,
    runId,
    workingFolder: resolve(options.workingFolder ?? '.'),
    environment: options.environment ?? process.env,
  };
}

/** One override for each value in the settings. What feeds a model input, or is made of an output, is one value. */
function overridesOf(settings: Mapping, parent: readonly string[]): readonly Override[] {
  return Object.entries(settings).flatMap(([key, value]): readonly Override[] => {
    if (value === undefined) return [];
    const path = [...parent, key];
    const isWhole = parent[0] === 'inputs' || parent[0] === 'outputs';
    if (isMapping(value) && !isWhole) return overridesOf(value, path);
    return [{ source: `settings.${path.join('.')}`, path, value }];
  });
}
