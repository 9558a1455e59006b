// `scoremill plan`: everything that a run would decide, with nothing written into the output folder.
import { inspectOutput } from '../commit/inspect-output.ts';
import { layoutOf } from '../commit/layout.ts';
import { TemporaryFolder } from '../core/temporary-folder.ts';
import { Engine } from '../engine/engine.ts';
import type { JobRequest } from '../job/load.ts';
import type { Plan } from '../plan/plan.ts';
import { decideOutput, type OutputDecision, requireSameRun } from './open-output.ts';
import { preflightIn } from './preflight-in.ts';
import { type PreparedRun, prepareRun } from './prepare-run.ts';
import { engineMemoryBytes, workersFor } from './room.ts';

export interface PlannedRun {
  readonly prepared: PreparedRun;
  readonly decision: OutputDecision['kind'];
  /** Null when the output is already complete. */
  readonly plan: Plan | null;
  /** Splits that an unfinished run has done. */
  readonly doneSplits: number;
  readonly workers: number;
}

/** Plans a job. Throws a FailureError for everything that would keep the run from its first inference. */
export async function planJob(request: { readonly job: JobRequest; readonly fresh?: boolean }): Promise<PlannedRun> {
  const prepared = await prepareRun(request.job);
  const layout = layoutOf(prepared.job.output.path);
  const decision = decideOutput(await inspectOutput(layout), layout, prepared, request.fresh ?? false);
  requireSameRun(decision, layout, prepared);
  const { run } = prepared.job;
  const workers = workersFor(run, Number.POSITIVE_INFINITY);
  if (decision.kind === 'already-complete')
    return { prepared, decision: decision.kind, plan: null, doneSplits: decision.manifest.counts.splits, workers };
  await using scratch = await TemporaryFolder.create();
  await using engine = new Engine();
  const plan = await preflightIn(engine, prepared, scratch.path, engineMemoryBytes(run));
  const doneSplits = decision.kind === 'resume' ? decision.ledger.outcomes.size : 0;
  return { prepared, decision: decision.kind, plan, doneSplits, workers };
}
