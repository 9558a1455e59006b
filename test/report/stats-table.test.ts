import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Database } from '../../src/core/duckdb-database.ts';
import { readRows } from '../../src/engine/read-rows.ts';
import {
  readColumnSummaries,
  readRunStats,
  readSplitStats,
  writeColumnSummaries,
  writeRunStats,
  writeSplitStats,
} from '../../src/report/stats-table.ts';
import { summariseColumn } from '../../src/stats/column-summary.ts';
import { runStats } from '../../src/stats/run-stats.ts';
import { sketchNumbers } from '../../src/stats/sketch-column.ts';
import { splitStats } from '../../src/stats/split-stats.ts';
import { outcome, runFacts } from '../stats/facts.ts';
import { readers } from './read-table.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'stats-table-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const splitColumns =
  'split shard shards first_row rows scored rejected filtered written part input_bytes output_bytes started_at wall_ms open_ms ' +
  'read_ms bind_ms infer_ms write_ms commit_ms rows_per_second batches batch_p50_ms batch_p95_ms batch_p99_ms ' +
  'batch_max_ms peak_memory_bytes trace worker attempt resumed run_id replaced_by';

const runColumns =
  'run_id job verdict job_fingerprint model_sha256 input_fingerprint started_at finished_at wall_ms preflight_ms ' +
  'scoring_ms publish_ms shards planned_splits planned_rows splits resumed_splits resumed_rows rows scored rejected ' +
  'filtered written input_bytes output_bytes rows_per_second scoring_rows_per_second core_seconds rows_per_core_second ' +
  'cpu_seconds open_ms read_ms bind_ms infer_ms write_ms commit_ms batches batch_p50_ms batch_p95_ms batch_p99_ms ' +
  'batch_max_ms batch_latency peak_memory_bytes held_back_by start_up_share reading_share model_share writing_share ' +
  'between_splits_share idle_share features result_columns sampled_rows workers threads_per_worker batch_rows engine_restarts scoremill_version ' +
  'node_version onnxruntime_version duckdb_version cpu_model usable_cores usable_memory_bytes';

const summaryColumns =
  'role tensor name type measure is_list rows missing values infinite distinct is_distinct_exact mean deviation ' +
  'min p01 p05 p25 p50 p75 p95 p99 max histogram top_values place_means run_id';

const rowsOf = async (path: string) => {
  const database = await Database.open({ threads: 1, memoryBytes: 2 ** 28, temporaryFolder: folder });
  const connection = await database.connect();
  const rows = await readRows(path, connection);
  connection.close();
  database.close();
  return rows;
};

/** The values of a record as a reader gives them back: counts as bigint, the rest as they are. */
const valuesOf = (record: object, row: Record<string, unknown>) =>
  Object.values(record).map((value, i) => (typeof Object.values(row)[i] === 'bigint' ? BigInt(value) : value));

test.each(Object.keys(readers))('stats.parquet holds the split rows, by %s', async (reader) => {
  const path = join(folder, `stats-${reader}.parquet`);
  const shard = {
    index: 0,
    path: 'größe.csv',
    format: 'csv',
    compression: 'none',
    fileBytes: 1,
    modifiedMs: 0,
    partition: {},
  } as const;
  const split = { index: 0, pieces: [{ shard: 0, startRow: 7, endRow: 107 }], rows: 100 };
  const done = splitStats(outcome(), {
    split,
    shards: [shard],
    part: 'part-00000-run-1.parquet',
    resumed: false,
    runId: 'run-1',
  });
  const empty = splitStats(outcome({ rows: 0, wallMs: 0, batchLatency: [] }), {
    split,
    shards: [shard],
    part: null,
    resumed: true,
    runId: 'run-1',
  });
  expect(await writeSplitStats(path, [done, empty], { run: 'run-1' })).toBe(2);
  const rows = await readers[reader](path, splitColumns.split(' '));
  expect(rows.map((row) => Object.keys(row).join(' '))).toEqual([splitColumns, splitColumns]);
  const ordered = rows.map((row) => Object.values(row));
  expect(ordered).toEqual([done, empty].map((record, i) => valuesOf(record, rows[i])));
  expect(readSplitStats(await rowsOf(path))).toEqual([done, empty]);
});

test.each(Object.keys(readers))('run.parquet holds the one row of the run, by %s', async (reader) => {
  const path = join(folder, `run-${reader}.parquet`);
  const run = runStats(runFacts());
  expect(await writeRunStats(path, run)).toBe(1);
  const [row, ...others] = await readers[reader](path, runColumns.split(' '));
  expect(others).toEqual([]);
  expect(Object.keys(row).join(' ')).toBe(runColumns);
  const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const expected = Object.fromEntries(
    Object.entries(run).map(([name, value]) => [
      snake(name),
      typeof row[snake(name)] === 'bigint' ? BigInt(value as number) : value,
    ]),
  );
  expect(row).toEqual(expected);
  expect(readRunStats(await rowsOf(path))).toEqual([run]);
});

test.each(Object.keys(readers))('columns.parquet holds what is told of the columns, by %s', async (reader) => {
  const path = join(folder, `columns-${reader}.parquet`);
  const column = {
    role: 'feature',
    tensor: 'x',
    name: 'größe',
    type: 'float32',
    measure: 'value',
    isList: false,
  } as const;
  const summaries = [[1.5, -2, 1.5], []].map((values) => ({
    ...summariseColumn(column, [sketchNumbers(Float64Array.from(values), { rows: 4, missing: 1 }, 33)]),
    runId: 'run-1',
  }));
  expect(await writeColumnSummaries(path, summaries)).toBe(2);
  const rows = await readers[reader](path, summaryColumns.split(' '));
  expect(rows.map((row) => Object.keys(row).join(' '))).toEqual([summaryColumns, summaryColumns]);
  const byName = new Map(
    Object.entries(summaries[0]).map(([name, value]) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  );
  const plain = (value: unknown) => (typeof value === 'bigint' ? Number(value) : value);
  expect(Object.entries(rows[0]).map(([name, value]) => [name, plain(value)])).toEqual(
    summaryColumns.split(' ').map((name) => [name, byName.get(name)]),
  );
  expect(readColumnSummaries(await rowsOf(path))).toEqual(summaries);
});

test('every count is an integer and every measurement a double', async () => {
  const path = join(folder, 'types.parquet');
  await writeRunStats(path, runStats(runFacts()));
  const [row] = await readers.duckdb(path, runColumns.split(' '));
  const doubles = Object.keys(row).filter((name) => typeof row[name] === 'number');
  expect(doubles.filter((name) => !/_ms$|_share$|_seconds?$/.test(name))).toEqual([]);
  const integers = Object.keys(row).filter((name) => typeof row[name] === 'bigint');
  expect(integers.filter((name) => /_ms$|_share$|_seconds?$/.test(name))).toEqual([]);
});
