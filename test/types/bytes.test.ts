// Images and other arrays of uint8, as lists of bytes and as raw bytes: both give the same tensor.
import { describe, expect, test } from 'vitest';
import { FailureError } from '../../src/core/failure.ts';
import { withBench } from './bench.ts';
import { rejected, results, type Shard, scoreIdentity } from './identity.ts';

const bench = withBench();

/** Two images of 2 x 2 pixels and 3 channels. */
const first = [
  [
    [0, 1, 2],
    [3, 4, 5],
  ],
  [
    [6, 7, 8],
    [9, 10, 255],
  ],
];
const second = first.map((line) => line.map((pixel) => pixel.map((value) => 255 - value)));

const hex = (bytes: readonly number[]): string => `unhex('${Buffer.from(bytes).toString('hex')}')`;
const parquetOf = (...cells: readonly string[]): Shard => ({
  format: 'parquet',
  content: cells.map((cell, index) => `SELECT ${index} AS id, ${cell} AS x`).join(' UNION ALL '),
});
const flat = (image: readonly unknown[]): readonly number[] => image.flat(2) as number[];

describe.each([
  ['a nested fixed-size list', (image: typeof first) => `${JSON.stringify(image)}::UTINYINT[3][2][2]`],
  ['a nested list', (image: typeof first) => `${JSON.stringify(image)}::UTINYINT[][][]`],
  ['a flat fixed-size list', (image: typeof first) => `${JSON.stringify(flat(image))}::UTINYINT[12]`],
  ['a flat list of wider integers', (image: typeof first) => `${JSON.stringify(flat(image))}::INTEGER[]`],
  ['raw bytes', (image: typeof first) => hex(flat(image))],
])('an image of 2 x 2 x 3 bytes as %s', (_, cell) => {
  test('is the same tensor', async () => {
    const shard = parquetOf(cell(first), cell(second));
    // By name alone, raw bytes might as well be encoded images.
    const job = { inputs: { x: 'x' } };
    const scored = await scoreIdentity(bench(), { dtype: 'uint8', rowShape: [2, 2, 3], shard, job });
    expect(rejected(scored)).toEqual({});
    expect(results(scored)).toEqual([first, second]);
  });
});

test('a row of raw bytes that is too short, too long or null is a reject; the others are scored', async () => {
  const cells = [hex([1, 2, 3, 4]), hex([1, 2, 3]), hex([1, 2, 3, 4, 5]), 'NULL::BLOB', hex([]), hex([5, 6, 7, 8])];
  const scored = await scoreIdentity(bench(), { dtype: 'uint8', rowShape: [4], shard: parquetOf(...cells) });
  expect(rejected(scored)).toEqual({
    1: 'list-length: expected 4 values, got 3',
    2: 'list-length: expected 4 values, got 5',
    3: 'null: null',
    4: 'list-length: expected 4 values, got 0',
  });
  expect(scored.rows.map(({ id }) => id)).toEqual([0, 5]);
  expect(results(scored)).toEqual([
    [1, 2, 3, 4],
    [5, 6, 7, 8],
  ]);
});

test('raw bytes may have any length where the model leaves it open', async () => {
  const shard = parquetOf(hex([1, 2, 3]), hex([4]), hex([7, 8, 9]));
  const scored = await scoreIdentity(bench(), { dtype: 'uint8', rowShape: [null], shard });
  expect(rejected(scored)).toEqual({});
  expect(results(scored)).toEqual([[1, 2, 3], [4], [7, 8, 9]]);
});

test('an expression may make the bytes, and long ones are whole', async () => {
  const bytes = Array.from({ length: 40_000 }, (_, index) => (index * 7) % 256);
  const shard: Shard = { format: 'parquet', content: `SELECT '${Buffer.from(bytes).toString('hex')}' AS t` };
  const job = { inputs: { x: 'unhex(t)' }, keep: [] };
  const scored = await scoreIdentity(bench(), { dtype: 'uint8', rowShape: [200, 200], shard, job });
  expect(results(scored)).toEqual([
    Array.from({ length: 200 }, (_, line) => bytes.slice(line * 200, line * 200 + 200)),
  ]);
});

test('raw bytes of one wrong length in all first rows are a wrong column', async () => {
  const scoring = scoreIdentity(bench(), { dtype: 'uint8', rowShape: [4], shard: parquetOf(hex([1]), hex([2])) });
  await expect(scoring).rejects.toThrow('column "x": expected 4 values, got 1; bind another column');
});

test.each(['float32', 'int8', 'string'] as const)('raw bytes are no %s', async (dtype) => {
  const scoring = scoreIdentity(bench(), { dtype, rowShape: [4], shard: parquetOf(hex([1, 2, 3, 4])) });
  const error = await scoring.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(FailureError);
  expect((error as FailureError).failures).toMatchObject([{ reason: 'column-type', column: 'x', type: 'BLOB', dtype }]);
});

test('nothing stands in for bytes that are null', async () => {
  const job = { inputs: { x: { column: 'x', fill: 0 } } };
  const scoring = scoreIdentity(bench(), { dtype: 'uint8', rowShape: [4], shard: parquetOf(hex([1, 2, 3, 4])), job });
  await expect(scoring).rejects.toThrow('does not fit a list');
});
