// What a real run says of itself: rows that add up, times that add up, and the same values whoever reads them.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetMetadataAsync } from 'hyparquet';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readers } from '../report/read-table.ts';
import { type Row, readRows, resultOf } from './result.ts';
import { type LoggedEvent, startRun } from './started-run.ts';

let folder = '';
let out = '';
let events: readonly LoggedEvent[] = [];
let splits: readonly Row[] = [];
let run: Row = {};
beforeAll(async () => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'scoremill-'));
  out = join(folder, 'out');
  const started = startRun([
    ...['run', 'jobs/credit-risk.yaml', '--output', out, '--run-id', 'measured', '--where', 'age < 60 OR age IS NULL'],
    ...['--rows-per-file', '5000', '--batch-rows', '100', '--workers', '2'],
  ]);
  expect((await started.ended).exitCode).toBe(0);
  events = started.events;
  splits = await resultOf(out).stats();
  run = await resultOf(out).run();
});
afterAll(() => rmSync(folder, { recursive: true }));

const number = (row: Row, column: string): number => Number(row[column]);
const sum = (rows: readonly Row[], column: string): number => rows.reduce((all, row) => all + number(row, column), 0);
const stages = ['open_ms', 'read_ms', 'bind_ms', 'infer_ms', 'write_ms', 'commit_ms'];

test('rows add up: in every split, over the run, in the manifest, and in the parts', async () => {
  for (const split of splits) {
    expect(number(split, 'rows')).toBe(number(split, 'scored') + number(split, 'rejected') + number(split, 'filtered'));
  }
  const counts = Object.fromEntries(
    ['rows', 'scored', 'rejected', 'filtered', 'written'].map((name) => [name, sum(splits, name)]),
  );
  expect(counts.rows).toBe(60_000);
  expect(counts.filtered).toBeGreaterThan(0);
  expect(counts).toEqual(Object.fromEntries(Object.keys(counts).map((name) => [name, number(run, name)])));
  const { manifest, rejects, rows } = resultOf(out);
  expect(manifest().counts).toEqual({ ...counts, parts: splits.length, splits: splits.length });
  expect((await rejects()).length).toBe(counts.rejected);
  expect((await rows()).length).toBe(counts.written);
  expect(counts.written).toBe(counts.scored);
  expect(number(run, 'planned_rows')).toBe(60_000);
  expect(number(run, 'planned_splits')).toBe(splits.length);
});

test('the stages of every split add up to its wall time, and those of the run to the sums of its splits', () => {
  for (const split of splits) {
    const staged = stages.reduce((all, stage) => all + number(split, stage), 0);
    expect(Math.abs(staged - number(split, 'wall_ms'))).toBeLessThan(0.05 * number(split, 'wall_ms'));
  }
  for (const stage of stages) expect(number(run, stage)).toBeCloseTo(sum(splits, stage), 6);
});

test('splits lie within what the clock saw of them, one after the other on each worker', () => {
  const timeOf = (split: Row): number =>
    Date.parse(
      String(events.find((event) => event.event === 'split-finished' && event.split === number(split, 'split'))?.time),
    );
  const startOf = (split: Row): number => (split.started_at as Date).getTime();
  const clockMs = 2;
  for (const split of splits) {
    expect(startOf(split) + number(split, 'wall_ms')).toBeLessThanOrEqual(timeOf(split) + clockMs);
  }
  for (const worker of [0, 1]) {
    const own = splits
      .filter((split) => number(split, 'worker') === worker)
      .toSorted((a, b) => startOf(a) - startOf(b));
    expect(own.length).toBeGreaterThan(0);
    for (const [i, split] of own.slice(1).entries()) {
      expect(startOf(split)).toBeGreaterThanOrEqual(startOf(own[i]) + number(own[i], 'wall_ms') - clockMs);
    }
    expect(sum(own, 'wall_ms')).toBeLessThanOrEqual(number(run, 'scoring_ms') + clockMs);
  }
});

test('the parts of the wall time are the whole of it, and so are the shares of what held the run back', () => {
  const parts = ['preflight_ms', 'scoring_ms', 'publish_ms'].reduce((all, part) => all + number(run, part), 0);
  expect(Math.abs(parts - number(run, 'wall_ms'))).toBeLessThan(0.05 * number(run, 'wall_ms'));
  const shares = Object.keys(run).filter((name) => name.endsWith('_share'));
  expect(shares.reduce((all, share) => all + number(run, share), 0)).toBeCloseTo(1, 6);
  expect(number(run, 'rows_per_second')).toBeCloseTo(60_000 / (number(run, 'wall_ms') / 1000), 3);
  expect(number(run, 'core_seconds')).toBeCloseTo((2 * number(run, 'wall_ms')) / 1000, 3);
});

test('every part says in its footer where it comes from', async () => {
  const { manifest, partNames } = resultOf(out);
  const { job, model, versions, dataset, parts } = manifest();
  expect(partNames()).toEqual(parts.map(({ name }) => name));
  for (const { name, rows, pieces } of parts) {
    const { num_rows, key_value_metadata } = await parquetMetadataAsync(await asyncBufferFromFile(join(out, name)));
    expect(Number(num_rows)).toBe(rows);
    expect(Object.fromEntries((key_value_metadata ?? []).map(({ key, value }) => [key, value]))).toMatchObject({
      'scoremill.run': 'measured',
      'scoremill.job': job.fingerprint,
      'scoremill.model': model.sha256,
      'scoremill.rows': pieces
        .map(({ shard, startRow, endRow }) => `${dataset.shards[shard].path}[${startRow},${endRow})`)
        .join('\n'),
      'scoremill.version': versions.scoremill,
      'scoremill.onnxruntime': '1.30.0',
    });
  }
});

test.each(['stats', 'run', 'columns', 'rejects'])('%s.parquet has the same values for every reader', async (name) => {
  const path = join(out, '_scoremill', `${name}.parquet`);
  const columns = Object.keys((await readRows(path))[0]);
  const expected = await readers.hyparquet(path, columns);
  for (const [reader, read] of Object.entries(readers)) {
    expect({ reader, rows: await read(path, columns) }).toEqual({ reader, rows: expected });
  }
});
