import { expect, test } from 'vitest';
import { nearest } from '../../src/core/edit-distance.ts';

const known = ['id', 'Age', 'income', 'total_amount', 'city'];

test.each([
  ['age', 'Age'],
  ['incmoe', 'income'],
  ['total-amount', 'total_amount'],
  ['TOTAL_AMOUNT', 'total_amount'],
  ['citi', 'city'],
  ['x', undefined],
  ['latitude', undefined],
  ['', undefined],
])('%j is nearest to %j', (name, expected) => {
  expect(nearest(name, known)).toBe(expected);
});

test('the first of several equally near is taken, and nothing known gives nothing', () => {
  expect(nearest('f1', ['f2', 'f3'])).toBe('f2');
  expect(nearest('f1', [])).toBeUndefined();
  expect([nearest('x', ['a', 'X']), nearest('x', ['a'])]).toEqual(['X', undefined]);
});
