// Where rows may lie, from what a model declares.
import { expect, test } from 'vitest';
import type { Dimension } from '../../src/model/signature.ts';
import { isUnclear, suggestedAxis } from '../../src/plan/find-row-axes.ts';

test.for<readonly [string, readonly Dimension[], number]>([
  ['an open first axis', ['N', 4], 0],
  ['an open first axis without a name', [null, null], 0],
  ['a fixed batch', [1, 4], 0],
  ['the only open axis behind a fixed one', [4, 'N'], 1],
  ['the only open axis behind fixed ones', [2, 1, null], 2],
  ['two open axes behind a fixed one', [1, 'channels', 'time'], 0],
  ['a sequence first and a batch after it', ['seq', 'batch', 128], 1],
  ['a batch first and a sequence after it', ['batch_size', 'seq_len'], 0],
  ['a first axis without a name', [null, 'batch'], 0],
  ['no axis', [], 0],
])('%s', ([, shape, axis]) => {
  expect(suggestedAxis(shape)).toBe(axis);
});

test('an output is unclear when no shape is declared or its rows may be on another axis', () => {
  expect([null, [3, 'N'], ['N', 3], [1, 3]].map(isUnclear)).toEqual([true, true, false, false]);
});
