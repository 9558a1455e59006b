// Scores whole splits of a finished run again, into a temporary folder, and compares the bytes. Whole splits, because the
// last bits of a prediction may depend on the batch that its row was in.
import { join } from 'node:path';
import { type OutputLayout, partPath } from '../commit/layout.ts';
import type { Manifest } from '../commit/manifest.ts';
import type { RunEvent } from '../core/event.ts';
import { type Failure, FailureError } from '../core/failure.ts';
import type { SplitOutcome } from '../core/outcome.ts';
import { TemporaryFolder } from '../core/temporary-folder.ts';
import { version } from '../core/version.ts';
import { Engine } from '../engine/engine.ts';
import { causeOf } from '../engine/engine-death.ts';
import type { CrashedRow } from '../engine/protocol.ts';
import type { PartComparison } from '../engine/questions.ts';
import type { Plan } from '../plan/plan.ts';
import { counted, formatNumber } from '../report/format-number.ts';
import type { Check } from './check.ts';
import { describeComparison } from './describe-comparison.ts';
import { dispatch } from './dispatch.ts';
import type { NativeQuestions } from './native-questions.ts';
import { partMetadata } from './part-metadata.ts';
import { inputRowsOf, pickSplits } from './pick-splits.ts';
import { ofShards, type PreparedRun } from './prepare-run.ts';
import { Progress } from './progress.ts';
import { partsToRepeat, planRepeat, prepareRepeat } from './repeat-plan.ts';
import { engineMemoryBytes, memoryBytesPerWorker, workersFor } from './room.ts';
import { mayGrow, runOfManifest } from './run-of-manifest.ts';
import { stallAfterMs } from './stall-limit.ts';

export interface RescoreRequest {
  readonly layout: OutputLayout;
  readonly manifest: Manifest;
  /** Input rows to score again, at the least. */
  readonly rows: number;
  /** Rows that ended an engine process in the run; they are left out again. */
  readonly crashed: readonly { readonly shard: string; readonly row: number }[];
  readonly questions: NativeQuestions;
  readonly observe: (event: RunEvent) => void;
  readonly signal: AbortSignal;
}

/** Fails with `rescore-changed` when model or input are not what they were, and with whatever keeps a run from scoring. */
export async function rescore(request: RescoreRequest): Promise<Check> {
  const { layout, manifest, rows } = request;
  const made = (text: string, problems: readonly string[] = []): Check => ({
    name: 'rescore',
    wasMade: true,
    text,
    problems,
  });
  if (inputRowsOf(manifest.parts) === 0) return made('there are no rows to score again');
  const prepared = await prepareRepeat({ manifest, outputPath: layout.root });
  const available = partsToRepeat(manifest, prepared);
  const picked = pickSplits(available, manifest.runId, rows);
  if (picked.length === 0) return made('none of its rows can be scored again: their shards are gone, or have changed');
  const found: Pick<Check, 'text' | 'problems'>[] = [];
  for (const { runId } of manifest.runs) {
    const parts = picked.filter((part) => part.run === runId);
    if (parts.length > 0) found.push(await rescoreRun(request, prepared, runId, parts));
  }
  const share = `${picked.length} of ${counted(manifest.parts.length, 'split')}`;
  const texts = [...new Set(found.map(({ text }) => text))];
  const missing = manifest.parts.length - available.length;
  const others = missing === 0 ? '' : `; ${counted(missing, 'part')} cannot be: shards are gone, or have changed`;
  return made(
    `${formatNumber(inputRowsOf(picked))} rows in ${share} scored again: ${texts.join('; ')}${others}`,
    found.flatMap(({ problems }) => problems),
  );
}

async function rescoreRun(
  request: RescoreRequest,
  prepared: PreparedRun,
  runId: string,
  parts: readonly Manifest['parts'][number][],
): Promise<Pick<Check, 'text' | 'problems'>> {
  await using scratch = await TemporaryFolder.create();
  const isOneOfMany = mayGrow(request.manifest);
  const manifest = isOneOfMany ? runOfManifest(request.manifest, runId, parts) : request.manifest;
  const own: RescoreRequest = { ...request, manifest };
  const shardOf = new Map(prepared.shards.map((shard) => [shard.path, shard]));
  const shards = manifest.dataset.shards.map(({ path }) => shardOf.get(path)!);
  const splits = isOneOfMany ? manifest.parts.map(({ split }) => split) : parts.map(({ split }) => split);
  const { plan, outcomes } = await scoreAgain(own, ofShards(prepared, shards), splits, scratch.path);
  return await compareOutcomes(own, outcomes, scratch.path, plan);
}

async function scoreAgain(
  { layout, manifest, crashed, observe, signal }: RescoreRequest,
  prepared: PreparedRun,
  splits: readonly number[],
  scratchFolder: string,
): Promise<{ readonly plan: Plan; readonly outcomes: readonly SplitOutcome[] }> {
  const { run } = prepared.job;
  const memoryBytes = engineMemoryBytes(run);
  const progress = new Progress(observe);
  const newEngine = (): Engine => new Engine((inFlight) => progress.update(inFlight));
  let engine: Engine | undefined = newEngine();
  const outcomes: SplitOutcome[] = [];
  let restarts = 0;
  try {
    const plan = await planRepeat(engine, prepared, { manifest, outputPath: layout.root }, scratchFolder, memoryBytes);
    const wanted = splits.map((split) => plan.splits[split]);
    const workers = workersFor(run, wanted.length);
    observe(startedEvent(manifest, plan, splits, workers));
    const settings = {
      workers: run.workers === 0 ? 0 : workers,
      stagingFolder: scratchFolder,
      memoryBytesPerWorker: memoryBytesPerWorker(memoryBytes, workers),
      metadata: partMetadata({
        runId: manifest.runId,
        jobFingerprint: manifest.job.fingerprint,
        modelSha256: manifest.model.sha256,
        versions: manifest.versions,
      }),
    };
    const failures = await dispatch({
      splits: wanted,
      workers,
      retries: run.retries,
      stallAfterMs: stallAfterMs(run, plan.expectedCallMs),
      crashed: crashedRows(manifest, crashed),
      signal,
      // Nothing is kept of what is scored again: no batch is worth waiting for.
      giveUp: signal,
      startEngine: async () => {
        const ready = engine?.isAlive ? engine : newEngine();
        engine = undefined;
        ready.start(plan, settings);
        return ready;
      },
      record: async () => {},
      onOutcome: (outcome) => {
        outcomes.push(outcome);
        progress.finish(outcome);
        return true;
      },
      onCrashedRow: () => true,
      onEngineDeath: (death, inFlight) =>
        observe({ event: 'engine-restarted', restarts: ++restarts, cause: causeOf(death), splits: inFlight }),
      pathsOf: ({ pieces }) => [...new Set(pieces.map(({ shard }) => plan.shards[shard].path))],
      module: plan.transform?.path ?? null,
    });
    if (failures.length > 0) throw new FailureError(...(failures as [Failure, ...Failure[]]));
    if (outcomes.length < wanted.length) throw new FailureError({ reason: 'interrupted' });
    return { plan, outcomes: outcomes.sort((a, b) => a.split - b.split) };
  } finally {
    await engine?.kill();
  }
}

function startedEvent({ runId, job }: Manifest, plan: Plan, splits: readonly number[], workers: number): RunEvent {
  return {
    event: 'run-started',
    runId,
    job: `${job.name} again`,
    shards: plan.shards.length,
    splits: splits.length,
    rows: splits.reduce((sum, split) => sum + plan.splits[split].rows, 0),
    workers,
    threadsPerWorker: plan.threads,
    batchRows: plan.batchRows,
    resumedSplits: 0,
    resumedRows: 0,
  };
}

/** The same rows with the numbers of their shards and splits. */
function crashedRows({ dataset, parts }: Manifest, crashed: RescoreRequest['crashed']): readonly CrashedRow[] {
  return crashed.flatMap(({ shard: path, row }): readonly CrashedRow[] => {
    const shard = dataset.shards.findIndex((one) => one.path === path);
    const part = parts.find(({ pieces }) =>
      pieces.some((piece) => piece.shard === shard && row >= piece.startRow && row < piece.endRow),
    );
    return part === undefined ? [] : [{ split: part.split, shard, row, reason: 'crashed', cause: '' }];
  });
}

async function compareOutcomes(
  { layout, manifest, questions }: RescoreRequest,
  outcomes: readonly SplitOutcome[],
  scratchFolder: string,
  plan: Plan,
): Promise<Pick<Check, 'text' | 'problems'>> {
  const problems: string[] = [];
  let equalValues = 0;
  const otherVersions = versionChanges(manifest, plan);
  for (const { split, part } of outcomes) {
    const { name, sha256 } = manifest.parts[split];
    if (part.sha256 === sha256) continue;
    const question = {
      kind: 'compare-parts',
      expected: partPath(layout, name),
      found: join(scratchFolder, part.name),
      room: questions.room,
    } as const;
    const comparison: PartComparison = await questions.askOrFail(question, `while it compared ${name}`);
    const differences = describeComparison(name, comparison);
    if (differences.length > 0) problems.push(...differences);
    else if (otherVersions.length > 0) equalValues++;
    else problems.push(`${name}: every value is the same, but the bytes of the file are not`);
  }
  const because = otherVersions.length === 0 ? '' : `; made by other versions: ${otherVersions.join(', ')}`;
  if (problems.length > 0)
    return { text: `not the same${because}`, problems: problems.map((problem) => `${problem}${because}`) };
  return { text: equalValues === 0 ? 'bit for bit the same' : `every value is the same${because}`, problems };
}

function versionChanges({ versions }: Manifest, plan: Plan): readonly string[] {
  const now = { scoremill: version, node: process.versions.node, ...plan.versions };
  return (['scoremill', 'onnxruntime', 'duckdb', 'node'] as const)
    .filter((name) => versions[name] !== now[name])
    .map((name) => `${name} ${now[name]} (was ${versions[name]})`);
}
