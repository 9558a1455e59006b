// float16 from the columns that data has: the nearest half float, and never an infinity that was none.
import { expect, test } from 'vitest';
import { withBench } from './bench.ts';
import { rejected, results, type Shard, scoreIdentity } from './identity.ts';

const bench = withBench();

const parquetOf = (values: readonly string[], type: string): Shard => ({
  format: 'parquet',
  content: `SELECT unnest([${values.map((value) => `'${value}'::${type}`).join(', ')}]) AS x`,
});

test('a float or double is rounded to the nearest half float, ties to even', async () => {
  for (const type of ['FLOAT', 'DOUBLE']) {
    const values = ['0.1', '2049', '2051', '5.9604644775390625e-8', '2.9802322387695312e-8', '3e-8', '1e-30', '65519'];
    const scored = await scoreIdentity(bench(), { dtype: 'float16', shard: parquetOf(values, type) });
    expect(rejected(scored)).toEqual({});
    expect(results(scored)).toEqual([0.0999755859375, 2048, 2052, 2 ** -24, 0, 2 ** -24, 0, 65504]);
  }
});

test('what would become an infinity is a reject, and an infinity is one', async () => {
  const values = ['1', '65520', '-1e6', 'inf', '-inf', 'nan'];
  const scored = await scoreIdentity(bench(), { dtype: 'float16', shard: parquetOf(values, 'FLOAT') });
  expect(rejected(scored)).toEqual({
    1: 'value-misfit: 65520 does not fit float16',
    2: 'value-misfit: -1000000 does not fit float16',
  });
  expect(results(scored)).toEqual([1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN]);
});

test('an integer that a half float cannot hold is a reject', async () => {
  const scored = await scoreIdentity(bench(), {
    dtype: 'float16',
    shard: parquetOf(['2048', '2049', '65504'], 'BIGINT'),
  });
  expect(rejected(scored)).toEqual({ 1: 'value-misfit: 2049 does not fit float16 without loss' });
  expect(results(scored)).toEqual([2048, 65504]);
});
