// The search for rows that end the engine process, with an engine that is made up: thousands of searches, also while somebody
// kills from outside at random.
import { expect } from 'vitest';
import { isolateRows } from '../../src/run/isolate-rows.ts';
import { random } from './random.ts';
import { type Counts, isFull, sweep } from './sweep.ts';

const searches = isFull ? 100_000 : 2000;

interface Search {
  readonly rows: number;
  readonly bad: ReadonlySet<number>;
  /** How likely a probe is to end for another reason. */
  readonly outsideKills: number;
}

async function found({ rows, bad, outsideKills }: Search, next: () => number, counts: Counts): Promise<number[]> {
  const rejected: number[] = [];
  const dies = async (from: number, to: number): Promise<boolean> => {
    counts.probes++;
    if (next() < outsideKills) return true;
    for (let row = from; row < to; row++) if (bad.has(row) && !rejected.includes(row)) return true;
    return false;
  };
  const reject = async (place: number): Promise<void> => void rejected.push(place);
  const number = await isolateRows({ rows, dies, diesForSure: dies, reject, isStopped: () => false });
  expect(number).toBe(rejected.length);
  return rejected;
}

const searchOf = (next: () => number, outsideKills: number): Search => {
  const rows = 1 + Math.floor(next() * 300);
  const share = next() < 0.1 ? 1 : next() * 0.1;
  const bad = new Set(Array.from({ length: rows }, (_, row) => row).filter(() => next() < share));
  return { rows, bad: bad.size === 0 ? new Set([Math.floor(next() * rows)]) : bad, outsideKills };
};

sweep('The search for rows that crash finds all of them, whichever they are, and in order', async (counts) => {
  Object.assign(counts, { searches, rows: 0, probes: 0 });
  const next = random('crashing rows');
  for (let i = 0; i < searches; i++) {
    const search = searchOf(next, 0);
    expect(await found(search, next, counts)).toEqual([...search.bad]);
    counts.rows += search.bad.size;
  }
});

sweep(
  'A row that does not crash is not rejected for an engine that others kill, unless twice when it is alone',
  async (counts) => {
    Object.assign(counts, { searches, probes: 0 });
    const next = random('outside kills');
    let wrong = 0;
    for (let i = 0; i < searches; i++) {
      const search = searchOf(next, 0.02);
      for (const place of await found(search, next, counts)) if (!search.bad.has(place)) wrong++;
    }
    // Of ten thousand probes of single rows, one in 2,500 would be killed twice in a row by chance.
    expect(wrong).toBeLessThan(counts.probes / 1000);
  },
);
