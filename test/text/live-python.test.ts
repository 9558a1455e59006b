// Token ids against Python's tokenizers as it is installed: every character that there is, in every tokenizer of the tests.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeTokenizer } from '../../src/text/tokenizer.ts';
import { python } from '../python.ts';

const folder = join(import.meta.dirname, 'tokenizers');

/** Texts of 64 characters in the order of Unicode, with a letter between, and the ids that Python makes of them. */
const script = `
import json, sys
from tokenizers import Tokenizer
tokenizer = Tokenizer.from_file(sys.argv[1])
points = [c for c in range(0x32000) if not 0xD800 <= c <= 0xDFFF] + list(range(0xE0000, 0xE0200))
texts = [''.join('a' + chr(c) for c in points[i:i + 64]) + 'A' for i in range(0, len(points), 64)]
print(json.dumps([[text, tokenizer.encode(text).ids] for text in texts]))
`;

describe.skipIf(!python.has('tokenizers'))('Python', () => {
  it.each(['word-piece', 'word-piece-cased', 'byte-level-split', 'unigram-bytes', 'word-level', 'suffixed'])(
    '%s gives the same ids for every character',
    (name) => {
      const path = join(folder, `${name}.json`);
      const want: [string, number[]][] = JSON.parse(python.run(script, path));
      const tokenizer = makeTokenizer(JSON.parse(readFileSync(path, 'utf8')));
      const differing = want.filter(([text, ids]) => tokenizer.encode([text], null)!.ids.join() !== ids.join());
      expect(differing.map(([text]) => text.codePointAt(1)!.toString(16))).toEqual([]);
    },
    60_000,
  );
});
