// What is decided about tokens before the first inference, and what is refused.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FailureError } from '../../src/core/failure.ts';
import { planText, type TextRequest } from '../../src/text/plan-text.ts';
import { partNamed } from '../../src/text/token-parts.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const tokenizers = join(import.meta.dirname, 'tokenizers');

const input = (name: string, shape: (number | null)[] = [null, null], dtype: 'int64' | 'float32' = 'int64') => ({
  name,
  dtype,
  shape,
  part: undefined,
});

const plan = (more: Partial<TextRequest> = {}) =>
  planText({
    inputs: [input('input_ids'), input('attention_mask')],
    spec: {},
    isPair: false,
    tokenizerPath: join(tokenizers, 'word-piece.json'),
    configPath: null,
    ...more,
  });

function configOf(settings: object): string {
  const path = join(temporaryFolder(), 'tokenizer_config.json');
  writeFileSync(path, JSON.stringify(settings));
  return path;
}

it('leaves the length open when nothing limits it', async () => {
  expect(await plan()).toEqual({
    plan: {
      kind: 'text',
      tokenizerPath: join(tokenizers, 'word-piece.json'),
      truncation: null,
      length: null,
      padding: { id: 0, typeId: 0, side: 'right' },
      parts: ['ids', 'mask'],
    },
    isPadded: true,
    layouts: [
      { rows: 'any', rowShape: [null] },
      { rows: 'any', rowShape: [null] },
    ],
  });
});

it('takes the length from the job, then the tokenizer, then the model', async () => {
  const lengthOf = async (more: Partial<TextRequest>) => {
    const planned = await plan(more);
    return 'plan' in planned && [planned.plan.truncation?.maxLength, planned.plan.length];
  };
  const configPath = configOf({ model_max_length: 512 });
  const fixed = [input('input_ids', [null, 128]), input('attention_mask', [null, 128])];
  expect(await lengthOf({ spec: { maxLength: 64 }, configPath })).toEqual([64, null]);
  expect(await lengthOf({ configPath })).toEqual([512, null]);
  expect(await lengthOf({ configPath, inputs: fixed })).toEqual([128, 128]);
  expect(await lengthOf({ inputs: fixed })).toEqual([128, 128]);
  expect(await lengthOf({ spec: { maxLength: 16, padding: 32 } })).toEqual([16, 32]);
  expect(await lengthOf({ configPath: configOf({ model_max_length: 1e30 }) })).toEqual([undefined, null]);
});

it('takes the padding token and the sides from the configuration', async () => {
  const settings = {
    pad_token: { content: '[MASK]' },
    padding_side: 'left',
    truncation_side: 'left',
    model_max_length: 9,
  };
  expect(await plan({ configPath: configOf(settings) })).toMatchObject({
    plan: { padding: { id: 4, typeId: 0, side: 'left' }, truncation: { maxLength: 9, side: 'left' } },
  });
});

it('fills no row up for a model without a mask', async () => {
  expect(await plan({ inputs: [input('input_ids')] })).toMatchObject({ isPadded: false });
});

it('refuses what contradicts itself, all at once', async () => {
  const inputs = [
    input('input_ids', [null, 128]),
    input('attention_mask', [null, 64]),
    input('token_type_ids', [], 'float32'),
  ];
  expect(await plan({ inputs, spec: { maxLength: 2, truncation: 'only_second' } })).toEqual({
    problems: [
      '"token_type_ids" takes float32, and types of tokens are int64, int32',
      '"token_type_ids" has the shape [], and tokens are [rows, tokens]',
      'the model declares rows of 128 and 64 tokens',
      'rows of at most 2 tokens have no room for text beside 2 special tokens; give a larger maxLength',
      'truncation is only_second and there is one text; bind two columns, or leave truncation out',
    ],
  });
});

it.each([
  ['{', /^it is no JSON: /],
  ['[]', /^it holds no mapping$/],
  ['version https://git-lfs.github.com/spec/v1', /^it is a Git LFS pointer; run git lfs pull$/],
  ['{"model": null}', /^it has no model$/],
  ['{"model": {"type": "Morse"}}', /^its model is of the type Morse, which is not supported$/],
  ['{"model": {"type": "BPE", "vocab": {}, "merges": [], "dropout": 0.1}}', /dropout/],
  ['{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["a b"]}}', /merge of "a" and "b" is not in its vocabulary/],
  ['{"model": {"type": "WordLevel", "vocab": {}}, "pre_tokenizer": {"type": "UnicodeScripts"}}', /UnicodeScripts/],
  ['{"model": {"type": "WordLevel", "vocab": {}}, "normalizer": {"type": "Replace", "pattern": 3}}', /setting pattern/],
])('refuses the tokenizer %s and says why', async (text, message) => {
  const tokenizerPath = join(temporaryFolder(), 'tokenizer.json');
  writeFileSync(tokenizerPath, text);
  const error = await plan({ tokenizerPath }).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(FailureError);
  const [failure] = (error as FailureError).failures;
  expect(failure).toMatchObject({ reason: 'tokenizer-unusable', path: tokenizerPath });
  expect((failure as { message: string }).message).toMatch(message);
});

it('refuses a tokenizer that was cut anywhere', async () => {
  const whole = readFileSync(join(tokenizers, 'word-level.json'));
  const tokenizerPath = join(temporaryFolder(), 'tokenizer.json');
  copyFileSync(join(tokenizers, 'word-level.json'), tokenizerPath);
  for (let bytes = 0; bytes < whole.length; bytes += 97) {
    writeFileSync(tokenizerPath, whole.subarray(0, bytes));
    await expect(plan({ tokenizerPath })).rejects.toThrow(FailureError);
  }
});

it('knows the parts of a tokenisation by their names', () => {
  const named = (name: string) => {
    const found = partNamed(name);
    return found === null ? null : `${found.part} ${found.group}`;
  };
  expect(
    [
      'input_ids',
      'attention_mask',
      'segment_ids',
      'input_type_ids',
      'input_ids:0',
      'query_input_ids',
      'ids',
      'mask',
      'position_ids',
      'pixel_mask',
      'kids',
      'age',
    ].map(named),
  ).toEqual([
    'ids *',
    'mask *',
    'types *',
    'types *',
    'ids *:0',
    'ids query_*',
    'ids *',
    'mask *',
    'positions *',
    'mask pixel_*',
    null,
    null,
  ]);
});
