// The supervisor's handle on the engine process: forks it, speaks the protocol, and tells when it dies. Loads no native code.
import type { ChildProcess } from 'node:child_process';
import { type Failure, FailureError } from '../core/failure.ts';
import type { Plan } from '../plan/plan.ts';
import { EngineDeath } from './engine-death.ts';
import { takeEngineProcess } from './engine-fork.ts';
import type { FromEngine, PoolSettings, SplitAnswer, SplitProgress, SplitTask, ToEngine } from './protocol.ts';
import type { Question, ReplyTo } from './questions.ts';
import { type Stall, Watchdog } from './watchdog.ts';

interface Waiting<Value> {
  resolve(value: Value): void;
  reject(error: Error): void;
}

/** Beyond its limit, until it is seen to have begun: processes start and libraries load slowly on a busy machine. */
const startMs = 60_000;

/** What the watchdog calls preflight; splits have their index. */
const preflightWork = -1;

/**
 * One engine process. What it is asked to do may have a limit in milliseconds: for so long it may show no progress, then the
 * process is killed and all that was asked of it rejects.
 */
export class Engine implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #onProgress: (inFlight: readonly SplitProgress[]) => void;
  readonly #splits = new Map<number, Waiting<SplitAnswer>>();
  readonly #asked = new Map<number, Waiting<ReplyTo<Question>>>();
  #plan: Waiting<Plan> | undefined;
  #planningBeats = 0;
  /** Limits of what has been asked for and not been seen yet. */
  readonly #awaited = new Map<number, number>();
  #nextId = 0;
  #isStopping = false;
  #death: EngineDeath | undefined;
  #stall: Stall | null = null;
  readonly #watchdog: Watchdog;
  #lastWords = '';
  readonly #exited: Promise<void>;

  constructor(onProgress: (inFlight: readonly SplitProgress[]) => void = () => {}) {
    this.#onProgress = onProgress;
    this.#watchdog = new Watchdog({
      onStall: (stall) => {
        this.#stall = stall;
        this.#process.kill('SIGKILL');
      },
    });
    this.#process = takeEngineProcess();
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#lastWords = (this.#lastWords + text).slice(-2000);
      });
    }
    this.#process.on('message', (message: FromEngine) => this.#receive(message));
    // An engine that computes on its own thread learns late that its supervisor is gone.
    const end = (): void => void this.#process.kill('SIGKILL');
    process.on('exit', end);
    this.#exited = new Promise((resolve) => {
      this.#process.on('error', (error) => this.#die({ exitCode: null, signal: null, lastWords: error.message }));
      this.#process.on('close', (exitCode, signal) => {
        process.off('exit', end);
        this.#watchdog[Symbol.dispose]();
        // Also one that was to end: what is asked of it from now on would wait for ever.
        this.#die({ exitCode, signal, lastWords: this.#lastWords.trim() });
        resolve();
      });
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** False when the process has ended. */
  get isAlive(): boolean {
    return this.#death === undefined;
  }

  /** False when it died without having looked at what it was to plan. */
  get hasBegunToPlan(): boolean {
    return this.#planningBeats > 0;
  }

  preflight(
    request: Omit<Extract<ToEngine, { kind: 'preflight' }>, 'kind'>,
    stallAfterMs = Number.POSITIVE_INFINITY,
  ): Promise<Plan> {
    return new Promise((resolve, reject) => {
      if (this.#death !== undefined) return reject(this.#death);
      this.#await(preflightWork, stallAfterMs);
      this.#plan = { resolve, reject };
      this.#send({ kind: 'preflight', ...request });
    });
  }

  start(plan: Plan, settings: PoolSettings): void {
    this.#send({ kind: 'start', plan, settings });
  }

  /** Scores a split. Rejects with an EngineDeath when the process dies meanwhile, and with a FailureError when it cannot go on. */
  score(task: SplitTask, stallAfterMs = Number.POSITIVE_INFINITY): Promise<SplitAnswer> {
    const work = task.split.index;
    const answered = new Promise<SplitAnswer>((resolve, reject) => {
      if (this.#death !== undefined) return reject(this.#death);
      this.#await(work, stallAfterMs);
      const id = this.#nextId++;
      this.#splits.set(id, { resolve, reject });
      this.#send({ kind: 'score', id, task });
    });
    return answered.finally(() => {
      this.#awaited.delete(work);
      this.#watchdog.end(work);
    });
  }

  /** Asks something that only native code knows. Rejects with an EngineDeath, or with a FailureError that the engine replied. */
  ask<Q extends Question>(question: Q): Promise<ReplyTo<Q>> {
    return new Promise((resolve, reject) => {
      if (this.#death !== undefined) return reject(this.#death);
      const id = this.#nextId++;
      this.#asked.set(id, { resolve: (value) => resolve(value as ReplyTo<Q>), reject });
      this.#send({ kind: 'ask', id, question });
    });
  }

  /** Asks the workers to stop after their batch. */
  drain(): void {
    this.#send({ kind: 'drain' });
  }

  /** Ends the engine; to be called when no split is being scored. */
  async stop(): Promise<void> {
    if (this.#isStopping || this.#death !== undefined) return this.#exited;
    this.#isStopping = true;
    this.#send({ kind: 'stop' });
    await this.#exited;
  }

  /** Ends the engine at once, whatever it is doing: after its last answer that is nothing, and `stop` takes longer. */
  async kill(): Promise<void> {
    this.#isStopping = true;
    this.#process.kill('SIGKILL');
    await this.#exited;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#splits.size + this.#asked.size > 0 ? this.kill() : this.stop();
  }

  #send(message: ToEngine): void {
    this.#process.send(message, (error) => {
      if (error !== null && !this.#isStopping) this.#process.kill('SIGKILL');
    });
  }

  #receive(message: FromEngine): void {
    switch (message.kind) {
      case 'planning':
        this.#planningBeats++;
        this.#moved(preflightWork, this.#planningBeats);
        break;
      case 'planned':
        this.#watchdog.end(preflightWork);
        this.#plan?.resolve(message.plan);
        break;
      case 'refused':
        this.#watchdog.end(preflightWork);
        this.#rejectAll(new FailureError(...(message.failures as [Failure, ...Failure[]])));
        break;
      case 'answer': {
        const waiting = this.#splits.get(message.id);
        this.#splits.delete(message.id);
        waiting?.resolve(message.answer);
        break;
      }
      case 'reply': {
        const asked = this.#asked.get(message.id);
        this.#asked.delete(message.id);
        const { reply } = message;
        if (reply.ok) asked?.resolve(reply.value);
        else asked?.reject(new FailureError(...reply.failures));
        break;
      }
      case 'progress':
        for (const { split, beats, rows } of message.inFlight) this.#moved(split, beats + rows);
        this.#onProgress(message.inFlight);
    }
  }

  #await(work: number, stallAfterMs: number): void {
    this.#awaited.set(work, stallAfterMs);
    this.#watchdog.begin(work, stallAfterMs + startMs);
  }

  #moved(work: number, beats: number): void {
    const stallAfterMs = this.#awaited.get(work);
    this.#awaited.delete(work);
    if (stallAfterMs !== undefined) this.#watchdog.begin(work, stallAfterMs);
    this.#watchdog.beat(work, beats);
  }

  #die(facts: Pick<EngineDeath, 'exitCode' | 'signal' | 'lastWords'>): void {
    const death = new EngineDeath({ ...facts, stall: this.#stall });
    this.#death = death;
    this.#rejectAll(death);
  }

  #rejectAll(error: Error): void {
    this.#plan?.reject(error);
    const waiting = [...this.#splits.values(), ...this.#asked.values()];
    this.#splits.clear();
    this.#asked.clear();
    for (const { reject } of waiting) reject(error);
  }
}
