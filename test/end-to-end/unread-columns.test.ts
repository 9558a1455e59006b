// Columns that no tree of a model splits on: not read, and nobody can tell by the result.
import { copyFileSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetMetadata } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { quoteText } from '../../src/core/sql.ts';
import {
  buildModel,
  floatsAttribute,
  input,
  integerAttribute,
  integersAttribute,
  node,
  output,
  tensorOf,
  textsAttribute,
} from '../model/build-onnx.ts';
import { runCli } from '../run-cli.ts';
import { openConnection } from '../scoring/batches.ts';
import { readRows, resultOf } from './result.ts';

const folder = mkdtempSync(join(realpathSync(tmpdir()), 'scoremill-'));
const model = join(folder, 'trees.onnx');
const features = ['a', 'b', 'c', 'd'];
const rows = 20_000;
/** `b` is of a type whose values all fit, `c` of one that the footer vouches for. */
const plain =
  'range AS id, sin(range)::FLOAT AS a, cos(range)::FLOAT AS b, range / 7.0::DOUBLE AS c, (range % 100) / 50.0 AS d';

/** One tree of two splits: on a, then on d. */
function writeModel(): void {
  const modes = ['BRANCH_LEQ', 'LEAF', 'BRANCH_LEQ', 'LEAF', 'LEAF'];
  const ids = [0, 1, 2, 3, 4];
  const trees = node('TreeEnsembleRegressor', ['x'], ['y'], {
    domain: 'ai.onnx.ml',
    attributes: [
      integerAttribute('n_targets', 1),
      integersAttribute('nodes_treeids', [0, 0, 0, 0, 0]),
      integersAttribute('nodes_nodeids', ids),
      integersAttribute('nodes_featureids', [0, 0, 3, 0, 0]),
      floatsAttribute('nodes_values', [0, 0, 1, 0, 0]),
      textsAttribute('nodes_modes', modes),
      integersAttribute('nodes_truenodeids', [1, 0, 3, 0, 0]),
      integersAttribute('nodes_falsenodeids', [2, 0, 4, 0, 0]),
      integersAttribute('target_treeids', [0, 0, 0]),
      integersAttribute('target_nodeids', [1, 3, 4]),
      integersAttribute('target_ids', [0, 0, 0]),
      floatsAttribute('target_weights', [1, 2, 3]),
    ],
  });
  const graph = [trees, input('x', tensorOf(1, 'N', 4)), output('y', tensorOf(1, 'N', 1))];
  writeFileSync(model, buildModel({ graph }));
}

async function writeRows(name: string, columns: string, format = 'parquet'): Promise<string> {
  const path = join(folder, name);
  const connection = await openConnection();
  await connection.run(`COPY (SELECT ${columns} FROM range(${rows})) TO ${quoteText(path)} (FORMAT ${format})`);
  return path;
}

let runs = 0;
async function score(dataset: string, ...more: readonly string[]) {
  const out = join(folder, `out-${runs++}`);
  const words = ['run', '--model', model, '--dataset', dataset, '--inputs', `x=${features}`, '--output', out];
  const run = await runCli([...words, '--keep', 'id', '--run-id', 'same', '--budget', '100%', ...more]);
  expect(run.exitCode, run.stderr).toBe(0);
  return { ...run, out, result: resultOf(out) };
}

/** What the tree says, in other words. */
const predicted = (id: number): number =>
  Math.fround(Math.sin(id)) <= 0 ? 1 : Math.fround((id % 100) / 50) <= 1 ? 2 : 3;

/** Flips every byte of the pages of a column. */
function spoil(path: string, column: string): void {
  const bytes = readFileSync(path);
  const { buffer, byteOffset, length } = bytes;
  const { row_groups: groups } = parquetMetadata(buffer.slice(byteOffset, byteOffset + length) as ArrayBuffer);
  for (const { columns } of groups) {
    const { meta_data: found } = columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === column)!;
    const { dictionary_page_offset: dictionary, data_page_offset: data, total_compressed_size: size } = found!;
    const start = Number(dictionary ?? data);
    for (let at = start; at < start + Number(size); at++) bytes[at] ^= 0xff;
  }
  writeFileSync(path, bytes);
}

beforeAll(writeModel);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('columns that no tree splits on', () => {
  test('are not read, which is said, and the predictions are those of the tree', async () => {
    const path = await writeRows('plain.parquet', plain);
    const { stderr, result } = await score(path);
    expect(stderr).toContain('not read: 2 columns that no tree of the model splits on (b, c)');
    const scored = await result.rows();
    expect(scored).toHaveLength(rows);
    for (const { id, y } of scored) expect([id, y]).toEqual([id, predicted(Number(id))]);

    const spoilt = join(folder, 'spoilt.parquet');
    copyFileSync(path, spoilt);
    for (const column of ['b', 'c']) spoil(spoilt, column);
    const again = await score(spoilt);
    expect((await again.result.rows()).map(({ y }) => y)).toEqual(scored.map(({ y }) => y));
    spoil(spoilt, 'd');
    const out = join(folder, 'out-spoilt');
    const words = ['run', '--model', model, '--dataset', spoilt, '--inputs', `x=${features}`, '--output', out];
    expect((await runCli(words)).exitCode).toBe(66);
  });

  test('give the same bytes as when they are read', async () => {
    const where = ['--where', `id < ${rows - 1}`];
    const left = await score(await writeRows('same.parquet', plain), ...where);
    // A row that is not scored has nulls in them.
    const last = (value: string): string => `if(range = ${rows - 1}, null, ${value})`;
    const others = plain
      .replace('cos(range)::FLOAT', last('cos(range)::FLOAT'))
      .replace('range / 7.0::DOUBLE', last('range / 7.0::DOUBLE'));
    const read = await score(await writeRows('same.parquet', others), ...where);
    expect(left.stderr).toContain('not read: 2 columns');
    expect(read.stderr).not.toContain('not read');
    expect(left.result.partHashes()).toEqual(read.result.partHashes());
    const asText = await score(await writeRows('same.csv', plain, 'csv'), ...where);
    expect(asText.stderr).not.toContain('not read');
    expect((await asText.result.rows()).map(({ y }) => y)).toEqual((await left.result.rows()).map(({ y }) => y));
  });

  test('reject a row as ever: for a null, and for a number that the tensor cannot hold', async () => {
    const nulls = await score(await writeRows('nulls.parquet', plain.replace('cos(range)', 'nullif(cos(range), 1)')));
    expect(nulls.stderr).toContain('not read: 1 column that no tree of the model splits on (c)');
    expect((await nulls.result.rejects()).map(({ row, reason, column }) => ({ row, reason, column }))).toEqual([
      { row: 0n, reason: 'null', column: 'b' },
    ]);
    const large = await score(
      await writeRows('large.parquet', plain.replace('range / 7.0::DOUBLE', 'if(range = 5, 1e39, range)::DOUBLE')),
    );
    expect(large.stderr).toContain('(b)');
    expect((await large.result.rejects()).map(({ row, reason, column }) => ({ row, reason, column }))).toEqual([
      { row: 5n, reason: 'value-misfit', column: 'c' },
    ]);
    const wanted = await score(
      await writeRows('nulls.parquet', plain.replace('cos(range)', 'nullif(cos(range), 1)')),
      '--nulls',
      'nan',
    );
    expect(wanted.stderr).toContain('(b, c)');
    expect(await wanted.result.rejects()).toEqual([]);
  });

  test('are summarised by nobody, and kept as they are where the job keeps them', async () => {
    const { out, result } = await score(await writeRows('kept.parquet', plain), '--keep', 'b');
    const [first] = await result.rows();
    expect(first).toEqual({ id: 0n, b: 1, y: 1 });
    const summaries = await readRows(join(out, '_scoremill/columns.parquet'));
    expect(summaries.filter(({ role }) => role === 'feature').map(({ name }) => name)).toEqual(['a', 'd']);
  });
});
