import { expect, it } from 'vitest';
import { splitColumns } from '../../src/cli/split-columns.ts';

it.each([
  ['', []],
  ['a', ['a']],
  [' a , b ', ['a', 'b']],
  ['a,', ['a', '']],
  ['f(a, g(b, c)), d', ['f(a, g(b, c))', 'd']],
  ["replace(a, ',', ')'), b", ["replace(a, ',', ')')", 'b']],
  ["'it''s, ok', b", ["'it''s, ok'", 'b']],
  ['"a,b",c', ['"a,b"', 'c']],
  ['[a, b][1], {k: c, l: d}', ['[a, b][1]', '{k: c, l: d}']],
  ['a), b', ['a)', 'b']],
])('%j', (text, items) => {
  expect(splitColumns(text)).toEqual(items);
});
