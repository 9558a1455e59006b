// The supervisor: one execution of a job that is loaded, to the published output. It owns the output folder, its lock and
// ledger, and loads no native code; whatever crashes, crashes in the engine process.
import { cleanUp, removeTraces } from '../commit/clean-up.ts';
import { discardEmpty } from '../commit/discard-empty.ts';
import { inspectOutput } from '../commit/inspect-output.ts';
import { layoutOf, type OutputLayout } from '../commit/layout.ts';
import { acquireLock, type Watched } from '../commit/lock.ts';
import { prepareOutput } from '../commit/prepare-output.ts';
import { parseDurationMs } from '../core/duration.ts';
import type { RunEvent } from '../core/event.ts';
import { failuresOf } from '../core/failure.ts';
import type { LoadedJob } from '../job/load.ts';
import type { Job } from '../job/schema.ts';
import type { Plan } from '../plan/plan.ts';
import { requireStatistics } from './append-statistics.ts';
import { preparedFor } from './append-work.ts';
import { comparisonNotices } from './comparison-notices.ts';
import { decideOutput, type OutputDecision } from './open-output.ts';
import { type PreparedRun, prepareLoaded } from './prepare-run.ts';
import type { RunResult } from './run-result.ts';
import { type RunRequest, runWork } from './run-work.ts';
import { settleOutput } from './settle-output.ts';
import type { Start } from './start.ts';
import type { Ended, Observers } from './tell-observers.ts';

/** Runs a job that is loaded, as `runJob` says. */
export async function runLoaded(request: RunRequest, loaded: LoadedJob, start: Start): Promise<RunResult> {
  const observers = await observersOf(request, loaded.job, start.wallMs);
  try {
    const watched = { ...request, onPlan: (plan: Plan) => observers?.planned(plan) };
    const result = await runPrepared(watched, await prepareLoaded(loaded), start);
    if (result.verdict !== 'complete') request.observe?.(finishedEvent(result, start));
    await observers?.ended(endedWith(result));
    return result;
  } catch (error) {
    const failures = failuresOf(error);
    const ending = failures[0].reason === 'interrupted' ? 'interrupted' : 'refused';
    await observers?.ended({ ...nothingScored, ending, failures });
    throw error;
  }
}

/** Those that the job asks for; null: nobody is to be told. */
async function observersOf(
  { job: { environment }, observe = () => {} }: RunRequest,
  job: Job,
  startedMs: number,
): Promise<Observers | null> {
  const { metrics, pushgateway, lineage } = job.observe;
  if ((metrics ?? pushgateway ?? lineage) === undefined) return null;
  const { tellObservers } = await import('./tell-observers.ts');
  return tellObservers({ job, startedMs, environment, observe });
}

async function runPrepared(request: RunRequest, prepared: PreparedRun, start: Start): Promise<RunResult> {
  const layout = layoutOf(prepared.job.output.path);
  const found = await inspectOutput(layout);
  const decision = decideOutput(found, layout, prepared, request.fresh ?? false);
  if (decision.kind === 'already-complete') {
    await cleanUp(layout);
    return alreadyComplete(layout, decision);
  }
  await prepareOutput(layout);
  try {
    return await runLocked(request, prepared, layout, start);
  } catch (error) {
    await discardEmpty(layout, { root: found.kind === 'absent' });
    throw error;
  }
}

async function runLocked(
  request: RunRequest,
  whole: PreparedRun,
  layout: OutputLayout,
  start: Start,
): Promise<RunResult> {
  const observe = request.observe ?? (() => {});
  const fresh = request.fresh ?? false;
  await using lock = await acquireLock(layout, {
    steal: request.stealLock ?? false,
    takeOverAfterMs: parseDurationMs(whole.job.run.takeOverAfter),
    onWatch: (watched) => observe({ event: 'notice', text: watchText(layout, watched) }),
    ...(request.signal && { signal: request.signal }),
  });
  const requireHeld = (): Promise<void> => lock.requireHeld();
  const { decision, hasFinished } = await settleOutput(layout, whole, { fresh, observe, requireHeld });
  if (decision.kind === 'already-complete') {
    await removeTraces(layout);
    return alreadyComplete(layout, decision, hasFinished);
  }
  const work = decision.kind === 'start-over' ? null : decision.work;
  await requireStatistics(layout, work);
  const comparison = decision.kind === 'score' ? decision.comparison : null;
  for (const text of comparison === null ? [] : comparisonNotices(comparison)) observe({ event: 'notice', text });
  return await runWork(request, { prepared: preparedFor(whole, work), layout, decision, work, lock, start });
}

/** How an execution ended that published nothing; one that did has told it. */
function finishedEvent(result: RunResult, { clockMs }: Start): RunEvent {
  const counts = result.verdict === 'already-complete' ? result.manifest.counts : result.stats;
  const { rows, scored, rejected, filtered, written } = counts;
  const wallMs = performance.now() - clockMs;
  return { event: 'run-finished', verdict: result.verdict, rows, scored, rejected, filtered, written, wallMs };
}

/** What an execution comes to, for those who are told. */
const endedWith = (result: RunResult): Ended =>
  result.verdict === 'already-complete'
    ? { ...nothingScored, ending: result.verdict, failures: [] }
    : { ...result, ending: result.verdict, resultRows: result.manifest?.counts.written ?? null };

const nothingScored = { stats: null, budgetRows: null, columns: [], resultRows: null };

const alreadyComplete = (
  layout: OutputLayout,
  { manifest, comparison }: Extract<OutputDecision, { readonly kind: 'already-complete' }>,
  hasFinished = false,
): RunResult => ({
  verdict: 'already-complete',
  outputPath: layout.root,
  manifest,
  gone: comparison?.gone ?? null,
  hasFinished,
});
const watchText = ({ root }: OutputLayout, { holder, silenceMs, isOver }: Watched): string => {
  const who = `process ${holder.pid} on host ${holder.host}`;
  return isOver
    ? `${who} gave no sign of life for ${silenceMs / 1000} s: its lock on ${root} is taken over`
    : `output ${root} is locked by ${who}, which cannot be seen from here: its lock is taken over when it gives no sign of life for ${silenceMs / 1000} s`;
};
