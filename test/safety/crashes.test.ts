// Native code that ends the engine process: on a row, on a file, at its start, for want of memory. The supervisor starts
// another, finds what does it, and scores the rest; whoever kills from outside costs no row.
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Database } from '../../src/core/duckdb-database.ts';
import { quoteText } from '../../src/core/sql.ts';
import { resultOf } from '../end-to-end/result.ts';
import { type StartedRun, startRun } from '../end-to-end/started-run.ts';
import { runCli } from '../run-cli.ts';
import { adding, deathsOf, dividing, expectIsolated, withPoison, writeJob } from './poisoned-job.ts';
import { type Counts, eachOf, isFull, sampled, sweep } from './sweep.ts';

const isLinux = process.platform === 'linux';
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'scoremill-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function finish(run: StartedRun, counts: Counts): Promise<void> {
  const { exitCode, stderr } = await run.ended;
  expect(exitCode, stderr).toBe(0);
  counts.runs = (counts.runs ?? 0) + 1;
  counts.crashes = (counts.crashes ?? 0) + deathsOf(run);
}

describe.skipIf(!isLinux)('a row on which native code crashes', () => {
  const cases = [
    { workers: 2, shards: 3, bad: [0, 21] },
    { workers: 1, shards: 2, bad: [15] },
    { workers: 0, shards: 1, bad: [3] },
    ...(isFull
      ? [
          { workers: 0, shards: 3, bad: [0, 9, 23] },
          { workers: 3, shards: 4, bad: [4, 5, 6, 7, 31] },
          { workers: 2, shards: 2, bad: [8, 9, 10, 11, 12, 13, 14, 15] },
        ]
      : []),
  ];

  // Only x86 processors trap.
  describe.skipIf(process.arch !== 'x64')('by a division that traps', () => {
    sweep(
      'A row on which ONNX Runtime raises SIGFPE is rejected by name, and all others are scored',
      async (counts) => {
        await eachOf(cases, async ({ workers, shards, bad }, index) => {
          const job = writeJob(join(folder, `division-${index}`), dividing, shards, bad);
          const run = startRun(job.words('--workers', String(workers), '--budget', String(bad.length)), {
            timeoutMs: 240_000,
          });
          await finish(run, counts);
          await expectIsolated(job, 'crashed', 'the engine process died on this row (signal SIGFPE)');
          counts.rows = (counts.rows ?? 0) + bad.length;
        });
      },
    );
  });

  sweep('A row on which native code segfaults, aborts or meets a bus error is rejected by name', async (counts) => {
    const signals = sampled(['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL'] as const, 2);
    await eachOf(signals, async (signal) => {
      const job = writeJob(join(folder, signal), adding, 2, [10]);
      const run = startRun(job.words('--workers', '2', '--budget', '1'), {
        ...withPoison({ calls: { '-666': signal } }),
        timeoutMs: 240_000,
      });
      await finish(run, counts);
      await expectIsolated(job, 'crashed', `the engine process died on this row (signal ${signal})`);
      const found = run.events.filter(({ event, text }) => event === 'warning' && String(text).startsWith('row '));
      expect(found.map(({ text }) => text)).toEqual([
        `row 2 of ${job.shards[1]} ended the engine process twice when it was scored alone (signal ${signal}): it is rejected`,
      ]);
    });
  });
});

test.skipIf(!isLinux)('a row on which the module crashes that is given the results is rejected by name', async () => {
  const here = join(folder, 'module');
  const job = writeJob(here, adding, 3, [3, 10]);
  const module = join(here, 'results.mjs');
  writeFileSync(
    module,
    `export function transform(batch, { arrow }) {
      const y = batch.getChild('y');
      if (y.toArray().includes(-666)) process.kill(process.pid, 'SIGSEGV');
      return new arrow.RecordBatch({ y: y.data[0] });
    }`,
  );
  for (const workers of ['0', '2']) {
    const run = startRun(
      job.words('--workers', workers, '--budget', '2', '--set', `transform.after=${module}`, '--fresh'),
      { timeoutMs: 240_000 },
    );
    const { exitCode, stderr } = await run.ended;
    expect(exitCode, stderr).toBe(0);
    await expectIsolated(job, 'crashed', 'the engine process died on this row (signal SIGSEGV)');
  }
});

describe.skipIf(!isLinux)('a file on which the reader crashes', () => {
  /** Shards of 40 rows each, as Parquet: text is read by code of our own. */
  async function parquetJob(here: string, shards: number) {
    mkdirSync(here);
    writeFileSync(join(here, 'model.onnx'), adding.bytes);
    const database = await Database.open({ threads: 1, memoryBytes: 2 ** 28, temporaryFolder: here });
    const connection = await database.connect();
    const paths = Array.from({ length: shards }, (_, shard) => join(here, `rows-${shard}.parquet`));
    for (const [shard, path] of paths.entries()) {
      const rows = `SELECT range AS id, range::FLOAT AS a, 0.5::FLOAT AS b FROM range(${shard * 40}, ${shard * 40 + 40})`;
      await connection.run(`COPY (${rows}) TO ${quoteText(path)}`);
    }
    connection.close();
    database.close();
    const out = join(here, 'out');
    const words = ['--model', join(here, 'model.onnx'), '--dataset', join(here, '*.parquet'), '--output', out];
    return {
      paths,
      out,
      words: ['run', ...words, '--keep', 'id', '--rows-per-file', '40', '--batch-rows', '40', '--workers', '1'],
    };
  }

  const named = (path: string, signal: string): string =>
    `error: reading ${path} ends the engine process (signal ${signal}); take the file out of the dataset, or write it anew`;

  test('is named before the first row when it is so from the start', async () => {
    const { words, paths, out } = await parquetJob(join(folder, 'reader-plan'), 3);
    const reads = { path: paths[0], signal: 'SIGSEGV', by: 'anyone' } as const;
    const { exitCode, stderr } = await runCli(words, withPoison({ reads }));
    expect([exitCode, stderr.trimEnd()]).toEqual([66, named(paths[0], 'SIGSEGV')]);
    expect(existsSync(out)).toBe(false);
  });

  test('keeps the others from nothing: they are scored, and not scored again', async () => {
    const { words, paths, out } = await parquetJob(join(folder, 'reader-score'), 3);
    const reads = { path: paths[1], signal: 'SIGABRT', by: 'worker' } as const;
    const { exitCode, stderr } = await runCli(words, withPoison({ reads }));
    expect([exitCode, stderr.trimEnd().split('\n').at(-1)]).toEqual([66, named(paths[1], 'SIGABRT')]);
    expect(resultOf(out).partNames()).toEqual([]);
    const again = startRun(words);
    expect(await again.until('run-started')).toMatchObject({ splits: 3, resumedSplits: 2 });
    expect((await again.ended).exitCode).toBe(0);
    expect((await resultOf(out).rows()).map(({ y }) => y)).toEqual(Array.from({ length: 120 }, (_, id) => id + 0.5));
  });
});

test.skipIf(!isLinux)(
  'a module that crashes as rows are read is named with the file, and other files are kept',
  async () => {
    const here = join(folder, 'reading-module');
    const job = writeJob(here, adding, 3, [10]);
    const module = join(here, 'features.mjs');
    writeFileSync(
      module,
      `export const columns = ['a'];
    export function transform(batch) {
      const a = Float32Array.from([...batch.getChild('a')], Number);
      if (a.includes(-666)) process.kill(process.pid, 'SIGSEGV');
      return { a };
    }`,
    );
    const run = startRun(job.words('--workers', '1', '--budget', '2', '--set', `transform.before=${module}`));
    const { exitCode, stderr } = await run.ended;
    expect([exitCode, stderr.trimEnd().split('\n').at(-1)]).toEqual([
      66,
      `error: reading ${job.shards[1]} through ${module} ends the engine process (signal SIGSEGV); mend the module, or take the file out of the dataset`,
    ]);
    expect(run.events.filter(({ event }) => event === 'split-finished').map(({ split }) => split)).toEqual([0, 2]);
  },
);

describe.skipIf(!isLinux)('an engine process', () => {
  test('that ends whenever it is started ends the run, and no row or file is blamed', async () => {
    const job = writeJob(join(folder, 'start'), adding, 8, []);
    const run = startRun(job.words('--workers', '2', '--budget', '100%'), withPoison({ starts: { signal: 'SIGILL' } }));
    const { exitCode, stderr } = await run.ended;
    expect(exitCode).toBe(70);
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(
      'error: the engine process died whenever it was started again, before it was given a row (signal SIGILL); run the same command again: finished splits are kept',
    );
    expect(deathsOf(run)).toBe(4);
  });

  sweep('An engine that is killed from outside, with SIGKILL at any time, costs no row', async (counts) => {
    const job = writeJob(join(folder, 'outside'), adding, 12, []);
    counts.kills = 0;
    await eachOf([...Array(isFull ? 20 : 2).keys()], async (round) => {
      const out = join(folder, `outside-${round}`);
      const run = startRun([...job.words('--workers', '2'), '--output', out], { timeoutMs: 240_000 });
      for (let done = 1; done <= 9; done += 2) {
        await run.until('split-finished', done).catch(() => {});
        for (const engine of run.children()) process.kill(engine, 'SIGKILL');
      }
      const { exitCode, stderr } = await run.ended;
      expect(exitCode, stderr).toBe(0);
      expect(await resultOf(out).rows()).toEqual(job.scored);
      counts.kills += deathsOf(run);
    });
  });
});
