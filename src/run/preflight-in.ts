// Preflight in the engine process: a crash there is an answer, too.
import { join } from 'node:path';
import { FailureError } from '../core/failure.ts';
import { causeOf, type Engine, EngineDeath } from '../engine/engine.ts';
import type { Plan } from '../plan/plan.ts';
import type { PreparedRun } from './prepare-run.ts';

/** The plan of a run. `scratchFolder` takes plain copies of compressed text, and what DuckDB spills. */
export async function preflightIn(engine: Engine, { job, shards }: PreparedRun, scratchFolder: string, memoryBytes: number): Promise<Plan> {
  try {
    return await engine.preflight({
      job,
      shards,
      scratchFolder,
      temporaryFolder: join(scratchFolder, 'preflight'),
      memoryBytes: Math.floor(memoryBytes * 0.7),
    });
  } catch (error) {
    if (!(error instanceof EngineDeath)) throw error;
    throw new FailureError({ reason: 'engine-died', when: 'while the model and the data were checked', cause: causeOf(error), lastWords: error.lastWords });
  }
}
