// The model as a function of SQL on one connection, defined when a split first needs it.
import type { Connection } from '../core/duckdb.ts';
import { ScoringFunction } from './scoring-function.ts';
import type { ScoringJob } from './scoring-job.ts';

export class ScoringFunctions {
  readonly #connection: Connection;
  readonly #job: ScoringJob;
  readonly #defined = new Map<string, Promise<ScoringFunction>>();
  #isPacked = true;

  constructor(connection: Connection, job: ScoringJob) {
    this.#connection = connection;
    this.#job = job;
  }

  /** For relations that tell faults of their rows, or that have none to tell. */
  get(hasFaults: boolean): Promise<ScoringFunction> {
    const form = { hasFaults, isPacked: this.#isPacked };
    const key = JSON.stringify(form);
    const known = this.#defined.get(key);
    if (known !== undefined) return known;
    const made = ScoringFunction.define(this.#connection, this.#job, form);
    this.#defined.set(key, made);
    return made;
  }

  /** From now on columns come one by one: a value that packing would change is seldom alone. */
  stopPacking(): void {
    this.#isPacked = false;
  }
}
