// Sweeps come in two sizes: a sample on every change, and the whole of it with SCOREMILL_SAFETY=full (`make test-safe`).
// Each leaves what it counted under coverage/safety, from which write-report.mjs makes docs/safety.md: also one that is stopped
// before its end, which then says how far it came.
import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'vitest';

export const isFull = process.env.SCOREMILL_SAFETY === 'full';

const folder = resolve(import.meta.dirname, '../../coverage/safety');

/** How often something was done: `{ kills: 312, steps: 156 }`. */
export type Counts = Record<string, number>;

/** How much of a sweep is done: what `eachOf` was given, what of it was tried, and how that failed. */
const progress = { planned: 0, done: 0, failures: [] as string[] };
const everyMs = 5000;

/** A test that counts what it does. `promise` says what holds, as a sentence. */
export function sweep(promise: string, run: (counts: Counts) => Promise<void>): void {
  test(promise, { timeout: isFull ? 3 * 3_600_000 : 300_000 }, async () => {
    const counts: Counts = {};
    Object.assign(progress, { planned: 0, done: 0, failures: [] });
    const [startedMs, commit] = [Date.now(), commitOfSources()];
    const name = promise
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .slice(0, 80);
    const record = (result: 'passed' | 'failed' | 'not run to its end'): void => {
      const size = isFull ? 'full' : 'reduced';
      const path = join(folder, `${name}.json`);
      const content = { promise, counts, size, ...progress, commit, startedMs, wallMs: Date.now() - startedMs, result };
      writeFileSync(`${path}.new`, JSON.stringify(content));
      renameSync(`${path}.new`, path);
    };
    mkdirSync(folder, { recursive: true });
    record('not run to its end');
    const timer = setInterval(record, everyMs, 'not run to its end');
    try {
      await run(counts);
      record('passed');
    } catch (error) {
      record('failed');
      throw error;
    } finally {
      clearInterval(timer);
    }
  });
}

/** The commit that is tested; with what is not committed it is another one. */
function commitOfSources(): string {
  const git = (...words: readonly string[]): string =>
    spawnSync('git', words, { cwd: import.meta.dirname, encoding: 'utf8' }).stdout?.trim() ?? '';
  const commit = git('rev-parse', '--short', 'HEAD');
  if (commit === '') return 'unknown';
  return git('status', '--porcelain', '--', '../../src') === '' ? commit : `${commit} and changes`;
}

/** All of the list in the full sweep, otherwise `count` of it, evenly spread, the first and the last among them. */
export function sampled<Item>(all: readonly Item[], count: number): readonly Item[] {
  if (isFull || all.length <= count) return all;
  return Array.from({ length: count }, (_, i) => all[Math.round((i * (all.length - 1)) / (count - 1))]);
}

/** A full sweep goes on after a failure, up to so many. */
const mostFailures = 20;

/**
 * Does the work for every item, two at a time. Failures end it, the first one in the reduced form, with their items in the
 * message. A full sweep takes the items in leaps, so that one that is stopped has tried some from everywhere.
 */
export async function eachOf<Item>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<void>,
): Promise<void> {
  const waiting = (isFull ? inLeaps(items.length) : items.keys())[Symbol.iterator]();
  const failures: Error[] = [];
  progress.planned += items.length;
  const workOn = async (): Promise<void> => {
    for (const index of waiting) {
      try {
        await work(items[index], index);
        progress.done++;
      } catch (error) {
        const message = error instanceof Error ? error.message : error;
        failures.push(new Error(`${JSON.stringify(items[index])}: ${message}`, { cause: error }));
        progress.failures.push(failures[failures.length - 1].message);
      }
      if (failures.length >= (isFull ? mostFailures : 1)) return;
    }
  };
  await Promise.all([workOn(), workOn()]);
  if (failures.length > 1) throw new AggregateError(failures, failures.map(({ message }) => message).join('\n\n'));
  if (failures.length > 0) throw failures[0];
}

/** Every number below `count` once, each far from the one before. */
function inLeaps(count: number): readonly number[] {
  const common = (a: number, b: number): number => (b === 0 ? a : common(b, a % b));
  let leap = Math.max(1, Math.round(count * 0.618));
  while (common(count, leap) > 1) leap++;
  return Array.from({ length: count }, (_, i) => (i * leap) % count);
}
