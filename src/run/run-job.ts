// The supervisor: one execution of a job from the job file to the published output. It owns the output folder, its lock and
// ledger, and loads no native code; whatever crashes, crashes in the engine process.
import { randomBytes } from 'node:crypto';
import { discardUnfinished, lostParts } from '../commit/committer.ts';
import { inspectOutput } from '../commit/inspect-output.ts';
import { layoutOf, type OutputLayout } from '../commit/layout.ts';
import { compareHeaders, Ledger, type LedgerHeader } from '../commit/ledger.ts';
import { acquireLock } from '../commit/lock.ts';
import type { Manifest } from '../commit/manifest.ts';
import { prepareOutput, removeStrays } from '../commit/prepare-output.ts';
import type { RunEvent, Verdict } from '../core/event.ts';
import { type Failure, FailureError } from '../core/failure.ts';
import { canonicalJson, sha256OfText } from '../core/hash.ts';
import type { SplitOutcome } from '../core/outcome.ts';
import { parseSize, usableCores, usableMemoryBytes } from '../core/resources.ts';
import type { Reject } from '../core/split.ts';
import { version } from '../core/version.ts';
import { causeOf, Engine } from '../engine/engine.ts';
import type { CrashedRow } from '../engine/protocol.ts';
import type { Job } from '../job/schema.ts';
import type { JobRequest } from '../job/load.ts';
import { cutOf, type Plan } from '../plan/plan.ts';
import type { RunStats } from '../stats/run-stats.ts';
import { dispatch } from './dispatch.ts';
import { finishRun, partsOf, type RunRecord, stageRejects, statsOf } from './finish-run.ts';
import { decideOutput, type OutputDecision } from './open-output.ts';
import { preflightIn } from './preflight-in.ts';
import { type PreparedRun, prepareRun } from './prepare-run.ts';
import { Progress } from './progress.ts';

export interface RunRequest {
  readonly job: JobRequest;
  readonly runId?: string | undefined;
  /** Discard an unfinished run, replace a finished one. */
  readonly fresh?: boolean;
  readonly stealLock?: boolean;
  readonly observe?: (event: RunEvent) => void;
  /** Aborted: finish the batches that are being scored, keep what is done, and end as interrupted. */
  readonly signal?: AbortSignal;
}

export type RunResult =
  | { readonly verdict: 'already-complete'; readonly outputPath: string; readonly manifest: Manifest }
  | {
      readonly verdict: Exclude<Verdict, 'already-complete'>;
      readonly outputPath: string;
      readonly stats: RunStats;
      readonly manifest: Manifest | null;
      readonly parts: number;
      readonly firstRejects: readonly (Reject & { readonly shardPath: string })[];
      readonly rejectsPath: string | null;
      readonly budgetRows: number;
      /** Why nothing was published. */
      readonly failures: readonly Failure[];
    };

/** Runs a job. Throws a FailureError for everything that is wrong before the first inference. */
export async function runJob(request: RunRequest): Promise<RunResult> {
  const startedMs = Date.now();
  const clockMs = performance.now();
  const observe = request.observe ?? (() => {});
  const signal = request.signal ?? new AbortController().signal;
  const prepared = await prepareRun(request.job);
  const layout = layoutOf(prepared.job.output.path);
  const fresh = request.fresh ?? false;
  const first = decideOutput(await inspectOutput(layout), layout, prepared, fresh);
  if (first.kind === 'already-complete') return { verdict: 'already-complete', outputPath: layout.root, manifest: first.manifest };
  await prepareOutput(layout);
  await using lock = await acquireLock(layout, { steal: request.stealLock ?? false });
  const decision = decideOutput(await inspectOutput(layout), layout, prepared, fresh);
  if (decision.kind === 'already-complete') return { verdict: 'already-complete', outputPath: layout.root, manifest: decision.manifest };
  if (decision.kind === 'start-over') {
    await discardUnfinished(layout, decision.ledger);
    await prepareOutput(layout);
  }
  const { job } = prepared;
  const memoryBytes = job.run.memory === 'auto' ? Math.floor(usableMemoryBytes() * 0.8) : parseSize(job.run.memory);
  const progress = new Progress(observe);
  let engine: Engine | undefined = new Engine((inFlight) => progress.update(inFlight));
  let engineRestarts = 0;
  try {
    const plan = await preflightIn(engine, prepared, layout.staging, memoryBytes);
    for (const text of plan.notices) observe({ event: 'notice', text });
    const opened = await openLedger(decision, layout, prepared, plan, request.runId);
    await using ledger = opened.ledger;
    const { runId, resumed } = opened;
    const preflightMs = performance.now() - clockMs;
    const scoringFromMs = performance.now();
    const done = new Set(resumed.map(({ split }) => split));
    const remaining = plan.splits.filter(({ index }) => !done.has(index));
    const workers = workersFor(job, remaining.length, observe);
    const budgetRows = budgetOf(job, plan.rows);
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
    let rejected = sumOf(resumed, (outcome) => outcome.rejected);
    const settings = {
      workers: job.run.workers === 0 ? 0 : Math.max(1, workers),
      stagingFolder: layout.staging,
      memoryBytesPerWorker: Math.max(256 * 2 ** 20, Math.floor((memoryBytes * 0.7) / Math.max(1, workers))),
      metadata: {
        'scoremill.run': runId,
        'scoremill.version': version,
        'scoremill.job': prepared.loaded.fingerprint,
        'scoremill.model': prepared.model.sha256,
        'scoremill.onnxruntime': plan.versions.onnxruntime,
      },
    };
    const failures = [
      ...(await dispatch({
        splits: rejected > budgetRows ? [] : remaining,
        workers,
        retries: job.run.retries,
        crashed: opened.crashed,
        signal,
        startEngine: async () => {
          const ready = engine ?? new Engine((inFlight) => progress.update(inFlight));
          engine = undefined;
          ready.start(plan, settings);
          return ready;
        },
        record: (entry) => ledger.append(entry),
        onOutcome: (outcome) => {
          outcomes.push(outcome);
          rejected += outcome.rejected;
          progress.finish(outcome);
          return rejected <= budgetRows;
        },
        onEngineDeath: (death, splits) => {
          engineRestarts++;
          observe({ event: 'engine-restarted', restarts: engineRestarts, cause: causeOf(death), splits });
        },
        pathsOf: ({ pieces }) => [...new Set(pieces.map(({ shard }) => plan.shards[shard].path))],
      })),
    ];
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
    };
    const all = [...resumed, ...outcomes].sort((a, b) => a.split - b.split);
    const firstRejects = all
      .flatMap((outcome) => outcome.firstRejects)
      .slice(0, 5)
      .map((reject) => ({ ...reject, shardPath: plan.shards[reject.shard].path }));
    const result = { outputPath: layout.root, parts: all.length, firstRejects, budgetRows };
    if (rejected > budgetRows) {
      const rejectsPath = (await stageRejects(record, all)) ?? '';
      failures.push({
        reason: 'over-budget',
        rejected,
        budget: String(job.rejects.budget),
        first: firstRejects.slice(0, 3).map(({ shardPath, row, column, message }) => `${shardPath} row ${row}${column === null ? '' : ` column "${column}"`}: ${message}`),
        rejectsPath,
      });
      return { ...result, verdict: 'over-budget', stats: statsOf(record, 'over-budget', 0), manifest: null, rejectsPath, failures };
    }
    if (failures.length > 0 || all.length < plan.splits.length) {
      const verdict = failures.length > 0 ? 'failed' : 'interrupted';
      return { ...result, verdict, stats: statsOf(record, verdict, 0), manifest: null, rejectsPath: null, failures };
    }
    observe({ event: 'committing', parts: all.length, rows: sumOf(all, ({ scored }) => scored) });
    await ledger.append({ kind: 'committing' });
    await lock.requireHeld();
    const { stats, manifest } = await finishRun(record);
    observe({ event: 'run-finished', verdict: 'complete', rows: stats.rows, scored: stats.scored, rejected: stats.rejected, filtered: stats.filtered, wallMs: stats.wallMs });
    return { ...result, verdict: 'complete', stats, manifest, rejectsPath: stats.rejected > 0 ? layout.rejects : null, failures: [] };
  } finally {
    await engine?.kill();
  }
}

interface OpenedLedger {
  readonly ledger: Ledger;
  readonly runId: string;
  readonly resumed: readonly SplitOutcome[];
  readonly crashed: readonly CrashedRow[];
  readonly firstStartedMs: number;
  readonly attempts: number;
}

/** A new ledger, or the one of the unfinished run with every split whose part is still there. */
async function openLedger(
  decision: OutputDecision,
  layout: OutputLayout,
  prepared: PreparedRun,
  plan: Plan,
  wantedRunId: string | undefined,
): Promise<OpenedLedger> {
  const createdMs = Date.now();
  const header: LedgerHeader = {
    format: 1,
    runId: wantedRunId ?? newRunId(createdMs),
    createdMs,
    scoremill: version,
    jobFingerprint: prepared.loaded.fingerprint,
    modelSha256: prepared.model.sha256,
    inputFingerprint: prepared.inputFingerprint,
    splitsFingerprint: sha256OfText(canonicalJson(cutOf(plan))),
    batchRows: plan.batchRows,
    facts: prepared.facts,
  };
  const old = decision.kind === 'resume' ? decision.ledger : null;
  if (old === null || old.header === null) {
    await removeStrays(layout, plainCopies(plan));
    return { ledger: await Ledger.create(layout.ledger, header), runId: header.runId, resumed: [], crashed: [], firstStartedMs: createdMs, attempts: 1 };
  }
  const changes = compareHeaders(old.header, { ...header, runId: old.header.runId });
  if (changes.length > 0) throw new FailureError({ reason: 'resume-mismatch', output: layout.root, changes });
  const { runId } = old.header;
  const known = [...old.outcomes.values()].filter(({ split }) => split < plan.splits.length);
  const lost = new Set((await lostParts(layout, partsOf({ runId, plan }, known))).map(({ part }) => part.stagedName));
  const resumed = known.filter(({ part }) => !lost.has(part.name));
  const kept = resumed.flatMap(({ part, rejects }) => [part.name, ...(rejects === null ? [] : [rejects.name])]);
  await removeStrays(layout, new Set([...kept, ...plainCopies(plan)]));
  const starts = 1 + old.entries.filter(({ kind }) => kind === 'resumed').length;
  const ledger = await Ledger.resume(layout.ledger, old);
  await ledger.append({ kind: 'resumed', atMs: createdMs });
  const crashed = old.entries.filter((entry) => entry.kind === 'crashed-row').map(({ split, shard, row }) => ({ split, shard, row }));
  return { ledger, runId, resumed, crashed, firstStartedMs: old.header.createdMs, attempts: starts + 1 };
}

const plainCopies = ({ shards }: Plan): Set<string> =>
  new Set(shards.flatMap(({ plainPath }) => (plainPath === null ? [] : [plainPath.slice(plainPath.lastIndexOf('/') + 1)])));

const newRunId = (nowMs: number): string =>
  `${new Date(nowMs).toISOString().replace(/[-:]/g, '').replace(/\.\d+/, '')}-${randomBytes(3).toString('hex')}`;

function workersFor({ run }: Job, splits: number, observe: (event: RunEvent) => void): number {
  const cores = usableCores();
  if (run.workers === 'auto') return Math.max(1, Math.min(Math.floor(cores / run.threadsPerWorker) || 1, splits));
  if (run.workers * run.threadsPerWorker > cores) {
    const text = `${run.workers} workers of ${run.threadsPerWorker} threads are more than the ${cores} usable cores: they will slow each other down`;
    observe({ event: 'warning', text });
  }
  return Math.max(1, Math.min(run.workers, splits));
}

/** The most rejects that a job admits. */
function budgetOf({ rejects: { budget } }: Job, rows: number): number {
  return typeof budget === 'number' ? budget : Math.floor((rows * Number.parseFloat(budget)) / 100);
}

const sumOf = (outcomes: readonly SplitOutcome[], value: (outcome: SplitOutcome) => number): number =>
  outcomes.reduce((sum, outcome) => sum + value(outcome), 0);

