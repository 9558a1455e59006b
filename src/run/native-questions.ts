// Asking native code about files that may be poisoned: a death of the engine process is a finding about a file, and of many
// files it is found by halving which one does it.
import { type Failure, FailureError } from '../core/failure.ts';
import { usableMemoryBytes } from '../core/resources.ts';
import { TemporaryFolder } from '../core/temporary-folder.ts';
import { Engine } from '../engine/engine.ts';
import { causeOf, EngineDeath } from '../engine/engine-death.ts';
import type { DatabaseRoom, Question, ReplyTo } from '../engine/questions.ts';

/** Questions to one engine at a time; after a death the next question gets a new one. Dispose of it when all are answered. */
export class NativeQuestions implements AsyncDisposable {
  readonly room: DatabaseRoom;
  readonly #folder: TemporaryFolder;
  #engine: Engine | undefined;

  private constructor(folder: TemporaryFolder) {
    this.#folder = folder;
    this.room = { temporaryFolder: folder.path, memoryBytes: Math.floor(usableMemoryBytes() * 0.5) };
  }

  static async open(): Promise<NativeQuestions> {
    return new NativeQuestions(await TemporaryFolder.create());
  }

  /** Rejects with an EngineDeath, or with the FailureError that was replied. */
  async ask<Q extends Question>(question: Q): Promise<ReplyTo<Q>> {
    this.#engine ??= new Engine();
    try {
      return await this.#engine.ask(question);
    } catch (error) {
      if (error instanceof EngineDeath) this.#engine = undefined;
      throw error;
    }
  }

  /** As `ask`; a death becomes the failure `engine-died`, `when` saying what was being done. */
  async askOrFail<Q extends Question>(question: Q, when: string): Promise<ReplyTo<Q>> {
    try {
      return await this.ask(question);
    } catch (error) {
      throw error instanceof EngineDeath ? failureOf(error, when) : error;
    }
  }

  /**
   * Asks about many things at once, halving them after a native crash: `onCrash` tells of the single ones that cause it. An
   * engine that ends otherwise would do so with any question.
   */
  async askOfAll<Item, Value>(
    items: readonly Item[],
    ask: (items: readonly Item[]) => Promise<readonly Value[]>,
    onCrash: (item: Item, cause: string) => Value,
  ): Promise<readonly Value[]> {
    if (items.length === 0) return [];
    try {
      return await ask(items);
    } catch (error) {
      if (!(error instanceof EngineDeath)) throw error;
      if (!isNativeCrash(error)) throw failureOf(error, 'when it was asked about files');
      if (items.length === 1) return [onCrash(items[0], causeOf(error))];
      const middle = items.length >> 1;
      const first = await this.askOfAll(items.slice(0, middle), ask, onCrash);
      return [...first, ...(await this.askOfAll(items.slice(middle), ask, onCrash))];
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#engine?.stop();
    await this.#folder[Symbol.asyncDispose]();
  }
}

/** Native code ends a process by a signal, which shells and containers report as an exit code above 128. */
const isNativeCrash = ({ signal, exitCode }: EngineDeath): boolean => signal !== null || (exitCode ?? 0) > 128;

const failureOf = (death: EngineDeath, when: string): FailureError =>
  new FailureError({ reason: 'engine-died', when, cause: causeOf(death), lastWords: death.lastWords });

/** The failure of a file that ends the engine process when it is read. */
export const crashesReader = (path: string, cause: string): Failure => ({
  reason: 'split-crashes-reader',
  paths: [path],
  module: null,
  cause,
});
