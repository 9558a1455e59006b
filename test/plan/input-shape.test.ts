// Which axis counts rows, and what is left for one row.
import { describe, expect, test } from 'vitest';
import type { Dimension } from '../../src/model/signature.ts';
import { type GivenRow, layoutOf } from '../../src/plan/input-shape.ts';

const inputOf = (shape: readonly Dimension[]) => ({ name: 'x', dtype: 'float32' as const, shape, optional: false });
const given = (more: Partial<GivenRow>): GivenRow => ({
  columns: ['a'],
  isList: false,
  sizes: [],
  firstRow: null,
  shape: undefined,
  ...more,
});
const columns = (count: number) =>
  given({ columns: Array.from({ length: count }, (_, index) => `f${index}`), sizes: count === 1 ? [] : [count] });
const list = (sizes: GivenRow['sizes'], firstRow: GivenRow['firstRow'], more: Partial<GivenRow> = {}) =>
  given({ isList: true, sizes, firstRow, ...more });

describe('single columns', () => {
  test.each([
    [['N', 4], 4, { rows: 'any', rowShape: [4] }],
    [[null, 1], 1, { rows: 'any', rowShape: [1] }],
    [['N'], 1, { rows: 'any', rowShape: [] }],
    [[null, null], 3, { rows: 'any', rowShape: [3] }],
    [[null, 1, 'F'], 3, { rows: 'any', rowShape: [1, 3] }],
    [[null, 2, 3], 6, { rows: 'any', rowShape: [2, 3] }],
    [[1, 4], 4, { rows: 1, rowShape: [4] }],
    [[1], 1, { rows: 1, rowShape: [] }],
    [[1, null], 5, { rows: 1, rowShape: [5] }],
    [[8, 4], 4, { rows: 8, rowShape: [4] }],
    [[8], 1, { rows: 8, rowShape: [] }],
    [[4], 4, { rows: 'one', rowShape: [4] }],
    [[2, 3], 6, { rows: 'one', rowShape: [2, 3] }],
    [[], 1, { rows: 'one', rowShape: [] }],
  ] as const)('a shape of %j takes %d as %j', (shape, count, wanted) => {
    expect(layoutOf(inputOf(shape), columns(count))).toEqual(wanted);
  });

  test.each([
    [['N', 4], 3, '4'],
    [['N', 4], 5, '4'],
    [['N'], 2, '1'],
    [[], 4, '1'],
    [[1, 4], 3, '4'],
    [[null, 2, null], 5, '[?, 2, ?]'],
  ] as const)('a shape of %j does not take %d', (shape, count, wanted) => {
    expect(layoutOf(inputOf(shape), columns(count))).toMatchObject({
      reason: 'feature-count',
      input: 'x',
      wanted,
      given: count,
    });
  });

  test('open in two places they need a shape from the job', () => {
    expect(layoutOf(inputOf(['N', 'T', 'F']), columns(6))).toEqual({
      reason: 'shape-open',
      input: 'x',
      shape: '[N, T, F]',
      values: 6,
    });
    expect(layoutOf(inputOf(['N', 'T', 'F']), { ...columns(6), shape: [2, 3] })).toEqual({
      rows: 'any',
      rowShape: [2, 3],
    });
    expect(layoutOf(inputOf(['N', 'T', 'F']), { ...columns(6), shape: [2, 4] })).toMatchObject({
      reason: 'feature-count',
      wanted: '8',
      given: 6,
    });
  });
});

describe('lists', () => {
  test.each([
    ['of any length fill what is open', [null, null], [null], [7], { rows: 'any', rowShape: [null] }],
    ['of any length must have what is declared', [null, 4], [null], [4], { rows: 'any', rowShape: [4] }],
    ['of any length are laid out as declared', [null, 3, 8, 8], [null], [192], { rows: 'any', rowShape: [3, 8, 8] }],
    ['of a fixed length fill what is open', [null, null], [4], [4], { rows: 'any', rowShape: [4] }],
    [
      'of a fixed length are laid out as declared',
      [null, 1, 28, 28],
      [784],
      [784],
      { rows: 'any', rowShape: [1, 28, 28] },
    ],
    ['nested fill two open places', [null, null, 2], [null, 2], [3, 2], { rows: 'any', rowShape: [null, 2] }],
    [
      'nested of fixed sizes fill two open places',
      [null, null, null],
      [3, 2],
      [3, 2],
      { rows: 'any', rowShape: [3, 2] },
    ],
    ['for a model without an axis of rows', [784], [null], [784], { rows: 'one', rowShape: [784] }],
    ['for one row a call', [1, null], [null], [7], { rows: 1, rowShape: [null] }],
    ['that are not there to look at', [null, 4], [null], null, { rows: 'any', rowShape: [4] }],
    ['for a fixed batch of a fixed size', [16, 4], [null], [4], { rows: 16, rowShape: [4] }],
  ] as const)('%s', (_, shape, sizes, firstRow, wanted) => {
    expect(layoutOf(inputOf(shape), list(sizes, firstRow))).toEqual(wanted);
  });

  test('of a fixed length that is not the declared one are refused', () => {
    expect(layoutOf(inputOf([null, 4]), list([3], [3]))).toMatchObject({
      reason: 'feature-count',
      wanted: '4',
      given: 3,
    });
    expect(layoutOf(inputOf([null, null, 4]), list([null, 3], [2, 3]))).toMatchObject({ reason: 'feature-count' });
  });

  test('nested of other sizes than declared are refused, though they have as many values', () => {
    expect(layoutOf(inputOf([null, 2, 3]), list([3, 2], [3, 2]))).toMatchObject({
      reason: 'feature-count',
      wanted: '2 x 3',
      given: '3 x 2',
    });
  });

  test('flat for two open places need a shape from the job', () => {
    expect(layoutOf(inputOf([null, null, null]), list([null], [6]))).toMatchObject({ reason: 'shape-open', values: 6 });
    expect(layoutOf(inputOf([null, null, null]), list([null], [6], { shape: [2, 3] }))).toEqual({
      rows: 'any',
      rowShape: [2, 3],
    });
  });
});
