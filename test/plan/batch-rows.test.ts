import { expect, test } from 'vitest';
import { jobSchema } from '../../src/job/schema.ts';
import { autoBatchRows, gridRowsFor } from '../../src/plan/batch-rows.ts';
import type { BoundInput } from '../../src/scoring/binding.ts';

const jobOf = (batchRows: number | 'auto' = 'auto', rowsPerFile = 1_000_000) =>
  jobSchema.parse({
    model: { path: 'm' },
    dataset: { path: 'd' },
    output: { path: 'o', rowsPerFile },
    run: { batchRows },
  });
const inputOf = (rowShape: BoundInput['rowShape'], dtype: BoundInput['dtype'] = 'float32'): BoundInput => ({
  name: 'x',
  dtype,
  rowShape,
  hasRowAxis: true,
  columns: [],
  isList: false,
  nulls: 'reject',
});

test('a batch of narrow rows has 2,048, of wide ones a power of two that fits into the cache', () => {
  const rows = [[4], [784], [3, 224, 224], [null]].map((rowShape) =>
    autoBatchRows(jobOf(), [inputOf(rowShape)], null, 8),
  );
  expect(rows).toEqual([2048, 512, 2, 2048]);
  expect(autoBatchRows(jobOf(), [inputOf([3, 4000, 4000])], null, 8)).toBe(1);
  expect(autoBatchRows(jobOf(), [inputOf([4])], null, 100_000)).toBe(16);
});

test("the job's own number is taken", () => {
  expect(autoBatchRows(jobOf(100), [inputOf([4])], null, 8)).toBe(100);
  expect(gridRowsFor(jobOf(100), { inputs: [], outputs: [] })).toBe(100);
});

test('no batch has more rows than a part may have', () => {
  expect(autoBatchRows(jobOf('auto', 1000), [inputOf([4])], null, 8)).toBe(512);
  expect(autoBatchRows(jobOf(5000, 1000), [inputOf([4])], null, 8)).toBe(1000);
  expect(autoBatchRows(jobOf('auto', 1), [inputOf([4])], null, 8)).toBe(1);
});

test('a model with a fixed batch gets whole calls, one at least', () => {
  const of = (batchRows: number | 'auto', callRows: number, rowsPerFile?: number) =>
    autoBatchRows(jobOf(batchRows, rowsPerFile), [inputOf([4])], callRows, 8);
  expect([of('auto', 1), of('auto', 3), of('auto', 64), of('auto', 3000)]).toEqual([2048, 1536, 2048, 3000]);
  expect([of(100, 3), of(100, 64), of(2, 3), of(100, 1)]).toEqual([99, 64, 3, 100]);
  expect(of('auto', 64, 10)).toBe(64);
});

test('text is cut on a multiple of every batch that may be chosen', () => {
  for (const batchRows of ['auto', 1, 100, 2048, 5000] as const) {
    for (const fixed of [1, 2, 3, 7, 16, 64, 100, 1000]) {
      for (const rowsPerFile of [1_000_000, 3000, 50]) {
        const job = jobOf(batchRows, rowsPerFile);
        const grid = gridRowsFor(job, {
          inputs: [{ name: 'x', dtype: 'float32', shape: [fixed, 4], optional: false }],
          outputs: [],
        });
        for (const callRows of [null, 1, fixed]) {
          for (const bytes of [8, 10_000, 1_000_000]) {
            const rows = autoBatchRows(job, [inputOf([4])], callRows, bytes);
            if (grid % rows !== 0) expect.unreachable(`${grid} rows are no multiple of ${rows}`);
          }
        }
      }
    }
  }
});
