// Preflight in the engine process: a crash there is an answer, too. Where the first rows, or even a made-up one, end the
// process, the plan is made without trying any: scoring finds the rows that do it and rejects them one by one.
import { join } from 'node:path';
import { FailureError } from '../core/failure.ts';
import { causeOf, Engine, EngineDeath } from '../engine/engine.ts';
import { type DryRows, dryRowKinds } from '../plan/dry-rows.ts';
import type { Plan } from '../plan/plan.ts';
import type { PreparedRun } from './prepare-run.ts';
import { databaseMemoryBytes } from './room.ts';

/**
 * The plan of a run. `scratchFolder` takes plain copies of compressed text, and what DuckDB spills. The engine may be dead
 * afterwards (`isAlive`), though there is a plan. Aborted, it fails with `interrupted`, and the engine is dead.
 */
export async function preflightIn(
  engine: Engine,
  prepared: PreparedRun,
  scratchFolder: string,
  memoryBytes: number,
  signal?: AbortSignal,
): Promise<Plan> {
  const plan = (one: Engine, dryRows: DryRows): Promise<Plan | EngineDeath> =>
    tryPreflight(one, { prepared, scratchFolder, memoryBytes, dryRows, signal });
  const first = await plan(engine, 'first');
  if (!(first instanceof EngineDeath)) return first;
  for (const dryRows of dryRowKinds.slice(1)) {
    await using another = new Engine();
    const second = await plan(another, dryRows);
    if (second instanceof EngineDeath) continue;
    const notice = `the first rows end the engine process (${causeOf(first)}); rows that do so are looked for and rejected`;
    return { ...second, notices: [...second.notices, notice] };
  }
  throw new FailureError({
    reason: 'engine-died',
    when: 'while the model and the data were checked',
    cause: causeOf(first),
    lastWords: first.lastWords,
  });
}

interface Trial {
  readonly prepared: PreparedRun;
  readonly scratchFolder: string;
  readonly memoryBytes: number;
  readonly dryRows: DryRows;
  readonly signal: AbortSignal | undefined;
}

async function tryPreflight(
  engine: Engine,
  { prepared, scratchFolder, memoryBytes, dryRows, signal }: Trial,
): Promise<Plan | EngineDeath> {
  // Nothing that preflight does is worth waiting for: it is done again in the next run.
  const stop = (): void => void engine.kill();
  signal?.addEventListener('abort', stop);
  if (signal?.aborted) stop();
  try {
    return await engine.preflight({
      job: prepared.job,
      shards: prepared.shards,
      scratchFolder,
      temporaryFolder: join(scratchFolder, 'preflight'),
      memoryBytes: databaseMemoryBytes(memoryBytes),
      dryRows,
    });
  } catch (error) {
    if (signal?.aborted) throw new FailureError({ reason: 'interrupted' });
    if (!(error instanceof EngineDeath)) throw error;
    return error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}
