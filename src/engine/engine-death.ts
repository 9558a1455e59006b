// How an engine process ended that was not asked to: by a crash in native code, by whoever kills for memory, or by its
// supervisor because it stood still.
import { formatDuration } from '../report/format-duration.ts';
import type { Stall } from './watchdog.ts';

export interface DeathFacts {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** The last lines that it wrote. */
  readonly lastWords: string;
  /** The splits that stood still, when it was ended for that. */
  readonly stall: Stall | null;
}

export class EngineDeath extends Error implements DeathFacts {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly lastWords: string;
  readonly stall: Stall | null;

  constructor({ exitCode, signal, lastWords, stall }: DeathFacts) {
    super(`the engine process died (${causeOf({ exitCode, signal, stall })})`);
    this.exitCode = exitCode;
    this.signal = signal;
    this.lastWords = lastWords;
    this.stall = stall;
  }
}

/** `signal SIGFPE`, `exit code 134`, `no progress for 10 min 00 s`. */
export function causeOf({ signal, exitCode, stall }: Pick<DeathFacts, 'signal' | 'exitCode' | 'stall'>): string {
  if (stall !== null) return `no progress for ${formatDuration(stall.limitMs)}`;
  return signal === null ? `exit code ${exitCode}` : `signal ${signal}`;
}
