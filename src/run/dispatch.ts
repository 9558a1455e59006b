// Hands splits to the engine: a bounded number in flight, retries for what may pass, and a way through native crashes.
// A split that was in flight when an engine died runs again; after its second death it runs alone; if it kills again it is
// halved by probes down to the rows that do it (isolate-rows.ts), which are then rejected unseen. An engine that stands still is
// ended, and the split that held it up goes the same way, at once alone.
import { setTimeout as sleep } from 'node:timers/promises';
import PQueue from 'p-queue';
import type { LedgerEntry } from '../commit/ledger.ts';
import { exitCodeOf, type Failure, FailureError, failuresOf } from '../core/failure.ts';
import type { SplitOutcome } from '../core/outcome.ts';
import type { Split } from '../core/split.ts';
import type { Engine } from '../engine/engine.ts';
import { causeOf, EngineDeath } from '../engine/engine-death.ts';
import type { CrashedRow, SplitAnswer, SplitTask } from '../engine/protocol.ts';
import { rowAt } from '../scoring/row-place.ts';
import { crashOfReader, engineDied } from './engine-died.ts';
import { isolateRows } from './isolate-rows.ts';

export interface DispatchRequest {
  readonly splits: readonly Split[];
  readonly workers: number;
  readonly retries: number;
  /** For so long a split may show no progress; Infinity: for ever. */
  readonly stallAfterMs: number;
  /** The engine, ready to score; called again after it died. */
  readonly startEngine: () => Promise<Engine>;
  readonly crashed: readonly CrashedRow[];
  readonly record: (entry: LedgerEntry) => Promise<void>;
  /** Called when an outcome is in the ledger; false: no new work. */
  readonly onOutcome: (outcome: SplitOutcome) => boolean;
  /** Called when a row is found to end the engine; false: no new work. */
  readonly onCrashedRow: (row: CrashedRow) => boolean;
  /** `splits` were in flight; none: it died as it was started. */
  readonly onEngineDeath: (death: EngineDeath, splits: readonly number[]) => void;
  readonly pathsOf: (split: Split) => readonly string[];
  /** The module that rows go through as they are read; null without one. */
  readonly module: string | null;
  /** Aborted: no new work, workers stop after their batch. */
  readonly signal: AbortSignal;
  /** Aborted: the engine is killed, whatever it is doing. Comes after `signal`. */
  readonly giveUp: AbortSignal;
}

const firstDelayMs = 200;
const deathsUntilAlone = 2;
const deathsAtStart = 3;
/** Halving a split takes many stalls, so they are shorter at first: a row is rejected only after one of full length. */
const shorterStalls = 10;

/** Scores all splits. Resolves with the failures of those that could not be scored; interrupted splits are no failures. */
export async function dispatch(request: DispatchRequest): Promise<readonly Failure[]> {
  const dispatcher = new Dispatcher(request);
  return dispatcher.run();
}

class Dispatcher {
  readonly #request: DispatchRequest;
  readonly #queue: PQueue;
  readonly #failures: Failure[] = [];
  readonly #deaths = new Map<number, number>();
  readonly #inFlight = new Set<number>();
  readonly #crashed: CrashedRow[];
  readonly #alone: Split[] = [];
  /** Outcomes on their way into the ledger: a worker does not wait for the disk. */
  readonly #recordings: Promise<void>[] = [];
  #engine: Promise<Engine> | undefined;
  #process: Engine | undefined;
  #lastDeath: EngineDeath | undefined;
  #isClosed = false;

  constructor(request: DispatchRequest) {
    this.#request = request;
    this.#crashed = [...request.crashed];
    this.#queue = new PQueue({ concurrency: Math.max(1, request.workers) });
  }

  async run(): Promise<readonly Failure[]> {
    const { splits, signal, giveUp } = this.#request;
    const drain = (): void => {
      this.#close();
      this.#engine?.then((engine) => engine.drain()).catch(() => {});
    };
    const kill = (): void => void this.#process?.kill();
    signal.addEventListener('abort', drain);
    giveUp.addEventListener('abort', kill);
    try {
      for (const split of splits) this.#enqueue(split, 0);
      if (signal.aborted) drain();
      if (giveUp.aborted) kill();
      await this.#queue.onIdle();
      await Promise.all(this.#recordings);
      for (let split = this.#alone.shift(); split !== undefined && !this.#isClosed; split = this.#alone.shift()) {
        await this.#scoreAlone(split).catch((error: unknown) => this.#giveUp(error));
      }
      // Splits of one file, in flight side by side, fail for one reason.
      return [...new Map(this.#failures.map((failure) => [JSON.stringify(failure), failure])).values()];
    } finally {
      signal.removeEventListener('abort', drain);
      giveUp.removeEventListener('abort', kill);
      const way = this.#isClosed || this.#failures.length > 0 ? 'stop' : 'kill';
      await (await this.#engine?.catch(() => undefined))?.[way]();
    }
  }

  #enqueue(split: Split, attempt: number): void {
    this.#queue.add(() => this.#attempt(split, attempt)).catch((error: unknown) => this.#giveUp(error));
  }

  async #attempt(split: Split, attempt: number): Promise<void> {
    if (this.#isClosed) return;
    const answer = await this.#ask(split, attempt, null);
    if (answer === 'died') {
      if ((this.#deaths.get(split.index) ?? 0) < deathsUntilAlone) this.#enqueue(split, attempt + 1);
      else this.#alone.push(split);
      return;
    }
    if (answer.ok) this.#recordings.push(this.#take(split, attempt, answer).catch((error) => this.#giveUp(error)));
    else await this.#take(split, attempt, answer);
  }

  async #take(split: Split, attempt: number, answer: SplitAnswer): Promise<void> {
    if (answer.ok) {
      if (answer.outcome === null) throw new Error('a split was answered like a probe');
      await this.#request.record({ kind: 'done', outcome: answer.outcome });
      if (!this.#request.onOutcome(answer.outcome)) this.#close();
      return;
    }
    const [failure] = answer.failures;
    if (failure.reason === 'interrupted') return;
    const mayPass = exitCodeOf(failure) === 74;
    await this.#request.record({ kind: 'attempt-failed', split: split.index, attempt, message: failure.reason });
    if (mayPass && attempt < this.#request.retries) {
      await sleep(firstDelayMs * 2 ** attempt, undefined, { signal: this.#request.signal }).catch(() => {});
      return this.#attempt(split, attempt + 1);
    }
    this.#failures.push(...answer.failures);
    // A file that cannot be read is that file's matter; a disk that cannot be written to is everybody's.
    if (exitCodeOf(failure) !== 66) this.#close();
  }

  /** An engine. After a death it is tried before it is given a split: dying as it starts is no split's fault. */
  async #start(): Promise<Engine> {
    const { startEngine, splits, stallAfterMs, giveUp } = this.#request;
    for (let deaths = 1; ; deaths++) {
      const engine = await startEngine();
      this.#process = engine;
      if (giveUp.aborted) await engine.kill();
      if (this.#lastDeath === undefined) return engine;
      try {
        await engine.score({ split: splits[0], attempt: 0, crashed: [], probe: 'start' }, stallAfterMs);
        return engine;
      } catch (error) {
        if (!(error instanceof EngineDeath) || giveUp.aborted) throw error;
        await this.#note(error, []);
        if (deaths < deathsAtStart) continue;
        throw new FailureError(engineDied('whenever it was started again, before it was given a row', error));
      }
    }
  }

  /** The engine's answer, or 'died' when it ended meanwhile. */
  async #ask(
    split: Split,
    attempt: number,
    probe: SplitTask['probe'],
    stallAfterMs = this.#request.stallAfterMs,
  ): Promise<SplitAnswer | 'died'> {
    const starting = (this.#engine ??= this.#start());
    this.#inFlight.add(split.index);
    try {
      const engine = await starting;
      const crashed = this.#crashed.filter((row) => row.split === split.index);
      return await engine.score({ split, attempt, crashed, probe }, stallAfterMs);
    } catch (error) {
      if (!(error instanceof EngineDeath)) throw error;
      this.#blameFor(error, split);
      if (this.#engine === starting) {
        this.#engine = undefined;
        if (!this.#request.giveUp.aborted) await this.#note(error, [...this.#inFlight]);
      }
      return 'died';
    } finally {
      this.#inFlight.delete(split.index);
    }
  }

  /** A crash may be any split's that was in flight; which one stood still is known. */
  #blameFor({ stall }: EngineDeath, { index }: Split): void {
    if (stall === null) this.#deaths.set(index, (this.#deaths.get(index) ?? 0) + 1);
    else if (stall.works.includes(index)) this.#deaths.set(index, deathsUntilAlone);
  }

  async #note(death: EngineDeath, splits: readonly number[]): Promise<void> {
    this.#lastDeath = death;
    await this.#request.record({ kind: 'engine-death', splits, signal: death.signal, exitCode: death.exitCode });
    this.#request.onEngineDeath(death, splits);
  }

  /** Ends when the split is done, or after the second search for rows to blame that found none. */
  async #scoreAlone(split: Split): Promise<void> {
    const paths = this.#request.pathsOf(split);
    for (let fruitless = 0; fruitless <= 2; ) {
      const answer = await this.#ask(split, 0, null);
      if (answer !== 'died') return this.#take(split, 0, answer);
      if (this.#isClosed) return;
      if (fruitless === 2) break;
      if ((await this.#dies(split, 0, 0)) && (await this.#dies(split, 0, 0)))
        return void this.#failures.push(crashOfReader(paths, this.#request.module, this.#lastDeath));
      const shortMs = this.#request.stallAfterMs / (fruitless === 0 ? shorterStalls : 1);
      const found = await isolateRows({
        rows: split.rows,
        dies: (from, to) => this.#dies(split, from, to, shortMs),
        diesForSure: (from, to) => this.#dies(split, from, to),
        reject: (place) => this.#reject(split, place),
        isStopped: () => this.#isClosed,
      });
      if (this.#isClosed) return;
      if (found === 0) fruitless++;
    }
    this.#failures.push(
      engineDied(`while it scored ${paths.join(', ')}, and no single row is to blame`, this.#lastDeath),
    );
  }

  async #dies(split: Split, from: number, to: number, stallAfterMs?: number): Promise<boolean> {
    return (await this.#ask(split, 0, { from, to }, stallAfterMs)) === 'died';
  }

  async #reject(split: Split, place: number): Promise<void> {
    const death = this.#lastDeath;
    const row: CrashedRow = {
      split: split.index,
      ...rowAt(split.pieces, place),
      reason: death?.stall ? 'stalled' : 'crashed',
      cause: death === undefined ? '' : causeOf(death),
    };
    this.#crashed.push(row);
    await this.#request.record({ kind: 'crashed-row', ...row });
    if (!this.#request.onCrashedRow(row)) this.#close();
  }

  #giveUp(error: unknown): void {
    this.#failures.push(...failuresOf(error));
    this.#close();
  }

  #close(): void {
    this.#isClosed = true;
    this.#queue.clear();
  }
}
