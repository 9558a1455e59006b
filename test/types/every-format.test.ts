// Every dtype in and out, from every format: the values that a model gives back are those of the file, to the last digit.
import { describe, expect, test } from 'vitest';
import { type Dtype, dtypes, isFloat, sqlTypeOfDtype } from '../../src/core/dtype.ts';
import { arrowShard } from '../onnx-backend/arrow-shard.ts';
import { withBench } from './bench.ts';
import { rejected, results, type Shard, scoreIdentity } from './identity.ts';
import { specials, sqlOf, tensorOfValues, textOf, typeValues, type Value } from './type-values.ts';

const bench = withBench();

interface Way {
  readonly name: string;
  /** The shape of one row. */
  readonly rowShape: readonly number[];
  readonly takes: (value: Value, dtype: Dtype) => boolean;
  readonly shard: (values: readonly Value[], dtype: Dtype) => Shard;
}

const anything = (): boolean => true;
const isFinal = (value: Value): boolean => typeof value !== 'number' || Number.isFinite(value);
const pairs = (values: readonly Value[]): (readonly [Value, Value])[] =>
  values.flatMap((value, index) => (index % 2 === 0 ? [[value, values[index + 1]] as const] : []));
const select = (rows: readonly string[], type: string): string =>
  rows.map((row) => `SELECT CAST(${row} AS ${type}) AS x`).join(' UNION ALL ');

const ways: readonly Way[] = [
  {
    name: 'a Parquet column',
    rowShape: [],
    takes: anything,
    shard: (values, dtype) => ({
      format: 'parquet',
      content: select(
        values.map((value) => sqlOf(value, dtype)),
        sqlTypeOfDtype[dtype],
      ),
    }),
  },
  ...['[]', '[2]'].map(
    (suffix): Way => ({
      name: `a Parquet list column ${suffix}`,
      rowShape: [2],
      takes: anything,
      shard: (values, dtype) => ({
        format: 'parquet',
        content: select(
          pairs(values).map(([a, b]) => `[${sqlOf(a, dtype)}, ${sqlOf(b, dtype)}]`),
          sqlTypeOfDtype[dtype] + suffix,
        ),
      }),
    }),
  ),
  ...(['any size', 'fixed size'] as const).flatMap((lists) =>
    [[], [2], [2, 1]].map(
      (rowShape): Way => ({
        name: `an Arrow column of shape [${rowShape}], ${lists}`,
        rowShape,
        takes: anything,
        shard: (values, dtype) => {
          const rows = rowShape.length === 0 ? values.length : values.length / 2;
          const tensor = tensorOfValues(values, dtype);
          return { format: 'arrow', content: arrowShard([{ name: 'x', tensor, rowShape, lists }], rows) };
        },
      }),
    ),
  ),
  {
    name: 'a CSV column',
    rowShape: [],
    // Text in a CSV file is a matter of its own: quotes, nulls, NUL bytes.
    takes: (_, dtype) => dtype !== 'string',
    shard: (values) => ({ format: 'csv', content: `x\n${values.map(textOf).join('\n')}\n` }),
  },
  {
    name: 'a JSON Lines value',
    rowShape: [],
    takes: isFinal,
    shard: (values) => ({ format: 'jsonl', content: values.map((value) => `{"x": ${textOf(value)}}\n`).join('') }),
  },
  {
    name: 'a JSON Lines list',
    rowShape: [2],
    takes: isFinal,
    shard: (values) => ({
      format: 'jsonl',
      content: pairs(values)
        .map(([a, b]) => `{"x": [${textOf(a)}, ${textOf(b)}]}\n`)
        .join(''),
    }),
  },
];

const nested = (values: readonly Value[], rowShape: readonly number[]): readonly unknown[] => {
  if (rowShape.length === 0) return values;
  return pairs(values).map((pair) => (rowShape.length === 1 ? pair : pair.map((value) => [value])));
};

describe.each(dtypes)('%s', (dtype) => {
  for (const { name, rowShape, takes, shard } of ways) {
    const finite = typeValues[dtype].filter((value) => takes(value, dtype));
    const special = isFloat(dtype) ? specials.filter((value) => takes(value, dtype)) : [];
    const values = [...(special.length % 2 === 0 ? special : []), ...finite];
    if (values.length === 0) continue;
    test(`is exact from ${name}`, async () => {
      const scored = await scoreIdentity(bench(), { dtype, rowShape, shard: shard(values, dtype) });
      expect(rejected(scored)).toEqual({});
      expect(results(scored)).toEqual(nested(values, rowShape));
    });
  }

  test('keeps its exact type in the result', async () => {
    const shard = ways[0].shard(typeValues[dtype], dtype);
    const { plan } = await scoreIdentity(bench(), { dtype, shard });
    expect(plan.columns).toEqual([{ name: 'y', type: sqlTypeOfDtype[dtype] }]);
  });
});
