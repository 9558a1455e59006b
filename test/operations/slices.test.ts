// One dataset shared by an array of runs: each row scored once, whatever the format, in the order of the input.
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadJob } from '../../src/job/load.ts';
import { sliceSplits } from '../../src/plan/slice-splits.ts';
import { cutSplits } from '../../src/plan/splits.ts';
import { python } from '../python.ts';
import { runCli } from '../run-cli.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { writeNightlyJob } from './nightly-job.ts';

const root = resolve(import.meta.dirname, '../..');

describe('slices of the splits', () => {
  const rules = { rowsPerFile: 1_000_000, batchRows: 1024, resultBytesPerRow: 8, modelBytes: 300 };
  const shards = [400_000, 3, 90_000, 250_000].map((rows) => ({
    rows,
    starts: [{ row: 0 }],
    decodedBytes: rows * 100,
  }));

  it.each([1, 2, 3, 7, 16, 40])('are %i that have every row once and in order', (count) => {
    const all = cutSplits(shards, { ...rules, slices: count });
    const sliced = Array.from({ length: count }, (_, index) => sliceSplits(all, shards, { index, count }));
    const slices = sliced.map(({ splits }) => splits);
    // Where one slice ends in a shard, the next begins.
    for (const [shard, { rows }] of shards.entries()) {
      const ends = sliced.map(({ covers }) => covers[shard]);
      expect([0, ...ends.map(({ endRow }) => endRow)]).toEqual([...ends.map(({ startRow }) => startRow), rows]);
    }
    expect(
      slices
        .flatMap((splits) => splits.flatMap(({ pieces }) => pieces))
        .filter((piece) => piece.endRow > piece.startRow),
    ).toEqual(all.flatMap(({ pieces }) => pieces));
    for (const splits of slices) expect(splits.map(({ index }) => index)).toEqual([...splits.keys()]);
    const sizes = slices.map((splits) => splits.filter(({ rows }) => rows > 0).length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  });

  it('are cut from more splits than one run would have, so that every run has work for its workers', () => {
    expect(cutSplits(shards, { ...rules, slices: 2 }).length).toBeGreaterThan(1.5 * cutSplits(shards, rules).length);
  });
});

describe('runs of slices', () => {
  it('score the sample together, as one run does', { timeout: 120_000 }, async () => {
    const folder = temporaryFolder();
    const words = ['run', 'jobs/credit-risk.yaml', '--quiet', '--result-line', '--output'];
    const runs = [
      runCli([...words, join(folder, 'whole')]),
      ...[0, 1, 2].map((index) =>
        runCli([...words, join(folder, 'array'), '--slice-index', `${index}`, '--slice-count', '3']),
      ),
    ];
    const ended = [];
    for (const run of runs) ended.push(await run);
    expect(ended.map(({ exitCode, stderr }) => ({ exitCode, stderr }))).toEqual(
      Array(4).fill({ exitCode: 0, stderr: '' }),
    );
    const [whole, ...slices] = ended.map(({ stdout }) => JSON.parse(stdout));
    expect(slices.reduce((sum, { rows }) => sum + rows, 0)).toBe(whole.rows);
    expect(slices.every(({ rows }) => rows > 10_000)).toBe(true);
    expect(readdirSync(join(folder, 'array')).sort()).toEqual(['slice-0-of-3', 'slice-1-of-3', 'slice-2-of-3']);
    if (!python.available) return;
    const same = python.run(
      `
import sys, pyarrow.dataset as ds
one, other = (ds.dataset(path, format='parquet').to_table() for path in sys.argv[1:])
import duckdb, polars
files = sys.argv[2] + '/slice-*/*.parquet'
print(one.equals(other), one.num_rows, duckdb.sql(f"from '{files}'").count('*').fetchall()[0][0], polars.scan_parquet(files).collect().height)`,
      join(folder, 'whole'),
      join(folder, 'array'),
    );
    expect(same.trim()).toBe(`True ${[whole, whole, whole].map(({ written }) => written).join(' ')}`);
    const verify = (...more: string[]) => runCli(['verify', join(folder, 'array'), ...more]);
    const right = await verify('--rescore', '30');
    expect(right.exitCode, right.stderr).toBe(0);
    expect(right.stdout.trimEnd().split('\n').slice(-2)).toEqual([
      'ok      slices     together all 60,000 rows of 4 shards, of one job, model and input',
      `${join(folder, 'array')} is right`,
    ]);
    rmSync(join(folder, 'array/slice-1-of-3'), { recursive: true });
    const missing = await verify();
    expect(missing).toMatchObject({
      exitCode: 80,
      stderr: `error: ${folder}/array: slices: 1 of 3 slices are missing\n`,
    });
    expect(missing.stdout).toContain(`${folder}/array is NOT right: do not use it.`);
  });

  it.each(['credit-risk', 'recommendation', 'medical-diagnosis', 'digits'])(
    'may be more than the splits of %s: then some have no rows, and are complete',
    async (name) => {
      const folder = temporaryFolder();
      const { exitCode, stdout, stderr } = await runCli([
        ...['run', `jobs/${name}.yaml`, '--output', folder, '--quiet', '--result-line'],
        ...['--slice-index', '0', '--slice-count', '100'],
      ]);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(JSON.parse(stdout)).toMatchObject({ verdict: 'complete', rows: 0, parts: 1 });
      expect(existsSync(join(folder, 'slice-00-of-100/_SUCCESS'))).toBe(true);
    },
  );

  it('write only among slices of the same number', async () => {
    const folder = temporaryFolder();
    const job = writeNightlyJob(folder, ['2026-11-01'], 'out');
    const words = ['run', job, '--date', '2026-11-01', '--quiet', '--slice-index', '0', '--slice-count'];
    expect(await runCli([...words, '2'])).toMatchObject({ exitCode: 0, stderr: '' });
    const output = `output ${folder}/out`;
    expect(await runCli([...words, '4'])).toMatchObject({
      exitCode: 73,
      stderr: `error: ${output} is shared by 4 slices, and holds slice-0-of-2 besides; move them away, or give another output folder\n`,
    });
    expect(await runCli(['run', job, '--date', '2026-11-01', '--quiet'])).toMatchObject({
      exitCode: 73,
      stderr: `error: ${output} holds files that are not part of a result of scoremill: slice-0-of-2; move them away, or give another output folder\n`,
    });
    // A file comes between one slice and the other: they are not slices of one thing.
    writeFileSync(join(folder, 'data/2026-11-01/more.csv'), 'id,x\n4,4.5\n');
    const late = ['run', job, '--date', '2026-11-01', '--quiet', '--slice-index', '1', '--slice-count', '2'];
    expect(await runCli(late)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await runCli(['verify', join(folder, 'out'), '--quiet'])).toMatchObject({
      exitCode: 80,
      stderr: `error: ${folder}/out: slices: slice-1-of-2 is of another input than slice-0-of-2\n`,
    });
    mkdirSync(join(folder, 'other'));
    writeFileSync(join(folder, 'other/part.parquet'), '');
    const other = await runCli([...words, '2', '--output', join(folder, 'other')]);
    expect(other).toMatchObject({ exitCode: 73, stderr: expect.stringContaining('holds part.parquet besides') });
  });

  it.each([
    [
      { SCOREMILL_SLICE_INDEX: '4', SCOREMILL_SLICE_COUNT: '4' },
      'index must be below count: of four slices the last is number 3',
      64,
    ],
    [{ SCOREMILL_SLICE_INDEX: '1' }, 'dataset.slice.count: is missing', 78],
  ])('are refused with %o', async (environment, message, code) => {
    const { exitCode, stderr } = await runCli(['run', 'jobs/digits.yaml'], { environment });
    expect(exitCode).toBe(code);
    expect(stderr).toContain(message);
  });

  it('belong to what decides a result', async () => {
    const jobOf = (index: number) =>
      loadJob({
        jobPath: 'jobs/digits.yaml',
        overrides: [{ source: '--slice', path: ['dataset', 'slice'], value: { index, count: 2 } }],
        environment: {},
        params: {},
        workingFolder: root,
      });
    expect((await jobOf(0)).fingerprint).not.toBe((await jobOf(1)).fingerprint);
  });
});
