import { expect, test } from 'vitest';
import { placeOf, rowAt } from '../../src/scoring/row-place.ts';

const pieces = [
  { shard: 3, startRow: 10, endRow: 13 },
  { shard: 4, startRow: 0, endRow: 0 },
  { shard: 5, startRow: 0, endRow: 2 },
];

test('places count the rows of the pieces through, and back', () => {
  const rows = [0, 1, 2, 3, 4].map((place) => rowAt(pieces, place));
  expect(rows).toEqual([
    { shard: 3, row: 10 },
    { shard: 3, row: 11 },
    { shard: 3, row: 12 },
    { shard: 5, row: 0 },
    { shard: 5, row: 1 },
  ]);
  expect(rows.map(({ shard, row }) => placeOf(pieces, shard, row))).toEqual([0, 1, 2, 3, 4]);
});

test('what is in no piece has no place', () => {
  expect(() => placeOf(pieces, 3, 13)).toThrow('row 13 of shard 3 is in no piece');
  expect(() => placeOf(pieces, 4, 0)).toThrow('is in no piece');
  expect(() => rowAt(pieces, 5)).toThrow('has no place 5');
});
