// What a null becomes for each dtype: a reject, NaN where the job says so and floats can hold it, or the value that fills it.
import { describe, expect, test } from 'vitest';
import { type Dtype, dtypes, isFloat, sqlTypeOfDtype } from '../../src/core/dtype.ts';
import { withBench } from './bench.ts';
import { rejected, results, type Shard, scoreIdentity } from './identity.ts';

const bench = withBench();

/** A value of each dtype beside the null, and another that fills it. */
const presentOf = (dtype: Dtype): unknown => ({ string: 'a', bool: true, int64: 1n, uint64: 1n })[dtype as string] ?? 1;
const fillOf = (dtype: Dtype): unknown => ({ string: 'b', bool: false, int64: 2n, uint64: 2n })[dtype as string] ?? 2;
const fillInJob = (dtype: Dtype): unknown => (typeof fillOf(dtype) === 'bigint' ? 2 : fillOf(dtype));

const sqlOf = (value: unknown): string => (typeof value === 'string' ? `'${value}'` : String(value));
const single = (dtype: Dtype): Shard => {
  const type = sqlTypeOfDtype[dtype];
  const value = sqlOf(presentOf(dtype));
  return { format: 'parquet', content: `SELECT unnest([${value}, NULL, ${value}]::${type}[]) AS x` };
};
const inList = (dtype: Dtype): Shard => {
  const type = sqlTypeOfDtype[dtype];
  const value = sqlOf(presentOf(dtype));
  return {
    format: 'parquet',
    content: `SELECT unnest([[${value}, NULL], NULL, [${value}, ${value}]]::${type}[][]) AS x`,
  };
};

describe.each(dtypes)('a null for %s', (dtype) => {
  const value = presentOf(dtype);

  test('is a reject', async () => {
    const scored = await scoreIdentity(bench(), { dtype, shard: single(dtype) });
    expect(rejected(scored)).toEqual({ 1: 'null: null' });
    expect(results(scored)).toEqual([value, value]);
  });

  test('is a reject in a list, and as a list', async () => {
    const scored = await scoreIdentity(bench(), { dtype, rowShape: [2], shard: inList(dtype) });
    expect(rejected(scored)).toEqual({ 0: 'null: a null in the list', 1: 'null: null' });
    expect(results(scored)).toEqual([[value, value]]);
  });

  test(isFloat(dtype) ? 'becomes NaN where the job says so' : 'never becomes NaN', async () => {
    const job = { rejects: { nulls: 'nan' } };
    const scored = await scoreIdentity(bench(), { dtype, shard: single(dtype), job });
    expect(rejected(scored)).toEqual(isFloat(dtype) ? {} : { 1: 'null: null' });
    expect(results(scored)).toEqual(isFloat(dtype) ? [value, Number.NaN, value] : [value, value]);
    const lists = await scoreIdentity(bench(), { dtype, rowShape: [2], shard: inList(dtype), job });
    expect(results(lists)).toEqual([...(isFloat(dtype) ? [[value, Number.NaN]] : []), [value, value]]);
  });

  test('is filled', async () => {
    const job = { rejects: { fill: { x: fillInJob(dtype) } } };
    const scored = await scoreIdentity(bench(), { dtype, shard: single(dtype), job });
    expect(rejected(scored)).toEqual({});
    expect(results(scored)).toEqual([value, fillOf(dtype), value]);
  });
});
