import { expect, test } from 'vitest';
import type { Shard } from '../../src/core/split.ts';
import { splitStats } from '../../src/stats/split-stats.ts';
import { outcome, scoringStartedMs } from './facts.ts';

const shards = ['a.csv', 'b.csv', 'c.csv'].map(
  (path, index): Shard => ({
    index,
    path,
    format: 'csv',
    compression: 'none',
    fileBytes: 9,
    modifiedMs: 0,
    partition: {},
  }),
);

test('a split of one shard becomes one row with everything about it', () => {
  const split = { index: 3, pieces: [{ shard: 1, startRow: 500, endRow: 600 }], rows: 100 };
  const facts = { split, shards, part: 'part-00003-run-1.parquet', resumed: false, runId: 'run-1' };
  expect(splitStats(outcome({ split: 3, attempt: 2, worker: 1, wallMs: 500 }), facts)).toEqual({
    split: 3,
    shard: 'b.csv',
    shards: 1,
    firstRow: 500,
    rows: 100,
    scored: 97,
    rejected: 2,
    filtered: 1,
    written: 97,
    part: 'part-00003-run-1.parquet',
    inputBytes: 9000,
    outputBytes: 4000,
    startedAt: new Date(scoringStartedMs).toISOString(),
    wallMs: 500,
    openMs: 50,
    readMs: 100,
    bindMs: 50,
    inferMs: 700,
    writeMs: 80,
    commitMs: 20,
    rowsPerSecond: 200,
    batches: 1,
    batchP50Ms: expect.closeTo(0.011, 3),
    batchP95Ms: expect.closeTo(0.011, 3),
    batchP99Ms: expect.closeTo(0.011, 3),
    batchMaxMs: expect.closeTo(0.011, 3),
    peakMemoryBytes: 50_000_000,
    trace: '[[0,0,4000],[6,10,5678]]',
    worker: 1,
    attempt: 2,
    resumed: false,
    runId: 'run-1',
    replacedBy: null,
  });
});

test('a split of several shards names the first and counts them', () => {
  const pieces = [
    { shard: 1, startRow: 0, endRow: 40 },
    { shard: 2, startRow: 0, endRow: 60 },
  ];
  const facts = { split: { index: 0, pieces, rows: 100 }, shards, part: null, resumed: true, runId: 'run-1' };
  const { shard, shards: count, firstRow, part, resumed } = splitStats(outcome(), facts);
  expect({ shard, count, firstRow, part, resumed }).toEqual({
    shard: 'b.csv',
    count: 2,
    firstRow: 0,
    part: null,
    resumed: true,
  });
});

test('what cannot be measured is null, not zero or infinity', () => {
  const split = { index: 0, pieces: [{ shard: 0, startRow: 0, endRow: 0 }], rows: 0 };
  const empty = outcome({ rows: 0, scored: 0, rejected: 0, filtered: 0, wallMs: 0, batches: 0, batchLatency: [] });
  const { rowsPerSecond, batchP50Ms, batchMaxMs } = splitStats(empty, {
    split,
    shards,
    part: null,
    resumed: false,
    runId: 'run-1',
  });
  expect({ rowsPerSecond, batchP50Ms, batchMaxMs }).toEqual({
    rowsPerSecond: null,
    batchP50Ms: null,
    batchMaxMs: null,
  });
});
