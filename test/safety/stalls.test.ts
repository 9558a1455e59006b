// A model that computes practically for ever on one row: the watchdog ends the engine process, and the row is found and
// rejected as one on which the process crashes.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Watchdog } from '../../src/engine/watchdog.ts';
import { resultOf } from '../end-to-end/result.ts';
import { startRun } from '../end-to-end/started-run.ts';
import { runCli } from '../run-cli.ts';
import { deathsOf, expectIsolated, looping, writeJob } from './poisoned-job.ts';
import { eachOf, isFull, sweep } from './sweep.ts';

const timeoutMs = 180_000;
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'scoremill-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a row on which the model does not end', () => {
  const cases = [
    { workers: 2, shards: 2, bad: [13] },
    { workers: 0, shards: 1, bad: [0] },
    ...(isFull
      ? [
          { workers: 1, shards: 2, bad: [8, 9] },
          { workers: 3, shards: 3, bad: [0, 12, 23] },
        ]
      : []),
  ];

  sweep(
    'A row on which the model computes for ever is rejected when nothing moves for the time allowed',
    async (counts) => {
      Object.assign(counts, { runs: 0, rows: 0, stalls: 0 });
      await eachOf(cases, async ({ workers, shards, bad }, index) => {
        const job = writeJob(join(folder, String(index)), looping, shards, bad);
        const words = job.words('--workers', String(workers), '--budget', String(bad.length), '--stall-after', '4s');
        const run = startRun(words, { timeoutMs: 240_000 });
        const { exitCode, stderr } = await run.ended;
        expect(exitCode, stderr).toBe(0);
        const message = 'the engine process stood still on this row and was ended: no progress for 4.0 s';
        await expectIsolated(job, 'stalled', message);
        counts.runs++;
        counts.rows += bad.length;
        counts.stalls += deathsOf(run);
      });
    },
  );

  test('counts against the budget, and the message names the row and the time', { timeout: timeoutMs }, async () => {
    const job = writeJob(join(folder, 'budget'), looping, 1, [5]);
    const { exitCode, stderr } = await runCli(job.words('--workers', '1', '--set', 'run.stallAfter=3'), { timeoutMs });
    expect(exitCode).toBe(65);
    expect(stderr).toContain(
      `row 5 of ${job.shards[0]} ended the engine process twice when it was scored alone (no progress for 3.0 s)`,
    );
    expect(resultOf(job.out).partNames()).toEqual([]);
  });
});

describe('the watchdog', () => {
  function watched(limitMs: number) {
    const stalls: unknown[] = [];
    let nowMs = 0;
    const watchdog = new Watchdog({ onStall: (stall) => stalls.push(stall), nowMs: () => nowMs });
    watchdog.begin(7, limitMs);
    const pass = (timeMs: number): void => {
      nowMs += timeMs;
      watchdog.tick();
    };
    return { watchdog, pass, stalls };
  }

  test('tells once of a work that has stood still for its limit', () => {
    const { watchdog, pass, stalls } = watched(5000);
    for (let second = 0; second < 9; second++) pass(500);
    expect(stalls).toEqual([]);
    pass(500);
    expect(stalls).toEqual([{ works: [7], limitMs: 5000 }]);
    for (let second = 0; second < 20; second++) pass(500);
    expect(stalls).toHaveLength(1);
    watchdog[Symbol.dispose]();
  });

  test('takes another number of beats for progress, and the same for none', () => {
    const { watchdog, pass, stalls } = watched(1000);
    for (let beats = 1; beats <= 30; beats++) {
      pass(100);
      watchdog.beat(7, beats);
    }
    expect(stalls).toEqual([]);
    for (let tick = 0; tick < 10; tick++) {
      pass(100);
      watchdog.beat(7, 30);
    }
    expect(stalls).toHaveLength(1);
    watchdog[Symbol.dispose]();
  });

  test('names only the works that stand still, and forgets those that are done', () => {
    const { watchdog, pass, stalls } = watched(1000);
    watchdog.begin(8, 1000);
    watchdog.begin(9, 1000);
    watchdog.end(9);
    for (let tick = 1; tick <= 10; tick++) {
      watchdog.beat(8, tick);
      pass(100);
    }
    expect(stalls).toEqual([{ works: [7], limitMs: 1000 }]);
    watchdog[Symbol.dispose]();
  });

  test('does not count the hours for which the machine slept', () => {
    const { watchdog, pass, stalls } = watched(10_000);
    pass(8 * 3_600_000);
    expect(stalls).toEqual([]);
    for (let tick = 0; tick < 8; tick++) pass(1000);
    expect(stalls).toEqual([{ works: [7], limitMs: 10_000 }]);
    watchdog[Symbol.dispose]();
  });

  test('watches nothing without a limit', () => {
    const { watchdog, pass, stalls } = watched(Number.POSITIVE_INFINITY);
    for (let tick = 0; tick < 100; tick++) pass(1000);
    expect(stalls).toEqual([]);
    watchdog[Symbol.dispose]();
  });
});
