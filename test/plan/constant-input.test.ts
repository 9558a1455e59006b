// The shape of an input that gets the same values in every call.
import { expect, test } from 'vitest';
import type { Dimension } from '../../src/model/signature.ts';
import { constantInput } from '../../src/plan/constant-input.ts';
import { feedsOf } from '../../src/scoring/feeds.ts';
import { batchOf, bindingOf, boundInput } from '../scoring/models.ts';

const constantOf = (shape: readonly Dimension[], value: number | readonly number[]) => {
  const made = constantInput({ name: 'h0', dtype: 'float32', shape, optional: false }, value as number, undefined, [
    'N',
  ]);
  if ('reason' in made) throw new Error(made.reason);
  return made;
};

test.for<readonly [string, readonly Dimension[], readonly (number | null)[]]>([
  ['rows named as other inputs name theirs', [2, 'N', 3], [2, null, 3]],
  ['the only open axis without a name', [2, null, 3], [2, null, 3]],
  ['an axis of another name', [1, 'seq'], [1, 1]],
  ['an open first axis', ['batch', 3], [null, 3]],
])('%s', ([, shape, dims]) => {
  expect(constantOf(shape, 0).dims).toEqual(dims);
});

test('the values of one row stand at the place of every row, also behind a fixed first axis', () => {
  const input = boundInput('float32', []);
  const constants = [constantOf([2, 'N', 3], [1, 2, 3, 4, 5, 6])];
  const batch = batchOf(input, { values: [7, 8] });
  const { h0 } = feedsOf(batch, bindingOf({ inputs: [input], fetches: [], constants }), Int32Array.of(0, 1));
  expect(h0).toEqual({
    dtype: 'float32',
    dims: [2, 2, 3],
    data: Float32Array.from([1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6]),
  });
});
