// Texts in and out: what is in a file comes back letter for letter, or its row is a reject.
import { describe, expect, test } from 'vitest';
import { quotePath } from '../../src/core/sql.ts';
import type { TensorData } from '../../src/model/session.ts';
import { arrowShard, type TensorColumn } from '../onnx-backend/arrow-shard.ts';
import { withBench } from './bench.ts';
import { rejected, type Shard, scoreIdentity } from './identity.ts';
import type { ScoredShard } from './score-shard.ts';

const bench = withBench();

/** The column y, by way of JSON: DuckDB's client drops a byte order mark at the start of a text. */
async function textsOf({ partPath }: ScoredShard): Promise<readonly unknown[]> {
  const query = `SELECT to_json(list(y))::VARCHAR AS texts FROM read_parquet(${quotePath(partPath)})`;
  const [{ texts }] = await bench().reading.rows<{ texts: string }>(query);
  return JSON.parse(texts) as readonly unknown[];
}

const megabyte = 'é🏔x'.repeat(150_000);
const texts = ['', ' ', '🏔', 'e\u0301', '\ufeff', 'a\r\nb', '"', "'", 'null', 'NaN', '007', megabyte];

const formats: readonly (readonly [string, (texts: readonly string[], width: number) => Shard])[] = [
  [
    'Parquet',
    (values, width) => ({
      format: 'parquet',
      content: rowsOf(values, width)
        .map((row) => row.map((text) => `'${text.replaceAll("'", "''").split('\0').join("' || chr(0) || '")}'`))
        .map((row) => `SELECT ${width === 1 ? row[0] : `[${row.join(', ')}]`} AS x`)
        .join(' UNION ALL '),
    }),
  ],
  [
    'Arrow',
    (values, width) => {
      const tensor: TensorData = { dtype: 'string', dims: [values.length], data: [...values] };
      const rowShape = width === 1 ? [] : [width];
      const columns: TensorColumn[] = [{ name: 'x', tensor, rowShape, lists: 'any size' }];
      return { format: 'arrow', content: arrowShard(columns, values.length / width) };
    },
  ],
  [
    'JSON Lines',
    (values, width) => ({
      format: 'jsonl',
      content: rowsOf(values, width)
        .map((row) => `${JSON.stringify({ x: width === 1 ? row[0] : row })}\n`)
        .join(''),
    }),
  ],
];

function rowsOf(values: readonly string[], width: number): readonly (readonly string[])[] {
  return Array.from({ length: values.length / width }, (_, row) => values.slice(row * width, (row + 1) * width));
}

describe.each(formats)('%s', (_, shardOf) => {
  test('gives every text as it is', async () => {
    const scored = await scoreIdentity(bench(), { dtype: 'string', shard: shardOf(texts, 1) });
    expect(rejected(scored)).toEqual({});
    expect(await textsOf(scored)).toEqual(texts);
  });

  test('gives every text of a list as it is', async () => {
    const scored = await scoreIdentity(bench(), { dtype: 'string', rowShape: [2], shard: shardOf(texts, 2) });
    expect(rejected(scored)).toEqual({});
    expect(await textsOf(scored)).toEqual(rowsOf(texts, 2));
  });

  test('has no text cut off at a NUL character: its row is a reject', async () => {
    const message = 'the text has a NUL character, at which ONNX Runtime would cut it off';
    const single = await scoreIdentity(bench(), { dtype: 'string', shard: shardOf(['a', 'b\0c', 'd', '\0'], 1) });
    expect(rejected(single)).toEqual({ 1: `value-misfit: ${message}`, 3: `value-misfit: ${message}` });
    expect(await textsOf(single)).toEqual(['a', 'd']);
    const listed = shardOf(['a', 'b', 'c', 'd\0'], 2);
    const lists = await scoreIdentity(bench(), { dtype: 'string', rowShape: [2], shard: listed });
    expect(rejected(lists)).toEqual({ 1: `value-misfit: value 1 of the list: ${message}` });
    expect(await textsOf(lists)).toEqual([['a', 'b']]);
  });
});

test('the fields of a CSV file are texts as they stand, an empty one is a null', async () => {
  const fields = ['007', '1.50', '""', '"a ""b"", c\nd"', '🏔', 'NA'];
  const shard: Shard = { format: 'csv', content: `id,x\n${fields.map((field, id) => `${id},${field}`).join('\n')}\n` };
  const scored = await scoreIdentity(bench(), { dtype: 'string', shard });
  expect(rejected(scored)).toEqual({ 2: 'null: null' });
  expect(await textsOf(scored)).toEqual(['007', '1.50', 'a "b", c\nd', '🏔', 'NA']);
});

test('a constant with a NUL character is refused', async () => {
  const job = { inputs: { x: { value: 'a\0' } } };
  const scoring = scoreIdentity(bench(), { dtype: 'string', shard: formats[0][1](['a'], 1), job });
  await expect(scoring).rejects.toThrow('inputs.x.value: the text has a NUL character');
});
