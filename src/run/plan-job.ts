// `scoremill plan`: everything that a run would decide, with nothing written into the output folder.
import { inspectOutput, type OutputState } from '../commit/inspect-output.ts';
import { layoutOf, type OutputLayout } from '../commit/layout.ts';
import type { Shard } from '../core/split.ts';
import { TemporaryFolder } from '../core/temporary-folder.ts';
import { Engine } from '../engine/engine.ts';
import type { JobRequest } from '../job/load.ts';
import type { Plan } from '../plan/plan.ts';
import { type AppendWork, pinnedTypes, preparedFor, requireSameColumns } from './append-work.ts';
import { compareShards, type ShardComparison, type ShardState } from './compare-shards.ts';
import { decideOutput, type OutputDecision, requireSameRun } from './open-output.ts';
import { preflightIn } from './preflight-in.ts';
import { type PreparedRun, prepareRun } from './prepare-run.ts';
import { engineMemoryBytes, workersFor } from './room.ts';

export interface PlannedRun {
  readonly prepared: PreparedRun;
  readonly decision: Exclude<OutputDecision['kind'], 'finish'>;
  /** Null when the output is already complete. */
  readonly plan: Plan | null;
  /** Splits that an unfinished run has done. */
  readonly doneSplits: number;
  readonly workers: number;
  /** Of a growing dataset (`output.ifExists: append`) of which some is scored: every shard, with why it is scored or not. */
  readonly growth: {
    /** `later`: it came after the unfinished run had begun, and is for the next one. */
    readonly shards: readonly { readonly path: string; readonly state: ShardState | 'later' }[];
    /** No longer in the dataset; their rows stay in the result. */
    readonly gone: readonly string[];
    /** Parts that are made anew. */
    readonly replaced: readonly string[];
  } | null;
}

/** Plans a job. Throws a FailureError for everything that would keep the run from its first inference. */
export async function planJob(request: { readonly job: JobRequest; readonly fresh?: boolean }): Promise<PlannedRun> {
  const prepared = await prepareRun(request.job);
  const layout = layoutOf(prepared.job.output.path);
  const state = await inspectOutput(layout);
  const decision = decideAhead(state, layout, prepared, request.fresh ?? false);
  requireSameRun(decision, layout, prepared);
  const { run } = prepared.job;
  const workers = workersFor(run, Number.POSITIVE_INFINITY);
  const common = { prepared, decision: decision.kind, workers };
  if (decision.kind === 'already-complete') {
    const { manifest, comparison } = decision;
    return { ...common, plan: null, doneSplits: manifest.counts.splits, growth: growthOf(prepared.shards, comparison) };
  }
  const work = decision.kind === 'start-over' ? null : decision.work;
  await using scratch = await TemporaryFolder.create();
  await using engine = new Engine();
  const plan = await preflightIn(engine, preparedFor(prepared, work), scratch.path, engineMemoryBytes(run), {
    batchRows: (decision.kind === 'resume' ? decision.ledger.header : work?.base)?.batchRows,
    pinnedTypes: pinnedTypes(work?.base ?? null),
  });
  requireSameColumns(plan.columns, work, layout.root);
  const isResumed = decision.kind === 'resume';
  const base = work?.base ?? null;
  const comparison = base === null ? null : compareShards(prepared.shards, base, layout.root);
  return {
    ...common,
    plan,
    doneSplits: isResumed ? decision.ledger.outcomes.size : 0,
    growth: growthOf(prepared.shards, comparison, isResumed ? work : null),
  };
}

/** What a run would decide once it has tidied up or thrown away what it cannot go on with. */
function decideAhead(
  state: OutputState,
  layout: OutputLayout,
  prepared: PreparedRun,
  fresh: boolean,
): Exclude<OutputDecision, { readonly kind: 'finish' }> {
  const decision = decideOutput(state, layout, prepared, fresh);
  const isAppend = prepared.job.output.ifExists === 'append';
  if (decision.kind !== 'finish' && !(decision.kind === 'start-over' && isAppend)) return decision;
  const manifest = state.kind === 'unfinished' ? state.previous : null;
  const after: OutputState =
    manifest === null ? { kind: 'empty' } : { kind: 'complete', manifest, success: true, lost: [], foreign: [] };
  return decideAhead(after, layout, prepared, false);
}

/** The shards with what a run would do with them; null where the dataset is not one that grows. */
function growthOf(
  listed: readonly Shard[],
  comparison: ShardComparison | null,
  resumed: AppendWork | null = null,
): PlannedRun['growth'] {
  if (comparison === null) return null;
  const { states, gone, replaced } = comparison;
  const own = resumed === null ? null : new Set(resumed.header.shards.map(({ path }) => path));
  const shards = listed.map(({ path }, i) => ({
    path,
    state: states[i] === 'done' || own === null || own.has(path) ? states[i] : ('later' as const),
  }));
  return { shards, gone, replaced };
}
