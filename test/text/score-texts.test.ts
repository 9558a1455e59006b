// Texts through the built command line: a model in a folder of Hugging Face, its tokenizer beside it.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Row, resultOf } from '../end-to-end/result.ts';
import { python } from '../python.ts';
import { runCli } from '../run-cli.ts';
import { openConnection } from '../scoring/batches.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const model = join(import.meta.dirname, 'review-model');
const { texts: awkward }: { texts: readonly string[] } = JSON.parse(
  readFileSync(join(import.meta.dirname, 'tokenizers/expected.json'), 'utf8'),
);

/** Awkward texts, and others of 1 to 60 words, in no order of length. */
const reviews = [
  ...awkward.filter((text) => !text.includes('\0')),
  ...Array.from({ length: 600 }, (_, row) => 'the product is great and late '.repeat(1 + ((row * 7919) % 12)).trim()),
];

function jsonLines(folder: string, rows: readonly object[]): string {
  const path = join(folder, 'rows.jsonl');
  writeFileSync(path, `${rows.map((row) => JSON.stringify(row)).join('\n')}\n`);
  return path;
}

const rowsOfReviews = (): readonly object[] => reviews.map((review, id) => ({ id, review }));

/** The same rows as Parquet. */
async function parquetOf(lines: string): Promise<string> {
  const path = lines.replace('.jsonl', '.parquet');
  const connection = await openConnection();
  await connection.run(`COPY (SELECT id, review FROM read_json('${lines}')) TO '${path}' (FORMAT parquet)`);
  return path;
}

async function score(words: readonly string[]) {
  const output = join(temporaryFolder(), 'out');
  const { exitCode, stderr } = await runCli(['run', '--output', output, '--run-id', 'same', ...words]);
  return { exitCode, stderr, output, result: resultOf(output) };
}

/** The two scores of each row, whatever the columns are called: the labels of config.json name them. */
const logitsOf = (rows: readonly Row[]): number[][] =>
  rows.map(
    (row) =>
      Object.entries(row).flatMap(([name, value]) => (name.startsWith('logits') ? [value].flat() : [])) as number[],
  );

describe('a model with its tokenizer beside it', () => {
  it('is bound to the one text column, and gives the same bytes with any number of workers', async () => {
    const data = await parquetOf(jsonLines(temporaryFolder(), rowsOfReviews()));
    const words = ['--model', model, '--dataset', data, '--rows-per-file', '100', '--batch-rows', '64'];
    const hashes: (readonly string[])[] = [];
    for (const workers of ['0', '1', '3']) {
      const { exitCode, result } = await score([...words, '--workers', workers]);
      expect(exitCode).toBe(0);
      hashes.push(result.partHashes());
    }
    expect(hashes[0].length).toBeGreaterThan(1);
    expect(hashes[1]).toEqual(hashes[0]);
    expect(hashes[2]).toEqual(hashes[0]);
  });

  it('gives a row what it gets alone, whatever it shares a call with', async () => {
    const data = jsonLines(temporaryFolder(), rowsOfReviews());
    const together = await score(['--model', model, '--dataset', data]);
    const alone = await score(['--model', model, '--dataset', data, '--batch-rows', '1']);
    const [many, single] = [logitsOf(await together.result.rows()), logitsOf(await alone.result.rows())];
    expect(many).toHaveLength(reviews.length);
    for (const [row, values] of many.entries())
      for (const [index, value] of values.entries()) expect(value).toBeCloseTo(single[row][index], 4);
  });

  it('reads CSV with quotes and line breaks as the same texts', async () => {
    const folder = temporaryFolder();
    const some = reviews.filter((text) => !/[\r\0]/.test(text) && text.trim() !== '').slice(0, 60);
    writeFileSync(
      join(folder, 'rows.csv'),
      `id,review\n${some.map((text, id) => `${id},"${text.replaceAll('"', '""')}"\n`).join('')}`,
    );
    const data = jsonLines(
      folder,
      some.map((review, id) => ({ id, review })),
    );
    const csv = await score(['--model', model, '--dataset', join(folder, 'rows.csv')]);
    const json = await score(['--model', model, '--dataset', data]);
    expect(csv.stderr).toContain(`${some.length} rows scored`);
    expect(logitsOf(await csv.result.rows())).toEqual(logitsOf(await json.result.rows()));
  });

  it('says what to write when more than one column holds text', async () => {
    const data = jsonLines(temporaryFolder(), [{ title: 'a', review: 'b' }]);
    const { exitCode, stderr } = await score(['--model', model, '--dataset', data]);
    expect(exitCode).toBe(78);
    expect(stderr).toContain(
      'which column holds the text cannot be told (title, review); say it in the job, such as inputs: { input_ids: { column: title, text: auto } }',
    );
  });

  it('rejects a null, and no other row', async () => {
    const data = jsonLines(temporaryFolder(), [{ review: 'good' }, { review: null }, { review: 'late' }]);
    const { exitCode, result } = await score(['--model', model, '--dataset', data, '--budget', '1', '--keep', '']);
    expect(exitCode).toBe(0);
    expect(await result.rows()).toHaveLength(2);
    expect((await result.rejects()).map(({ row, reason }) => [Number(row), reason])).toEqual([[1, 'null']]);
  });
});

describe('a job that names the tokenizer', () => {
  const jobFile = (folder: string, inputs: string): string => {
    cpSync(join(model, 'onnx/model.onnx'), join(folder, 'model.onnx'));
    mkdirSync(join(folder, 'tokens'));
    cpSync(join(model, 'tokenizer.json'), join(folder, 'tokens/tokenizer.json'));
    jsonLines(folder, [{ question: 'what is it', context: 'the product is great' }]);
    const path = join(folder, 'job.yaml');
    writeFileSync(
      path,
      `model: { path: model.onnx }\ndataset: { path: rows.jsonl }\noutput: { path: out }\nkeep: []\ninputs:\n  ${inputs}\n`,
    );
    return path;
  };

  it('feeds a pair of columns, and the inputs that belong to it', async () => {
    const folder = temporaryFolder();
    const job = jobFile(
      folder,
      'input_ids: { columns: [question, context], text: { tokenizer: tokens, maxLength: 9 } }',
    );
    const { exitCode, stderr } = await runCli(['run', job]);
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('1 row')]);
    expect(logitsOf(await resultOf(join(folder, 'out')).rows())[0]).toHaveLength(2);
  });

  it('is another run when the tokenizer was changed', async () => {
    const folder = temporaryFolder();
    const job = jobFile(folder, 'input_ids: { column: question, text: { tokenizer: ./tokens/tokenizer.json } }');
    expect((await runCli(['run', job])).exitCode).toBe(0);
    const path = join(folder, 'tokens/tokenizer.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"lowercase": true', '"lowercase": false'));
    const { exitCode, stderr } = await runCli(['run', job]);
    expect(exitCode).toBe(73);
    expect(stderr).toContain('tokens/tokenizer.json');
  });

  it('is refused when the tokenizer is not there', async () => {
    const folder = temporaryFolder();
    const job = jobFile(folder, 'input_ids: { column: question, text: { tokenizer: nowhere.json } }');
    const { exitCode, stderr } = await runCli(['run', job]);
    expect(exitCode).toBe(66);
    expect(stderr).toContain(`no tokenizer at ${join(folder, 'nowhere.json')}`);
  });
});

/** The pipeline as its makers would write it: one text at a time, nothing filled up. */
const script = `
import json, sys
import numpy, onnxruntime
from tokenizers import Tokenizer
folder, data = sys.argv[1:]
tokenizer = Tokenizer.from_file(folder + '/tokenizer.json')
tokenizer.enable_truncation(32)
session = onnxruntime.InferenceSession(folder + '/onnx/model.onnx')
scores = []
for line in open(data, encoding='utf-8', newline='\\n'):
    encoding = tokenizer.encode(json.loads(line)['review'])
    feeds = {'input_ids': encoding.ids, 'attention_mask': encoding.attention_mask, 'token_type_ids': encoding.type_ids}
    scores.append(session.run(None, {name: numpy.array([ids]) for name, ids in feeds.items()})[0][0].tolist())
print(json.dumps(scores))
`;

it.skipIf(!python.has('tokenizers') || !python.has('onnxruntime'))('gives what Python gives', async () => {
  const data = jsonLines(temporaryFolder(), rowsOfReviews());
  const { result } = await score(['--model', model, '--dataset', data]);
  const want: number[][] = JSON.parse(python.run(script, model, data));
  const got = logitsOf(await result.rows());
  expect(got).toHaveLength(want.length);
  const furthest = got.flatMap((values, row) => values.map((value, index) => Math.abs(value - want[row][index])));
  expect(Math.max(...furthest)).toBeLessThan(1e-5);
});
