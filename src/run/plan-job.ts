// `scoremill plan`: everything that a run would decide, with nothing written into the output folder.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspectOutput } from '../commit/inspect-output.ts';
import { layoutOf } from '../commit/layout.ts';
import { parseSize, usableCores, usableMemoryBytes } from '../core/resources.ts';
import { Engine } from '../engine/engine.ts';
import type { JobRequest } from '../job/load.ts';
import type { Plan } from '../plan/plan.ts';
import { decideOutput, type OutputDecision } from './open-output.ts';
import { preflightIn } from './preflight-in.ts';
import { type PreparedRun, prepareRun } from './prepare-run.ts';

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
  const { run } = prepared.job;
  const workers = run.workers === 'auto' ? Math.max(1, Math.floor(usableCores() / run.threadsPerWorker)) : run.workers;
  if (decision.kind === 'already-complete') return { prepared, decision: decision.kind, plan: null, doneSplits: decision.manifest.counts.splits, workers };
  const scratch = await mkdtemp(join(tmpdir(), 'scoremill-plan-'));
  try {
    await using engine = new Engine();
    const memoryBytes = run.memory === 'auto' ? Math.floor(usableMemoryBytes() * 0.8) : parseSize(run.memory);
    const plan = await preflightIn(engine, prepared, scratch, memoryBytes);
    const doneSplits = decision.kind === 'resume' ? decision.ledger.outcomes.size : 0;
    return { prepared, decision: decision.kind, plan, doneSplits, workers };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
