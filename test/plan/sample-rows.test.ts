import { expect, test } from 'vitest';
import { sampleRows } from '../../src/plan/sample-rows.ts';
import { isTaken } from '../../src/scoring/row-sample.ts';

const columns = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ label: `c${i}`, sql: `c${i}`, type: 'FLOAT' }));

function sampleOf(shardRows: readonly number[], { batchRows = 2048, features = 30, splits = 16 } = {}) {
  const input = {
    ...({
      name: 'x',
      dtype: 'float32',
      rowShape: [features],
      hasRowAxis: true,
      nulls: 'reject',
      isList: false,
    } as const),
    columns: columns(features),
  };
  const sample = sampleRows({
    shardRows,
    batchRows,
    splits,
    binding: { inputs: [input], preparations: [], results: [], computed: [] },
  });
  const taken: { readonly shard: number; readonly grid: number }[] = [];
  let rows = 0;
  for (const [shard, count] of shardRows.entries()) {
    for (let grid = 0; grid * batchRows < count; grid++) {
      if (!isTaken(sample, shard, grid)) continue;
      taken.push({ shard, grid });
      const [from, to] = [grid * batchRows, Math.min(count, (grid + 1) * batchRows)];
      rows += Math.ceil(to / sample.everyRows) - Math.ceil(from / sample.everyRows);
    }
  }
  return { sample, taken, rows };
}

test.each([[1], [569], [5000], [10_000]])('all of %d rows are looked at', (rows) => {
  expect(sampleOf([rows]).rows).toBe(rows);
});

test.each([
  ['one large file', [10_000_000]],
  ['a few files', [300_000, 500_000, 200_000]],
  ['thousands of small ones', new Array<number>(2000).fill(500)],
  ['a sample job', [60_000]],
])('of %s 5,000 to 12,000 rows are, from at least 28 places', (_name, shardRows) => {
  const { rows, taken } = sampleOf(shardRows);
  expect(rows).toBeGreaterThan(5000);
  expect(rows).toBeLessThan(12_000);
  expect(taken.length).toBeGreaterThanOrEqual(28);
});

test('places are spread over the dataset and follow no period', () => {
  const { taken, sample } = sampleOf([10_000_000]);
  const gaps = taken.slice(1).map(({ grid }, i) => grid - taken[i].grid);
  expect(Math.max(...gaps)).toBeLessThan(2 * sample.everyPlaces);
  expect(new Set(gaps).size).toBeGreaterThan(20);
});

test('of wide rows about 2,000 are looked at, and their splits tell less of each column', () => {
  const wide = sampleOf([1_000_000], { features: 300, batchRows: 512 });
  expect(wide.rows).toBeLessThan(3000);
  expect(wide.rows).toBeGreaterThan(1500);
  expect(wide.sample.points * 300).toBeLessThan(12_000);
  expect(sampleOf([1_000_000]).sample.points).toBeGreaterThan(wide.sample.points);
});
