// A job for a model and a dataset that nobody has described yet: planned as `scoremill plan` would, and where that cannot tell
// which columns are meant, what it could tell. Nothing is written.
import { resolve } from 'node:path';
import { type Failure, FailureError } from '../core/failure.ts';
import { bindingFailures } from '../core/failures/binding.ts';
import { TemporaryFolder } from '../core/temporary-folder.ts';
import { applyOverrides, type Mapping, type Override } from '../job/overrides.ts';
import { type Model, readModel } from '../model/model-file.ts';
import type { Plan } from '../plan/plan.ts';
import { type DatasetInspection, inspectDataset } from './inspect-dataset.ts';
import { planJob } from './plan-job.ts';
import { type PreparedRun, prepareRun } from './prepare-run.ts';
import { type SuggestedInput, suggestBinding } from './suggest-binding.ts';
import { type SuggestedResult, suggestResults } from './suggest-results.ts';

export interface JobProposal {
  /** What was said: the keys of the job file that are no proposal. */
  readonly settings: Mapping;
  readonly prepared: PreparedRun;
  readonly signature: Model['signature'];
  readonly binding: readonly SuggestedInput[];
  readonly results: readonly SuggestedResult[];
  readonly dataset: DatasetInspection;
  /** What a run would do; null when it cannot be told without being said which columns are meant. */
  readonly plan: Plan | null;
  /** Why it cannot be told. */
  readonly open: readonly Failure[];
}

export interface ProposalRequest {
  /** Must name a model and a dataset; an output folder is not looked at. */
  readonly overrides: readonly Override[];
  /** Absolute: where relative paths start. */
  readonly workingFolder: string;
}

/** Proposes a job. Throws a FailureError for everything that saying more in the job could not mend. */
export async function proposeJob({ overrides, workingFolder }: ProposalRequest): Promise<JobProposal> {
  await using scratch = await TemporaryFolder.create();
  const output: Override = { source: 'output', path: ['output', 'path'], value: resolve(scratch.path, 'scored') };
  const job = { overrides: [...overrides, output], environment: {}, params: {}, workingFolder };
  const prepared = await prepareRun(job);
  const { signature } = await readModel(prepared.job.model.path, { identity: prepared.model, folder: prepared.folder });
  const { path, ...reading } = prepared.job.dataset;
  const dataset = await inspectDataset(path[0], reading);
  const [broken, ...more] = dataset.failures;
  if (broken !== undefined) throw new FailureError(broken, ...more);
  return {
    settings: applyOverrides({}, overrides),
    prepared,
    signature,
    binding: suggestBinding(signature, prepared.folder.tokenizerPath !== null),
    results: suggestResults(signature),
    dataset,
    ...(await planned(() => planJob({ job }))),
  };
}

/** A failure of binding is an answer here: the job file is where it is mended. */
async function planned(
  plan: () => ReturnType<typeof planJob>,
): Promise<{ readonly plan: Plan | null; readonly open: readonly Failure[] }> {
  try {
    return { plan: (await plan()).plan, open: [] };
  } catch (error) {
    if (!(error instanceof FailureError)) throw error;
    if (!error.failures.every(({ reason }) => Object.hasOwn(bindingFailures, reason))) throw error;
    return { plan: null, open: error.failures };
  }
}
