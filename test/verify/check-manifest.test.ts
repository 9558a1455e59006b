import { describe, expect, test } from 'vitest';
import type { Manifest } from '../../src/commit/manifest.ts';
import { checkManifest } from '../../src/run/check-manifest.ts';
import { inputRowsOf, pickSplits } from '../../src/run/pick-splits.ts';
import { manifestOf } from '../commit/fixtures.ts';

type Part = Parameters<typeof manifestOf>[1][number];

/** Parts of one shard with 100 rows, each of `rows` rows in order. */
function partsOf(...sizes: readonly number[]): readonly Part[] {
  let row = 0;
  return sizes.map((rows, split) => {
    const startRow = row;
    row += rows;
    return {
      name: `part-0000${split}-run-1.parquet`,
      split,
      rows,
      bytes: 1,
      sha256: 'a'.repeat(64),
      pieces: [{ shard: 0, startRow, endRow: row }],
    };
  });
}

/** A manifest of one run with other counts. */
const withCounts = (manifest: Manifest, counts: Manifest['counts']): Manifest => {
  const { splits: _splits, ...ofRun } = counts;
  return { ...manifest, counts, runs: [{ ...manifest.runs[0], ...ofRun }] };
};

const problemsOf = (parts: readonly Part[], change: object = {}): readonly string[] =>
  checkManifest({ ...manifestOf('run-1', parts), ...change }).problems;

describe('a manifest', () => {
  test('agrees with itself when every row of every shard is in one part', () => {
    expect(checkManifest(manifestOf('run-1', partsOf(60, 40)))).toEqual({
      name: 'manifest',
      wasMade: true,
      text: 'run run-1 of job churn: 100 rows in = 100 scored + 0 rejected',
      problems: [],
    });
  });

  test('counts rows that were rejected or filtered', () => {
    const [first, second] = partsOf(60, 40);
    const counts = { rows: 100, scored: 90, rejected: 7, filtered: 3, written: 90, parts: 2, splits: 2 };
    const shards = [{ path: 'a.csv', fileBytes: 12, modifiedMs: 1.5, rows: 100 }];
    const dataset = { paths: ['a.csv'], format: 'csv', shards };
    const { text, problems } = checkManifest({
      ...withCounts(manifestOf('run-1', [{ ...first, rows: 50 }, second]), counts),
      dataset,
    });
    expect([text, problems]).toEqual([
      'run run-1 of job churn: 100 rows in = 90 scored + 7 rejected + 3 left out by the filter',
      [],
    ]);
  });

  test('counts rows that output.where held back, and only where there is one', () => {
    const manifest = manifestOf('run-1', partsOf(60, 40));
    const [first, second] = manifest.parts;
    const parts = [{ ...first, rows: 1 }, second];
    const held = { ...withCounts(manifest, { ...manifest.counts, written: 41 }), parts };
    const definition = { output: { where: 'p > 0.8' } };
    expect(checkManifest({ ...held, job: { ...manifest.job, definition } })).toMatchObject({
      text: 'run run-1 of job churn: 100 rows in = 100 scored + 0 rejected; 41 written, as output.where says',
      problems: [],
    });
    expect(checkManifest(held).problems).toEqual([
      'counts.written is 41 and must be 100: the job writes every scored row',
    ]);
    expect(checkManifest({ ...manifest, parts, job: { ...manifest.job, definition } }).problems).toEqual([
      'counts.written is 100 and must be 41: the rows of all parts',
    ]);
  });

  test('does not, when its runs are not those that made it', () => {
    const manifest = manifestOf('run-1', partsOf(60, 40));
    const [run] = manifest.runs;
    const later = { ...run, runId: 'run-2', scored: run.scored - 1 };
    const [first, second] = manifest.parts;
    expect(checkManifest({ ...manifest, runs: [run, later] }).problems).toEqual([
      'rows of run run-2 is 100 and must be 99: scored + rejected + filtered',
      'the last of its runs is run-2, and it says run-1',
    ]);
    expect(checkManifest({ ...manifest, parts: [first, { ...second, run: 'run-0' }] }).problems).toEqual([
      `${second.name} is of run run-0, which is not among its runs`,
    ]);
    expect(checkManifest({ ...manifest, runs: [{ ...run, rejected: 1 }] }).problems).toEqual([
      'rows of run run-1 is 100 and must be 101: scored + rejected + filtered',
      'rejected of run run-1 is 1 and must be 0: no other run made any of the result',
    ]);
  });

  test('does not, with a gap or an overlap between parts', () => {
    const [first, second] = partsOf(60, 40);
    const gap = { ...second, pieces: [{ shard: 0, startRow: 61, endRow: 100 }] };
    expect(problemsOf([first, gap])).toEqual([
      'part-00001-run-1.parquet has 40 rows from 39 rows of input',
      'part-00001-run-1.parquet begins at row 61 of a.csv, and the parts before it end at row 60',
    ]);
    const overlap = { ...second, rows: 40, pieces: [{ shard: 0, startRow: 50, endRow: 100 }] };
    expect(problemsOf([first, overlap])).toEqual([
      'part-00001-run-1.parquet begins at row 50 of a.csv, and the parts before it end at row 60',
    ]);
  });

  test('does not, when rows at the end of a shard are in no part, or a part is of no shard', () => {
    const [first, second] = partsOf(60, 30);
    const shards = [{ path: 'a.csv', fileBytes: 12, modifiedMs: 1.5, rows: 100 }];
    expect(problemsOf([first, second], { dataset: { paths: ['a.csv'], format: 'csv', shards } })).toEqual([
      'counts.rows is 90 and must be 100: the rows of all shards',
      'the parts end at row 90 of a.csv, which has 100 rows',
    ]);
    const stray = { ...second, pieces: [{ shard: 4, startRow: 0, endRow: 30 }] };
    expect(problemsOf([first, stray])).toContain('part-00001-run-1.parquet is of shard number 4, and there are 1');
  });

  test('does not, when splits are missing or out of order', () => {
    const [first, second] = partsOf(60, 40);
    expect(problemsOf([first, { ...second, split: 2 }])).toEqual([
      'part-00001-run-1.parquet is number 1 in the list and belongs to split 2',
    ]);
  });
});

describe('splits to score again', () => {
  const parts = partsOf(10, 10, 10, 10, 10, 10, 10, 10, 10, 0);

  test('are as many as cover the rows, in input order, and never one without rows', () => {
    for (const [rows, splits] of [
      [1, 1],
      [10, 1],
      [11, 2],
      [90, 9],
      [1_000_000, 9],
    ]) {
      const picked = pickSplits(parts, 'run-1', rows);
      expect(picked).toHaveLength(splits);
      expect(inputRowsOf(picked)).toBe(splits * 10);
      expect(picked.map(({ split }) => split)).toEqual(picked.map(({ split }) => split).sort((a, b) => a - b));
      expect(picked.map(({ split }) => split)).not.toContain(9);
    }
  });

  test('are the same for the same run, grow with the rows, and differ between runs', () => {
    const of = (runId: string, rows: number) => pickSplits(parts, runId, rows).map(({ split }) => split);
    expect(of('run-1', 30)).toEqual(of('run-1', 30));
    expect(of('run-1', 50)).toEqual(expect.arrayContaining(of('run-1', 30)));
    const first = new Set(Array.from({ length: 40 }, (_, i) => of(`run-${i}`, 1)[0]));
    expect(first.size).toBeGreaterThan(5);
  });
});
