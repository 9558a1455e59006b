// The supervisor: one execution of a job from the job file to the published output. It owns the output folder, its lock and
// ledger, and loads no native code; whatever crashes, crashes in the engine process.
import { cleanUp, removeTraces } from '../commit/clean-up.ts';
import { discardEmpty } from '../commit/discard-empty.ts';
import { inspectOutput } from '../commit/inspect-output.ts';
import { layoutOf, type OutputLayout } from '../commit/layout.ts';
import { acquireLock, type Watched } from '../commit/lock.ts';
import { prepareOutput } from '../commit/prepare-output.ts';
import { parseDurationMs } from '../core/duration.ts';
import { requireStatistics } from './append-statistics.ts';
import { preparedFor } from './append-work.ts';
import { comparisonNotices } from './comparison-notices.ts';
import { decideOutput, type OutputDecision } from './open-output.ts';
import { type PreparedRun, prepareRun } from './prepare-run.ts';
import type { RunResult } from './run-result.ts';
import { type RunRequest, runWork, type Started } from './run-work.ts';
import { settleOutput } from './settle-output.ts';

/** Runs a job. Throws a FailureError for everything that is wrong before the first inference; it leaves no trace then. */
export async function runJob(request: RunRequest): Promise<RunResult> {
  const started = { wallMs: Date.now(), clockMs: performance.now() };
  const prepared = await prepareRun(request.job);
  const layout = layoutOf(prepared.job.output.path);
  const found = await inspectOutput(layout);
  const decision = decideOutput(found, layout, prepared, request.fresh ?? false);
  if (decision.kind === 'already-complete') {
    await cleanUp(layout);
    return alreadyComplete(layout, decision);
  }
  await prepareOutput(layout);
  try {
    return await runLocked(request, prepared, layout, started);
  } catch (error) {
    await discardEmpty(layout, { root: found.kind === 'absent' });
    throw error;
  }
}

async function runLocked(
  request: RunRequest,
  whole: PreparedRun,
  layout: OutputLayout,
  started: Started,
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
  return await runWork(request, { prepared: preparedFor(whole, work), layout, decision, work, lock, started });
}

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
