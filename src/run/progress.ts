// Rows behind us over the whole job: finished splits, and what the workers say of those in flight.
import type { RunEvent } from '../core/event.ts';
import type { SplitOutcome } from '../core/outcome.ts';
import type { SplitProgress } from '../engine/protocol.ts';

export class Progress {
  readonly #observe: (event: RunEvent) => void;
  readonly #finished = new Set<number>();
  #rows = 0;
  #rejected = 0;
  #shown = { rowsDone: 0, rejected: 0 };

  constructor(observe: (event: RunEvent) => void) {
    this.#observe = observe;
  }

  begin(resumed: readonly SplitOutcome[]): void {
    for (const outcome of resumed) this.#add(outcome);
  }

  update(inFlight: readonly SplitProgress[]): void {
    const running = inFlight.filter(({ split }) => !this.#finished.has(split));
    const rowsDone = running.reduce((sum, { rows }) => sum + rows, this.#rows);
    const rejected = running.reduce((sum, one) => sum + one.rejected, this.#rejected);
    // A worker also tells of calls within a batch.
    if (rowsDone === this.#shown.rowsDone && rejected === this.#shown.rejected) return;
    this.#shown = { rowsDone, rejected };
    this.#observe({ event: 'progress', rowsDone, rejected });
  }

  finish(outcome: SplitOutcome): void {
    this.#add(outcome);
    const { split, attempt, worker, rows, scored, rejected, filtered, written, wallMs } = outcome;
    this.#observe({
      event: 'split-finished',
      split,
      attempt,
      worker,
      rows,
      scored,
      rejected,
      filtered,
      written,
      wallMs,
    });
    this.#observe({ event: 'progress', rowsDone: this.#rows, rejected: this.#rejected });
  }

  #add({ split, rows, rejected }: SplitOutcome): void {
    this.#finished.add(split);
    this.#rows += rows;
    this.#rejected += rejected;
  }
}
