// Token ids against those of Python's tokenizers, for trained tokenizers of every kind; make_tokenizers.py made them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeTokenizer } from '../../src/text/tokenizer.ts';
import type { Truncation } from '../../src/text/truncate.ts';

const folder = join(import.meta.dirname, 'tokenizers');
const readJson = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));

/** ids and type ids; null: Python refuses to cut the row. */
type Row = [number[], number[]] | null;

interface Expected {
  readonly texts: readonly string[];
  readonly pairs: readonly [string, string][];
  readonly expected: Readonly<
    Record<string, { texts: Row[]; pairs: Row[]; truncated: (Truncation & { readonly rows: Row[] })[] }>
  >;
}

const { texts, pairs, expected }: Expected = readJson('expected.json');

function rowsOf(name: string, inputs: readonly (readonly string[])[], truncation: Truncation | null): Row[] {
  const tokenizer = makeTokenizer(readJson(`${name}.json`));
  return inputs.map((row) => {
    const tokens = tokenizer.encode(row, truncation);
    return tokens === null ? null : [[...tokens.ids], [...tokens.typeIds]];
  });
}

it.each(Object.entries(expected))('%s gives the ids of Python, for texts and pairs', (name, want) => {
  const inputs = texts.map((text) => [text]);
  expect(rowsOf(name, inputs, null)).toEqual(want.texts);
  expect(rowsOf(name, pairs, null)).toEqual(want.pairs);
});

it.each(Object.entries(expected))('%s cuts texts and pairs as Python does', (name, want) => {
  const inputs = [...texts.slice(3, 12).map((text) => [text]), ...pairs];
  for (const { rows, ...truncation } of want.truncated) expect(rowsOf(name, inputs, truncation)).toEqual(rows);
});

it.each(Object.keys(expected))('%s takes a text of 100,000 letters, as a whole and word by word', (name) => {
  const tokenizer = makeTokenizer(readJson(`${name}.json`));
  const lengthOf = (text: string): number => tokenizer.encode([text], null)!.ids.length;
  expect(lengthOf('a'.repeat(100_000))).toBeGreaterThan(0);
  const [one, two, four] = [1, 2, 4].map((times) => lengthOf('great product '.repeat(times * 1000)));
  expect(four - two).toBe(2 * (two - one));
});

it('gives a word the same ids whether it was seen before or not', () => {
  const tokenizer = makeTokenizer(readJson('byte-level.json'));
  const first = texts.map((text) => tokenizer.encode([text], null));
  expect(texts.map((text) => tokenizer.encode([text], null))).toEqual(first);
});
