// The part of a run between the lock and the end: preflight, scoring in the engine process with the ledger beside it, and the
// publication.
import { discardStaging } from '../commit/discard-empty.ts';
import type { OutputLayout } from '../commit/layout.ts';
import type { Lock } from '../commit/lock.ts';
import { prepareOutput } from '../commit/prepare-output.ts';
import { removeUnpublishedPage } from '../commit/unpublished-page.ts';
import type { RunEvent } from '../core/event.ts';
import type { SplitOutcome } from '../core/outcome.ts';
import { version } from '../core/version.ts';
import type { Engine } from '../engine/engine.ts';
import { causeOf } from '../engine/engine-death.ts';
import type { CrashedRow } from '../engine/protocol.ts';
import type { JobRequest } from '../job/load.ts';
import type { Plan } from '../plan/plan.ts';
import { RejectsCount } from '../report/rejects-summary.ts';
import { loadWriter } from '../report/write-table.ts';
import { type AppendWork, pinnedTypes, requireSameColumns } from './append-work.ts';
import { Budget } from './budget.ts';
import { dispatch } from './dispatch.ts';
import { finishRun } from './finish-run.ts';
import { openLedger } from './open-ledger.ts';
import { partMetadata } from './part-metadata.ts';
import { preflightIn } from './preflight-in.ts';
import type { PreparedRun } from './prepare-run.ts';
import { reportUnpublished } from './report-unpublished.ts';
import {
  crowdedText,
  engineMemoryBytes,
  isScoredInline,
  memoryBytesPerWorker,
  workersAhead,
  workersFor,
} from './room.ts';
import type { RunRecord } from './run-record.ts';
import { commonResult, type RunResult, unpublished } from './run-result.ts';
import type { SettledOutput } from './settle-output.ts';
import { loadEnd } from './stage-report.ts';
import { stallAfterMs } from './stall-limit.ts';
import type { Start } from './start.ts';

export interface RunRequest {
  readonly job: JobRequest;
  readonly runId?: string | undefined;
  /** Discard an unfinished run, replace a finished one. */
  readonly fresh?: boolean;
  readonly stealLock?: boolean;
  readonly observe?: (event: RunEvent) => void;
  /** Aborted: finish the batches that are being scored, keep what is done, and end as interrupted. */
  readonly signal?: AbortSignal;
  /** Aborted after `signal`: do not wait for these batches either; what they scored is scored again by the next run. */
  readonly giveUp?: AbortSignal;
  /** Called when the plan is made. */
  readonly onPlan?: (plan: Plan) => void;
}

/** What an execution has to do, once it holds the lock and knows what is in the output folder. */
export interface Work {
  /** Of the shards that are scored. */
  readonly prepared: PreparedRun;
  readonly layout: OutputLayout;
  readonly decision: Exclude<SettledOutput['decision'], { readonly kind: 'already-complete' }>;
  readonly work: AppendWork | null;
  readonly lock: Lock;
  readonly start: Start;
}

/** Scores what is left of a run and publishes it, or says in the result why nothing was published. */
export async function runWork(
  request: RunRequest,
  { prepared, layout, decision, work, lock, start }: Work,
): Promise<RunResult> {
  const { wallMs: startedMs, clockMs, progress, newEngine, early } = start;
  const observe = request.observe ?? (() => {});
  // What is scored without the lock is scored in vain.
  const signal = AbortSignal.any([lock.lost, ...(request.signal ? [request.signal] : [])]);
  const giveUp = AbortSignal.any([lock.lost, ...(request.giveUp ? [request.giveUp] : [])]);
  const requireHeld = (): Promise<void> => lock.requireHeld();
  // Whoever held the lock before may have removed the folders on leaving.
  await prepareOutput(layout);
  const { job } = prepared;
  const memoryBytes = engineMemoryBytes(job.run);
  let engine: Engine | undefined = early?.isAlive ? early : newEngine();
  try {
    const plan = await preflightIn(engine, prepared, layout.staging, memoryBytes, {
      signal,
      batchRows: (decision.kind === 'resume' ? decision.ledger.header : work?.base)?.batchRows,
      remembers: true,
      workersAhead: workersAhead(job.run, prepared.shards),
      pinnedTypes: pinnedTypes(work?.base ?? null),
    })
      .then((planned) => {
        requireSameColumns(planned.columns, work, layout.root);
        return planned;
      })
      .catch(async (error: unknown) => {
        await requireHeld();
        // What cannot be removed now is by the next run; the reason is the other error.
        if (decision.kind !== 'resume') await discardStaging(layout).catch(() => {});
        throw error;
      });
    let engineRestarts = engine.isAlive ? 0 : 1;
    request.onPlan?.(plan);
    for (const text of plan.notices) observe({ event: 'notice', text });
    const opened = await openLedger(decision, work, layout, prepared, plan, request.runId, { signal, requireHeld });
    await using ledger = opened.ledger;
    await removeUnpublishedPage(layout);
    const { runId, resumed } = opened;
    const preflightMs = performance.now() - clockMs;
    const scoringFromMs = performance.now();
    const done = new Set(resumed.map(({ split }) => split));
    const remaining = plan.splits.filter(({ index }) => !done.has(index));
    const workers = workersFor(job.run, remaining.length);
    const crowded = crowdedText(job.run);
    if (crowded !== null) observe({ event: 'warning', text: crowded });
    observe({
      event: 'run-started',
      runId,
      job: job.name,
      shards: plan.shards.length,
      splits: plan.splits.length,
      rows: plan.rows,
      workers,
      threadsPerWorker: plan.threads,
      batchRows: plan.batchRows,
      resumedSplits: resumed.length,
      resumedRows: sumOf(resumed, ({ rows }) => rows),
    });
    progress.begin(resumed);
    const outcomes: SplitOutcome[] = [];
    const budget = new Budget(job, plan.rows);
    for (const row of opened.crashed) budget.takeCrashed(row);
    for (const outcome of resumed) budget.take(outcome);
    const settings = {
      workers: isScoredInline(job.run, plan, remaining) ? 0 : workers,
      stagingFolder: layout.staging,
      memoryBytesPerWorker: memoryBytesPerWorker(memoryBytes, workers),
      metadata: partMetadata({
        runId,
        jobFingerprint: prepared.loaded.fingerprint,
        modelSha256: prepared.model.sha256,
        versions: { scoremill: version, onnxruntime: plan.versions.onnxruntime },
      }),
    };
    // There is nothing else to do here until the first split is done.
    loadWriter().catch(() => {});
    loadEnd(job).catch(() => {});
    const failures = await dispatch({
      splits: budget.isExceeded ? [] : remaining,
      workers,
      retries: job.run.retries,
      stallAfterMs: stallAfterMs(job.run, plan.expectedCallMs),
      crashed: opened.crashed,
      signal,
      giveUp,
      startEngine: async () => {
        const ready = engine?.isAlive ? engine : newEngine();
        engine = undefined;
        ready.start(plan, settings);
        return ready;
      },
      record: (entry) => ledger.append(entry),
      onOutcome: (outcome) => {
        outcomes.push(outcome);
        budget.take(outcome);
        progress.finish(outcome);
        return !budget.isExceeded;
      },
      onCrashedRow: (row) => {
        budget.takeCrashed(row);
        observe({ event: 'warning', text: crashedRowText(row, plan) });
        return !budget.isExceeded;
      },
      onEngineDeath: (death, splits) => {
        engineRestarts++;
        observe({ event: 'engine-restarted', restarts: engineRestarts, cause: causeOf(death), splits });
      },
      pathsOf: ({ pieces }) => [...new Set(pieces.map(({ shard }) => plan.shards[shard].path))],
      module: plan.transform?.path ?? null,
    });
    const record: RunRecord = {
      runId,
      prepared,
      plan,
      layout,
      outcomes,
      resumed,
      startedMs,
      firstStartedMs: opened.firstStartedMs,
      preflightMs,
      scoringMs: performance.now() - scoringFromMs,
      workers,
      engineRestarts,
      attempts: opened.attempts,
      replaces: decision.replaces,
      work,
    };
    await requireHeld();
    const rejects = new RejectsCount();
    const stopped = await unpublished(record, budget, failures, rejects);
    if (stopped !== null) {
      const { path: reportPath, problem } = await reportUnpublished(record, stopped, rejects.summary(), requireHeld);
      if (problem !== null) observe({ event: 'warning', text: `the report could not be written (${problem})` });
      return { ...stopped, reportPath };
    }
    observe({
      event: 'committing',
      parts: plan.splits.length,
      rows: sumOf([...resumed, ...outcomes], ({ written }) => written),
    });
    await requireHeld();
    await ledger.append({ kind: 'committing' });
    const { stats, columns, manifest, reportPath, warnings } = await finishRun(record, requireHeld);
    for (const text of warnings) observe({ event: 'warning', text });
    observe({
      event: 'run-finished',
      verdict: 'complete',
      rows: stats.rows,
      scored: stats.scored,
      rejected: stats.rejected,
      filtered: stats.filtered,
      written: stats.written,
      wallMs: stats.wallMs,
    });
    const rejectsPath = stats.rejected > 0 ? layout.rejects : null;
    const result = { stats, columns, manifest, rejectsPath, reportPath, failures: [] };
    return { ...commonResult(record, budget), verdict: 'complete', ...result };
  } catch (error) {
    // A run without its lock fails in many ways, and there is one reason.
    if (!(await lock.isHeld().catch(() => true))) await requireHeld();
    throw error;
  } finally {
    await engine?.kill();
  }
}

const crashedRowText = ({ shard, row, cause }: CrashedRow, { shards }: Plan): string =>
  `row ${row} of ${shards[shard].path} ended the engine process twice when it was scored alone (${cause}): it is rejected`;

const sumOf = (outcomes: readonly SplitOutcome[], value: (outcome: SplitOutcome) => number): number =>
  outcomes.reduce((sum, outcome) => sum + value(outcome), 0);
