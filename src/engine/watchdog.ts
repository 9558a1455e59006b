// Notices that work stands still. Time is counted in ticks, and a tick counts at most twice its length: a process that was
// suspended, or a machine that slept, does not wake up to a work that seems to have stood still all the while.

export interface WatchdogOptions {
  /** Told of all works that stand still too long, when the first of them does. */
  readonly onStall: (stall: Stall) => void;
  /** A monotonic clock in milliseconds. */
  readonly nowMs?: () => number;
}

export interface Stall {
  readonly works: readonly number[];
  /** For how long they were allowed to. */
  readonly limitMs: number;
}

interface Watched {
  readonly limitMs: number;
  beats: number;
  stillMs: number;
}

const mostTickMs = 1000;
const ticksPerLimit = 10;

export class Watchdog implements Disposable {
  readonly #onStall: (stall: Stall) => void;
  readonly #nowMs: () => number;
  readonly #watched = new Map<number, Watched>();
  #timer: NodeJS.Timeout | undefined;
  #tickMs = mostTickMs;
  #tickedMs = 0;

  constructor({ onStall, nowMs = () => performance.now() }: WatchdogOptions) {
    this.#onStall = onStall;
    this.#nowMs = nowMs;
  }

  /** From now on this work may stand still for `limitMs`; Infinity: it is not watched. */
  begin(work: number, limitMs: number): void {
    if (limitMs === Number.POSITIVE_INFINITY) return;
    this.#watched.set(work, { limitMs, beats: 0, stillMs: 0 });
    this.#schedule();
  }

  /** The work has got so far; another number than before means that it moves. */
  beat(work: number, beats: number): void {
    const watched = this.#watched.get(work);
    if (watched === undefined || watched.beats === beats) return;
    watched.beats = beats;
    watched.stillMs = 0;
  }

  end(work: number): void {
    if (this.#watched.delete(work)) this.#schedule();
  }

  /** To be called every so often; the watchdog's own timer does. */
  tick(): void {
    const timeMs = this.#nowMs();
    const elapsedMs = Math.min(timeMs - this.#tickedMs, 2 * this.#tickMs);
    this.#tickedMs = timeMs;
    const stalled: number[] = [];
    let limitMs = 0;
    for (const [work, watched] of this.#watched) {
      watched.stillMs += elapsedMs;
      if (watched.stillMs < watched.limitMs) continue;
      stalled.push(work);
      limitMs = watched.limitMs;
    }
    for (const work of stalled) this.end(work);
    if (stalled.length > 0) this.#onStall({ works: stalled, limitMs });
  }

  #schedule(): void {
    const limits = [...this.#watched.values()].map(({ limitMs }) => limitMs);
    const tickMs = Math.min(mostTickMs, ...limits.map((limitMs) => limitMs / ticksPerLimit));
    if (this.#timer !== undefined && limits.length > 0 && tickMs === this.#tickMs) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (limits.length === 0) return;
    this.#tickMs = tickMs;
    this.#tickedMs = this.#nowMs();
    this.#timer = setInterval(() => this.tick(), tickMs).unref();
  }

  [Symbol.dispose](): void {
    this.#watched.clear();
    this.#schedule();
  }
}
