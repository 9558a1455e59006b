// The rejects of a run against the most that its job admits. A row that ended an engine counts from the moment it is found,
// before its split is done.
import type { SplitOutcome } from '../core/outcome.ts';
import type { CrashedRow } from '../engine/protocol.ts';
import type { Job } from '../job/schema.ts';

export class Budget {
  /** As the job says it: rows or a share. */
  readonly text: string;
  readonly rows: number;
  #rejected = 0;
  #crashed: readonly CrashedRow[] = [];

  constructor({ rejects: { budget } }: Job, inputRows: number) {
    this.text = String(budget);
    this.rows = typeof budget === 'number' ? budget : Math.floor((inputRows * Number.parseFloat(budget)) / 100);
  }

  /** Rejects of finished splits. */
  get rejected(): number {
    return this.#rejected;
  }

  /** Rows of unfinished splits that ended an engine. */
  get crashed(): readonly CrashedRow[] {
    return this.#crashed;
  }

  get isExceeded(): boolean {
    return this.#rejected + this.#crashed.length > this.rows;
  }

  take({ split, rejected }: Pick<SplitOutcome, 'split' | 'rejected'>): void {
    this.#rejected += rejected;
    this.#crashed = this.#crashed.filter((row) => row.split !== split);
  }

  takeCrashed(row: CrashedRow): void {
    this.#crashed = [...this.#crashed, row];
  }
}
