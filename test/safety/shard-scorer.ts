// Scores files that may be damaged in a process that may die of it (score-shards.mjs), and tells what came of each.
import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Format } from '../../src/core/split.ts';
import { isFull } from './sweep.ts';

export interface ShardQuestion {
  readonly path: string;
  readonly format: 'auto' | Format;
  /** SQL of the model's one input. */
  readonly input: string;
  /** Columns of which the answer has the values; without it every column is kept, and no values come back. */
  readonly keep?: readonly string[];
}

export type ShardAnswer =
  | {
      readonly outcome: 'scored';
      readonly rows: number;
      readonly scored: number;
      readonly rejected: number;
      /** The rows of the parts as JSON, with `keep`. */
      readonly results: readonly string[];
    }
  | { readonly outcome: 'refused'; readonly reason: string; readonly message: string }
  /** `hung`: no answer for too long. `died`: the process ended by itself. */
  | { readonly outcome: 'hung' | 'died'; readonly message: string };

/** A full sweep shares its machine for hours: then a process that is given no time is not one that hangs. */
const mostMs = isFull ? 120_000 : 10_000;
const memoryBytes = 512 * 1024 * 1024;

export class ShardScorer implements AsyncDisposable {
  readonly #modelPath: string;
  readonly #scratch: string;
  readonly #through: readonly string[];
  #process: ChildProcess | undefined;
  #lines: Interface | undefined;

  /** `through` is a program that starts the process under a limit. */
  constructor(modelPath: string, scratch: string, through: readonly string[] = []) {
    this.#modelPath = modelPath;
    this.#scratch = scratch;
    this.#through = through;
  }

  async ask(question: ShardQuestion): Promise<ShardAnswer> {
    const [child, lines] = this.#running();
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<ShardAnswer>((answer) => {
        lines.once('line', (line) => answer(JSON.parse(line) as ShardAnswer));
        child.once('exit', (code, signal) => answer({ outcome: 'died', message: String(signal ?? code) }));
        timer = setTimeout(() => answer({ outcome: 'hung', message: `${mostMs} ms` }), mostMs);
        child.stdin!.write(`${JSON.stringify(question)}\n`);
      }).then((answer) => {
        if (answer.outcome === 'hung' || answer.outcome === 'died') this.#end();
        return answer;
      });
    } finally {
      clearTimeout(timer);
      lines.removeAllListeners('line');
      child.removeAllListeners('exit');
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end();
  }

  #running(): readonly [ChildProcess, Interface] {
    if (this.#process === undefined || this.#lines === undefined) {
      const script = resolve(import.meta.dirname, '../../coverage/score-shards/score-shards.js');
      const [program, ...before] = [...this.#through, process.execPath];
      const words = [...before, script, this.#modelPath, this.#scratch, String(memoryBytes)];
      this.#process = spawn(program, words, { stdio: ['pipe', 'pipe', 'ignore'], cwd: resolve(this.#scratch) });
      this.#process.stdin!.on('error', () => {});
      this.#lines = createInterface({ input: this.#process.stdout! });
    }
    return [this.#process, this.#lines];
  }

  #end(): void {
    this.#process?.kill('SIGKILL');
    this.#process = undefined;
    this.#lines = undefined;
  }
}
