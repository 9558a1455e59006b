// Sweeps come in two sizes: a sample on every change, and the whole of it with SCOREMILL_SAFETY=full (`make test-safe`).
// Each leaves what it counted under coverage/safety, from which write-report.mjs makes docs/safety.md.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'vitest';

export const isFull = process.env.SCOREMILL_SAFETY === 'full';

const folder = resolve(import.meta.dirname, '../../coverage/safety');

/** How often something was done: `{ kills: 312, steps: 156 }`. */
export type Counts = Record<string, number>;

/** A test that counts what it does. `promise` says what holds, as a sentence. */
export function sweep(promise: string, run: (counts: Counts) => Promise<void>): void {
  test(promise, { timeout: isFull ? 3 * 3_600_000 : 300_000 }, async () => {
    const counts: Counts = {};
    const startedMs = Date.now();
    let result = 'failed';
    try {
      await run(counts);
      result = 'passed';
    } finally {
      mkdirSync(folder, { recursive: true });
      const name = promise.toLowerCase().replace(/[^a-z0-9]+/g, '-');
      const record = { promise, counts, size: isFull ? 'full' : 'reduced', startedMs, wallMs: Date.now() - startedMs };
      writeFileSync(join(folder, `${name.slice(0, 80)}.json`), JSON.stringify({ ...record, result }));
    }
  });
}

/** All of the list in the full sweep, otherwise `count` of it, evenly spread, the first and the last among them. */
export function sampled<Item>(all: readonly Item[], count: number): readonly Item[] {
  if (isFull || all.length <= count) return all;
  return Array.from({ length: count }, (_, i) => all[Math.round((i * (all.length - 1)) / (count - 1))]);
}

/** Does the work for every item, two at a time; the first failure ends it, with the item in its message. */
export async function eachOf<Item>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<void>,
): Promise<void> {
  const waiting = items.entries();
  const workOn = async (): Promise<void> => {
    for (const [index, item] of waiting) {
      try {
        await work(item, index);
      } catch (error) {
        throw new Error(`${JSON.stringify(item)}: ${error instanceof Error ? error.message : error}`, { cause: error });
      }
    }
  };
  await Promise.all([workOn(), workOn()]);
}
