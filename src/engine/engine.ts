// The supervisor's handle on the engine process: forks it, speaks the protocol, and tells when it dies. Loads no native code.
import { type ChildProcess, fork } from 'node:child_process';
import { type Failure, FailureError } from '../core/failure.ts';
import type { Plan } from '../plan/plan.ts';
import type { FromEngine, PoolSettings, SplitAnswer, SplitProgress, SplitTask, ToEngine } from './protocol.ts';
import type { Question, ReplyTo } from './questions.ts';

/** The engine process ended without being asked to: a native crash, or killed for memory. */
export class EngineDeath extends Error {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** The last lines that it wrote. */
  readonly lastWords: string;

  constructor(exitCode: number | null, signal: string | null, lastWords: string) {
    super(`the engine process died (${signal ?? `exit code ${exitCode}`})`);
    this.exitCode = exitCode;
    this.signal = signal;
    this.lastWords = lastWords;
  }
}

/** `signal SIGFPE`, `exit code 134`. */
export const causeOf = ({ signal, exitCode }: EngineDeath): string =>
  signal === null ? `exit code ${exitCode}` : `signal ${signal}`;

interface Waiting<Value> {
  resolve(value: Value): void;
  reject(error: Error): void;
}

export class Engine implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #onProgress: (inFlight: readonly SplitProgress[]) => void;
  readonly #splits = new Map<number, Waiting<SplitAnswer>>();
  readonly #asked = new Map<number, Waiting<ReplyTo<Question>>>();
  #plan: Waiting<Plan> | undefined;
  #nextId = 0;
  #isStopping = false;
  #death: EngineDeath | undefined;
  #lastWords = '';
  readonly #exited: Promise<void>;

  constructor(onProgress: (inFlight: readonly SplitProgress[]) => void = () => {}) {
    this.#onProgress = onProgress;
    this.#process = fork(new URL('./engine-process.js', import.meta.url), {
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#lastWords = (this.#lastWords + text).slice(-2000);
      });
    }
    this.#process.on('message', (message: FromEngine) => this.#receive(message));
    this.#exited = new Promise((resolve) => {
      this.#process.on('error', (error) => this.#die(new EngineDeath(null, null, error.message)));
      this.#process.on('close', (exitCode, signal) => {
        if (!this.#isStopping) this.#die(new EngineDeath(exitCode, signal, this.#lastWords.trim()));
        resolve();
      });
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** False when the process has ended by itself. */
  get isAlive(): boolean {
    return this.#death === undefined;
  }

  preflight(request: Omit<Extract<ToEngine, { kind: 'preflight' }>, 'kind'>): Promise<Plan> {
    return new Promise((resolve, reject) => {
      if (this.#death !== undefined) return reject(this.#death);
      this.#plan = { resolve, reject };
      this.#send({ kind: 'preflight', ...request });
    });
  }

  start(plan: Plan, settings: PoolSettings): void {
    this.#send({ kind: 'start', plan, settings });
  }

  /** Scores a split. Rejects with an EngineDeath when the process dies meanwhile, and with a FailureError when it cannot go on. */
  score(task: SplitTask): Promise<SplitAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#death !== undefined) return reject(this.#death);
      const id = this.#nextId++;
      this.#splits.set(id, { resolve, reject });
      this.#send({ kind: 'score', id, task });
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

  /** Ends the engine at once, whatever it is doing. */
  async kill(): Promise<void> {
    this.#isStopping = true;
    this.#process.kill('SIGKILL');
    await this.#exited;
    this.#rejectAll(new EngineDeath(null, 'SIGKILL', ''));
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
      case 'planned':
        this.#plan?.resolve(message.plan);
        break;
      case 'refused':
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
        this.#onProgress(message.inFlight);
    }
  }

  #die(death: EngineDeath): void {
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
