import { expect, test } from 'vitest';
import { parseTextFormat, TextFormatError, type TextMessage, type TextValue } from '../../src/model/text-format.ts';

const plain = (value: TextValue): unknown =>
  typeof value === 'string' ? value : Object.fromEntries([...value].map(([name, values]) => [name, values.map(plain)]));
const parsed = (text: string): unknown => plain(parseTextFormat(text) as TextMessage);

test('fields are values, lists and blocks in every spelling, between comments and separators', () => {
  const text = `
    name: "iris" # a comment { [
    max_batch_size: 8; hex: 0x1F, small: 1.5e-3f negative: - 4 infinite: -inf
    input [ { name: 'a' dims: [ -1, 4 ] }, { name: "b" dims: 3 dims: 5 } ]
    input < name: "c" >
    output: { reshape { shape: [] } }
    [some.extension/Type]: true`;
  expect(parsed(text)).toEqual({
    name: ['iris'],
    max_batch_size: ['8'],
    hex: ['0x1F'],
    small: ['1.5e-3f'],
    negative: ['-4'],
    infinite: ['-inf'],
    input: [{ name: ['a'], dims: ['-1', '4'] }, { name: ['b'], dims: ['3', '5'] }, { name: ['c'] }],
    output: [{ reshape: [{ shape: [] }] }],
    '[some.extension/Type]': ['true'],
  });
});

test('quoted texts are decoded as bytes of UTF-8, and those that follow each other are one', () => {
  expect(parsed(`a: "x\\ty" 'z' b: "\\303\\251 \\xc3\\xa9 \\u00e9 \\U0001F41D" c: "it's \\"so\\" \\\\ #"`)).toEqual({
    a: ['x\tyz'],
    b: ['é é é 🐝'],
    c: [`it's "so" \\ #`],
  });
});

test.for([
  ['a {\n b: 1', 'line 2: the name of a field expected, not the end of the file'],
  ['a: 1\n}', 'line 2: the name of a field expected, not }'],
  ['a b', 'line 1: ":" or "{" after a expected, not b'],
  ['a: [1 2]', 'line 1: "," or "]" expected, not 2'],
  ['a:', 'line 1: a value expected, not the end of the file'],
  ['a: 1\n\nb: "x\n', 'line 3: a quote is not closed'],
  ['a: "\\q"', 'line 1: unknown escape \\q in a quoted text'],
  ['a: %', 'line 1: unexpected "%"'],
] as const)('%j is refused with its line', ([text, message]) => {
  expect(() => parseTextFormat(text)).toThrow(new TextFormatError(message));
});
