// The same input gives the same bytes, whatever the number of workers and however often the run was killed.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../run-cli.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { resultOf } from './result.ts';
import { startRun } from './started-run.ts';

// Two shards in 16 splits, and one row a call to make them last.
const words = (output: string, ...more: string[]): string[] => [
  ...['run', 'jobs/credit-risk.yaml', '--dataset', 'sample-data/credit-risk/data/applications-[01].parquet'],
  ...['--output', output, '--run-id', 'same', '--rows-per-file', '2000', '--batch-rows', '1', ...more],
];

describe('credit-risk in 16 splits', () => {
  let folder = '';
  let expected: readonly string[] = [];
  beforeAll(async () => {
    folder = mkdtempSync(join(realpathSync(tmpdir()), 'scoremill-'));
    const output = join(folder, 'out');
    expect((await runCli(words(output, '--workers', '2'))).exitCode).toBe(0);
    expected = resultOf(output).partHashes();
    expect(expected).toHaveLength(16);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.for(['0', '1', '3'])('gives the same parts with --workers %s', async (workers) => {
    const output = join(temporaryFolder(), 'out');
    expect((await runCli(words(output, '--workers', workers))).exitCode).toBe(0);
    expect(resultOf(output).partHashes()).toEqual(expected);
  });

  test('gives the same parts when it is killed twice and resumed', async () => {
    const output = join(temporaryFolder(), 'out');
    const resumed: unknown[] = [];
    for (const splits of [2, 3]) {
      const run = startRun(words(output));
      resumed.push((await run.until('run-started')).resumedSplits);
      await run.until('split-finished', splits);
      run.process.kill('SIGKILL');
      expect((await run.ended).signal).toBe('SIGKILL');
      expect(resultOf(output).partNames()).toEqual([]);
    }
    const last = startRun(words(output));
    resumed.push((await last.until('run-started')).resumedSplits);
    expect((await last.ended).exitCode).toBe(0);
    const [first, second, third] = resumed as number[];
    expect(first).toBe(0);
    expect(second).toBeGreaterThanOrEqual(2);
    expect(third).toBeGreaterThanOrEqual(second + 3);
    expect(resultOf(output).partHashes()).toEqual(expected);
    expect(resultOf(output).manifest().attempts).toBe(3);
  });

  test.skipIf(process.platform !== 'linux')('gives the same parts when its engine is killed twice', async () => {
    const output = join(temporaryFolder(), 'out');
    const run = startRun(words(output));
    await run.until('split-finished', 2);
    process.kill(run.engine(), 'SIGKILL');
    const first = await run.until('engine-restarted');
    await run.until('split-finished', 6);
    process.kill(run.engine(), 'SIGKILL');
    const { exitCode } = await run.ended;
    expect({ exitCode, restarts: run.events.filter(({ event }) => event === 'engine-restarted').length }).toEqual({
      exitCode: 0,
      restarts: 2,
    });
    expect(first).toMatchObject({ restarts: 1, cause: 'signal SIGKILL' });
    expect(resultOf(output).partHashes()).toEqual(expected);
    expect((await resultOf(output).run()).engine_restarts).toBe(2n);
  });
});

describe('small files packed into one part', () => {
  const packed = (output: string, ...more: string[]) => ['run', 'jobs/digits.yaml', '--output', output, ...more];

  test.for([
    { batches: 'batches as they come', options: [] },
    { batches: 'batches of 100 rows', options: ['--batch-rows', '100'] },
  ])('give the same part with any number of workers, in $batches', async ({ options }) => {
    const hashes: (readonly string[])[] = [];
    for (const workers of ['0', '1', '2']) {
      const output = join(temporaryFolder(), 'out');
      expect((await runCli(packed(output, '--run-id', 'same', '--workers', workers, ...options))).exitCode).toBe(0);
      hashes.push(resultOf(output).partHashes());
    }
    expect(hashes[0]).toHaveLength(1);
    expect(hashes[1]).toEqual(hashes[0]);
    expect(hashes[2]).toEqual(hashes[0]);
  });
});
