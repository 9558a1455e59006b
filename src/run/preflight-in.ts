// Preflight in the engine process: a crash there is an answer, too. Where the first rows, or even a made-up one, end the
// process, the plan is made without trying any: scoring finds the rows that do it and rejects them one by one.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type Failure, FailureError } from '../core/failure.ts';
import type { Shard } from '../core/split.ts';
import { Engine } from '../engine/engine.ts';
import { causeOf, EngineDeath } from '../engine/engine-death.ts';
import { knownModel, requireSameModel } from '../model/require-same-model.ts';
import { type DryRows, dryRowKinds } from '../plan/dry-rows.ts';
import type { Plan } from '../plan/plan.ts';
import { crashesReader, NativeQuestions } from './native-questions.ts';
import type { PreparedRun } from './prepare-run.ts';
import { databaseMemoryBytes } from './room.ts';
import { stallAfterMs } from './stall-limit.ts';

export interface PreflightOptions {
  readonly signal?: AbortSignal | undefined;
  /** Rows of a call, where an earlier run has chosen them. */
  readonly batchRows?: number | null | undefined;
  /** Whether the engine may keep what it finds out about the model for the next run. */
  readonly remembers?: boolean;
  /** Worker threads that the engine is to start meanwhile. */
  readonly workersAhead?: number;
  /** Types that text columns have in the result already, where the job declares none. */
  readonly pinnedTypes?: Readonly<Record<string, string>>;
}

/**
 * The plan of a run. `scratchFolder` takes plain copies of compressed text, and what DuckDB spills. The engine may be dead
 * afterwards (`isAlive`), though there is a plan. Aborted, it fails with `interrupted`, and the engine is dead.
 */
export async function preflightIn(
  engine: Engine,
  prepared: PreparedRun,
  scratchFolder: string,
  memoryBytes: number,
  options: PreflightOptions = {},
): Promise<Plan> {
  const plan = (one: Engine, dryRows: DryRows): Promise<Plan | EngineDeath> =>
    tryPreflight(one, { prepared, scratchFolder, memoryBytes, dryRows, options });
  let first = await plan(engine, 'first');
  if (first instanceof EngineDeath && !engine.hasBegunToPlan) {
    // It ended before it saw the model and the data.
    await using another = new Engine();
    first = await plan(another, 'first');
  }
  if (!(first instanceof EngineDeath)) return first;
  for (const dryRows of dryRowKinds.slice(1)) {
    await using another = new Engine();
    const second = await plan(another, dryRows);
    if (second instanceof EngineDeath) continue;
    const notice = `the first rows end the engine process (${causeOf(first)}); rows that do so are looked for and rejected`;
    return { ...second, notices: [...second.notices, notice] };
  }
  const [poisoned, ...others] = await poisonedShards(prepared);
  if (poisoned !== undefined) throw new FailureError(poisoned, ...others);
  throw new FailureError({
    reason: 'engine-died',
    when: 'while the model and the data were checked',
    cause: causeOf(first),
    lastWords: first.lastWords,
  });
}

/** The shards that end the process that opens them. What else is wrong with a shard is for preflight to say. */
async function poisonedShards({ shards, job }: PreparedRun): Promise<readonly Failure[]> {
  await using questions = await NativeQuestions.open();
  const { room } = questions;
  const found = await questions.askOfAll<Shard, Failure | null>(
    shards,
    async (some) => {
      const request = { kind: 'profile-shards', shards: some, csv: job.dataset.csv, gridRows: 1, room } as const;
      await questions.ask(request).catch((error: unknown) => {
        if (!(error instanceof FailureError)) throw error;
      });
      return some.map(() => null);
    },
    ({ path }, cause) => crashesReader(path, cause),
  );
  return found.filter((failure) => failure !== null);
}

interface Trial {
  readonly prepared: PreparedRun;
  readonly scratchFolder: string;
  readonly memoryBytes: number;
  readonly dryRows: DryRows;
  readonly options: PreflightOptions;
}

async function tryPreflight(
  engine: Engine,
  {
    prepared,
    scratchFolder,
    memoryBytes,
    dryRows,
    options: { signal, batchRows = null, remembers = false, workersAhead = 0, pinnedTypes = {} },
  }: Trial,
): Promise<Plan | EngineDeath> {
  // Nothing that preflight does is worth waiting for: it is done again in the next run.
  const stop = (): void => void engine.kill();
  signal?.addEventListener('abort', stop);
  if (signal?.aborted) stop();
  try {
    const request = {
      job: prepared.job,
      folder: prepared.folder,
      shards: prepared.shards,
      scratchFolder,
      temporaryFolder: join(scratchFolder, `preflight-${randomUUID()}`),
      memoryBytes: databaseMemoryBytes(memoryBytes),
      dryRows,
      batchRows,
      remembers,
      workersAhead,
      pinnedTypes,
    };
    const plan = await engine.preflight(request, stallAfterMs(prepared.job.run, null));
    requireSameModel(knownModel(prepared.model), plan.model);
    return plan;
  } catch (error) {
    if (signal?.aborted) throw new FailureError({ reason: 'interrupted' });
    if (!(error instanceof EngineDeath)) throw error;
    return error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}
