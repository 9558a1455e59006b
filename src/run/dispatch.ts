// Hands splits to the engine: a bounded number in flight, retries for what may pass, and a way through native crashes.
// A split that was in flight when an engine died runs again; after its second death it runs alone; if it kills again it is
// halved by probes down to the rows that do it, which are then rejected unseen.
import { setTimeout as sleep } from 'node:timers/promises';
import PQueue from 'p-queue';
import type { LedgerEntry } from '../commit/ledger.ts';
import { exitCodeOf, type Failure, FailureError } from '../core/failure.ts';
import type { SplitOutcome } from '../core/outcome.ts';
import type { Split } from '../core/split.ts';
import { causeOf, type Engine, EngineDeath } from '../engine/engine.ts';
import type { CrashedRow, SplitAnswer, SplitTask } from '../engine/protocol.ts';
import { rowAt } from '../scoring/row-place.ts';

export interface DispatchRequest {
  readonly splits: readonly Split[];
  readonly workers: number;
  readonly retries: number;
  /** The engine, ready to score; called again after it died. */
  readonly startEngine: () => Promise<Engine>;
  readonly crashed: readonly CrashedRow[];
  readonly record: (entry: LedgerEntry) => Promise<void>;
  /** Called when an outcome is in the ledger; false: no new work. */
  readonly onOutcome: (outcome: SplitOutcome) => boolean;
  /** Called when a row is found to end the engine; false: no new work. */
  readonly onCrashedRow: (row: CrashedRow) => boolean;
  readonly onEngineDeath: (death: EngineDeath, splits: readonly number[]) => void;
  readonly pathsOf: (split: Split) => readonly string[];
  /** Aborted: no new work, workers stop after their batch. */
  readonly signal: AbortSignal;
}

const firstDelayMs = 200;
const deathsUntilAlone = 2;

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
  #engine: Promise<Engine> | undefined;
  #lastDeath: EngineDeath | undefined;
  #isClosed = false;

  constructor(request: DispatchRequest) {
    this.#request = request;
    this.#crashed = [...request.crashed];
    this.#queue = new PQueue({ concurrency: Math.max(1, request.workers) });
  }

  async run(): Promise<readonly Failure[]> {
    const { splits, signal } = this.#request;
    const drain = (): void => {
      this.#close();
      this.#engine?.then((engine) => engine.drain()).catch(() => {});
    };
    signal.addEventListener('abort', drain);
    try {
      for (const split of splits) this.#enqueue(split, 0);
      if (signal.aborted) drain();
      await this.#queue.onIdle();
      for (let split = this.#alone.shift(); split !== undefined && !this.#isClosed; split = this.#alone.shift()) {
        await this.#scoreAlone(split);
      }
      return this.#failures;
    } finally {
      signal.removeEventListener('abort', drain);
      await (await this.#engine?.catch(() => undefined))?.stop();
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
    await this.#take(split, attempt, answer);
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

  /** The engine's answer, or 'died' when it ended meanwhile. */
  async #ask(split: Split, attempt: number, probe: SplitTask['probe']): Promise<SplitAnswer | 'died'> {
    const starting = (this.#engine ??= this.#request.startEngine());
    this.#inFlight.add(split.index);
    try {
      const engine = await starting;
      const crashed = this.#crashed.filter((row) => row.split === split.index);
      return await engine.score({ split, attempt, crashed, probe });
    } catch (error) {
      if (!(error instanceof EngineDeath)) throw error;
      this.#lastDeath = error;
      this.#deaths.set(split.index, (this.#deaths.get(split.index) ?? 0) + 1);
      if (this.#engine === starting) {
        this.#engine = undefined;
        const splits = [...this.#inFlight];
        await this.#request.record({ kind: 'engine-death', splits, signal: error.signal, exitCode: error.exitCode });
        this.#request.onEngineDeath(error, splits);
      }
      return 'died';
    } finally {
      this.#inFlight.delete(split.index);
    }
  }

  async #scoreAlone(split: Split): Promise<void> {
    const answer = await this.#ask(split, 0, null);
    if (answer !== 'died') return this.#take(split, 0, answer);
    if ((await this.#ask(split, 0, { from: 0, to: 0 })) === 'died') return this.#blameReader(split);
    await this.#isolate(split, 0, split.rows, true);
    if (this.#isClosed) return;
    const last = await this.#ask(split, 0, null);
    if (last !== 'died') return this.#take(split, 0, last);
    this.#blame(`while it scored ${this.#request.pathsOf(split).join(', ')}, and no single row is to blame`);
  }

  /** Finds every row in [from, to) that ends the engine when it is scored. `proven`: these rows, and no others, just did. */
  async #isolate(split: Split, from: number, to: number, proven: boolean): Promise<void> {
    if (this.#isClosed) return;
    if (to - from === 1) {
      if (proven || (await this.#dies(split, from, to))) await this.#reject(split, from);
      return;
    }
    const middle = (from + to) >> 1;
    const isFirstHalf = await this.#dies(split, from, middle);
    if (isFirstHalf) await this.#isolate(split, from, middle, true);
    if (this.#isClosed) return;
    // What the first half does not do the second must, if any single row does: it need not be tried as a whole.
    const isSecondHalf = !isFirstHalf || (await this.#dies(split, middle, to));
    if (isSecondHalf) await this.#isolate(split, middle, to, isFirstHalf);
  }

  async #dies(split: Split, from: number, to: number): Promise<boolean> {
    return (await this.#ask(split, 0, { from, to })) === 'died';
  }

  async #reject(split: Split, place: number): Promise<void> {
    const row = { split: split.index, ...rowAt(split.pieces, place) };
    this.#crashed.push(row);
    await this.#request.record({ kind: 'crashed-row', ...row });
    if (!this.#request.onCrashedRow(row)) this.#close();
  }

  #blameReader(split: Split): void {
    const paths = this.#request.pathsOf(split);
    // Whoever kills from outside says nothing about the file.
    if (this.#lastDeath?.signal === 'SIGKILL') this.#blame(`while it read ${paths.join(', ')}`);
    else
      this.#failures.push({
        reason: 'split-crashes-reader',
        paths,
        cause: this.#lastDeath ? causeOf(this.#lastDeath) : '',
      });
  }

  #blame(when: string): void {
    const death = this.#lastDeath;
    const cause = death === undefined ? '' : causeOf(death);
    this.#failures.push({ reason: 'engine-died', when, cause, lastWords: death?.lastWords ?? '' });
  }

  #giveUp(error: unknown): void {
    if (error instanceof FailureError) this.#failures.push(...error.failures);
    else
      this.#failures.push({
        reason: 'internal',
        message: String(error),
        stack: error instanceof Error ? (error.stack ?? '') : '',
      });
    this.#close();
  }

  #close(): void {
    this.#isClosed = true;
    this.#queue.clear();
  }
}
