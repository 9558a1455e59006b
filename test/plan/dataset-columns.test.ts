// The columns of a dataset of many shards, and that every shard has them.
import { describe, expect, test } from 'vitest';
import { type Failure, FailureError } from '../../src/core/failure.ts';
import type { Shard } from '../../src/core/split.ts';
import { checkShards } from '../../src/plan/check-shards.ts';
import { datasetColumns, nestedType, nestedTypeText } from '../../src/plan/dataset-columns.ts';
import { declaredTypes } from '../../src/plan/declared-types.ts';
import type { ShardProfile } from '../../src/source/source.ts';
import { jobOf, openConnection } from './plan-fixtures.ts';

type Columns = Readonly<Record<string, string>>;
const profile = (columns: Columns, samples?: ShardProfile['samples']): ShardProfile => ({
  columns: Object.entries(columns).map(([name, type]) => ({ name, type })),
  rows: 1,
  starts: [{ row: 0 }],
  decodedBytes: 1,
  ...(samples === undefined ? {} : { samples, endByte: 1 }),
});
const typesOf = (profiles: readonly ShardProfile[], declared: Columns = {}) =>
  datasetColumns(profiles, declared).map(({ name, type, isGuess }) => `${name} ${type}${isGuess ? '?' : ''}`);

describe('the columns', () => {
  test('of a typed format are those of the first shard', () => {
    expect(
      datasetColumns([profile({ a: 'INTEGER', b: 'VARCHAR' }), profile({ a: 'BIGINT', c: 'FLOAT' })], { a: 'DOUBLE' }),
    ).toEqual([
      { name: 'a', type: 'INTEGER', isGuess: false, samples: [] },
      { name: 'b', type: 'VARCHAR', isGuess: false, samples: [] },
    ]);
  });

  test.each([
    [['BIGINT', 'BIGINT'], 'BIGINT'],
    [['BIGINT', 'DOUBLE'], 'DOUBLE'],
    [['DOUBLE', 'BIGINT', 'DOUBLE'], 'DOUBLE'],
    [['BIGINT', 'VARCHAR'], 'VARCHAR'],
    [['BIGINT', 'VARCHAR', 'BIGINT'], 'VARCHAR'],
    [['BOOLEAN', 'BIGINT'], 'VARCHAR'],
    [['DATE', 'DATE'], 'DATE'],
  ])('of a text format look like %j: %s', (types, wanted) => {
    expect(typesOf(types.map((type) => profile({ a: type }, { a: [] })))).toEqual([`a ${wanted}?`]);
  });

  test('of a text format are what the job declares', () => {
    expect(
      typesOf([profile({ a: 'BIGINT', b: 'VARCHAR' }, {}), profile({ a: 'VARCHAR' }, {})], { a: 'DECIMAL(9,2)' }),
    ).toEqual(['a DECIMAL(9,2)', 'b VARCHAR?']);
  });

  test('of a text format come with first values of all shards, a hundred at most', () => {
    const values = Array.from({ length: 70 }, (_, index) => String(index));
    const [{ samples }] = datasetColumns(
      [
        profile({ a: 'BIGINT' }, { a: ['x', null] }),
        profile({ a: 'BIGINT' }, {}),
        profile({ a: 'BIGINT' }, { a: values }),
        profile({ a: 'BIGINT' }, { a: values }),
      ],
      {},
    );
    expect(samples).toEqual(['x', null, ...values, ...values.slice(0, 28)]);
  });
});

test('declared types get the names that DuckDB gives them; float is a double', async () => {
  const connection = await openConnection();
  const types = {
    a: 'float',
    b: 'Int',
    c: 'decimal(10,2)',
    d: 'string',
    e: 'timestamp',
    f: 'float[]',
    g: "enum('x', 'Y')",
  };
  expect(await declaredTypes(connection, types)).toEqual({
    a: 'DOUBLE',
    b: 'INTEGER',
    c: 'DECIMAL(10,2)',
    d: 'VARCHAR',
    e: 'TIMESTAMP',
    f: 'FLOAT[]',
    g: "ENUM('x', 'Y')",
  });
  await expect(declaredTypes(connection, { a: 'flot', b: 'int', c: 'strng' })).rejects.toThrow(
    new FailureError(
      { reason: 'type-unknown', column: 'a', type: 'flot' },
      { reason: 'type-unknown', column: 'c', type: 'strng' },
    ),
  );
});

test('nested types are taken apart and put together', () => {
  for (const [type, leaf, sizes] of [
    ['FLOAT', 'FLOAT', []],
    ['FLOAT[]', 'FLOAT', [null]],
    ['FLOAT[3][]', 'FLOAT', [null, 3]],
    ['DECIMAL(9,2)[][4]', 'DECIMAL(9,2)', [4, null]],
  ] as const) {
    expect(nestedType(type)).toEqual({ leaf, sizes });
    expect(nestedTypeText(leaf, sizes)).toBe(type);
  }
});

describe('shards', () => {
  const shards = ['one', 'two', 'three'].map(
    (name, index): Shard => ({
      index,
      path: `${name}.parquet`,
      format: 'parquet',
      compression: 'none',
      fileBytes: 1,
      modifiedMs: 0,
      partition: {},
    }),
  );
  const wanted = [
    { name: 'a', type: 'INTEGER' },
    { name: 'b', type: 'VARCHAR' },
  ];
  const failuresOf = (profiles: readonly ShardProfile[], keep?: readonly string[]): readonly Failure[] => {
    try {
      checkShards(shards, profiles, wanted, jobOf({ keep }));
      return [];
    } catch (error) {
      return (error as FailureError).failures;
    }
  };
  const first = profile({ a: 'INTEGER', b: 'VARCHAR', c: 'FLOAT' });

  test('may have their columns in another order, and others', () => {
    expect(
      failuresOf([first, profile({ b: 'VARCHAR', a: 'INTEGER' }), profile({ x: 'BLOB', a: 'INTEGER', b: 'VARCHAR' })]),
    ).toEqual([]);
  });

  test('that lack a column or have it in another type are told, each and every one', () => {
    expect(failuresOf([first, profile({ A: 'INTEGER', b: 'VARCHAR' }), profile({ a: 'BIGINT' })], ['b'])).toEqual([
      {
        reason: 'column-missing',
        where: 'dataset',
        column: 'a',
        shard: 'two.parquet',
        known: ['A', 'b'],
        suggestion: 'A',
      },
      {
        reason: 'shard-type',
        column: 'a',
        shard: 'three.parquet',
        type: 'BIGINT',
        firstShard: 'one.parquet',
        firstType: 'INTEGER',
      },
      {
        reason: 'column-missing',
        where: 'keep',
        column: 'b',
        shard: 'three.parquet',
        known: ['a'],
        suggestion: undefined,
      },
    ]);
  });

  test('of text formats need the columns alone', () => {
    expect(
      failuresOf([
        profile({ a: 'BIGINT', b: 'VARCHAR' }, {}),
        profile({ a: 'VARCHAR', b: 'BIGINT' }, {}),
        profile({ a: 'BIGINT' }, {}),
      ]),
    ).toMatchObject([{ reason: 'column-missing', column: 'b', shard: 'three.parquet' }]);
  });
});
