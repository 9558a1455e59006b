// What the death of an engine process amounts to when the run cannot go on.
import type { Failure } from '../core/failure.ts';
import { causeOf, type EngineDeath } from '../engine/engine-death.ts';

export function engineDied(when: string, death: EngineDeath | undefined): Failure {
  const cause = death === undefined ? '' : causeOf(death);
  return { reason: 'engine-died', when, cause, lastWords: death?.lastWords ?? '' };
}

/** The engine died when it only read these files, through a module of the user's if there is one. Whoever kills from outside says nothing about a file. */
export function crashOfReader(
  paths: readonly string[],
  module: string | null,
  death: EngineDeath | undefined,
): Failure {
  if (death?.signal === 'SIGKILL' && death.stall === null)
    return engineDied(`while it read ${paths.join(', ')}`, death);
  return { reason: 'split-crashes-reader', paths, module, cause: death === undefined ? '' : causeOf(death) };
}
