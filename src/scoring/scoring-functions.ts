// The model as a function of SQL on one connection, defined when a split first needs it.
import type { Connection } from '../core/duckdb.ts';
import { ScoringFunction } from './scoring-function.ts';
import type { ScoringJob } from './scoring-job.ts';

export class ScoringFunctions {
  readonly #connection: Connection;
  readonly #job: ScoringJob;
  readonly #defined = new Map<boolean, Promise<ScoringFunction>>();

  constructor(connection: Connection, job: ScoringJob) {
    this.#connection = connection;
    this.#job = job;
  }

  /** For relations that tell faults of their rows, or that have none to tell. */
  get(hasFaults: boolean): Promise<ScoringFunction> {
    const known = this.#defined.get(hasFaults);
    if (known !== undefined) return known;
    const made = ScoringFunction.define(this.#connection, this.#job, hasFaults);
    this.#defined.set(hasFaults, made);
    return made;
  }
}
