// The grid, and single columns on their way from DuckDB into tensors.
import { describe, expect, test } from 'vitest';
import { float16Bits } from '../../src/core/float16.ts';
import { batchesOf, inputOf, openConnection, shardOf } from './batches.ts';

const numbered = (shards: readonly (readonly [shard: number, from: number, to: number])[]): string =>
  `(${shards.map(([shard, from, to]) => `SELECT ${shard}::INTEGER AS scoremill_shard, range AS scoremill_row, (range * 10 + ${shard})::DOUBLE AS a FROM range(${from}, ${to})`).join(' UNION ALL ')})`;

test.each([1, 7, 2048, 5000])(
  'batches of %d rows are cut at multiples of the row number, whatever chunks they come in',
  async (batchRows) => {
    const connection = await openConnection();
    const ranges = [
      [0, 0, 2500],
      [1, 0, 1],
      [2, 70, 2400],
    ] as const;
    const read = await batchesOf(connection, numbered(ranges), [inputOf('float64', { a: 'DOUBLE' })], { batchRows });
    const wanted = ranges.flatMap(([shard, from, to]) =>
      Array.from({ length: Math.ceil(to / batchRows) }, (_, grid) => ({
        shard,
        grid,
        rows: Array.from({ length: batchRows }, (_, row) => grid * batchRows + row).filter(
          (row) => row >= from && row < to,
        ),
      })).filter(({ rows }) => rows.length > 0),
    );
    expect(read.map(({ shard, grid, rows }) => ({ shard, grid, rows }))).toEqual(wanted);
    for (const { shard, rows, values } of read)
      expect(values.map((row) => row?.[0])).toEqual(rows.map((row) => row * 10 + shard));
  },
);

test('rows that a filter leaves out leave gaps, and the others keep their batch', async () => {
  const connection = await openConnection();
  const relation = `(SELECT * FROM ${numbered([[0, 0, 20]])} WHERE scoremill_row IN (0, 3, 4, 11, 19))`;
  const read = await batchesOf(connection, relation, [inputOf('float64', { a: 'DOUBLE' })]);
  expect(read.map(({ grid, rows }) => [grid, rows])).toEqual([
    [0, [0, 3]],
    [1, [4]],
    [2, [11]],
    [4, [19]],
  ]);
});

test('a relation without rows has no batches', async () => {
  const connection = await openConnection();
  expect(await batchesOf(connection, numbered([[0, 0, 0]]), [inputOf('float64', { a: 'DOUBLE' })])).toEqual([]);
});

test.each([1, 3, 4, 5, 8, 9])('%d float columns lie side by side in every row', async (width) => {
  const connection = await openConnection();
  const names = Array.from({ length: width }, (_, index) => `f${index}`);
  const columns = names.map((name, index) => `(range * 100 + ${index})::FLOAT AS ${name}`);
  const relation = `(SELECT ${columns.join(', ')}, 0 AS scoremill_shard, range AS scoremill_row FROM range(3000))`;
  const input = inputOf('float32', Object.fromEntries(names.map((name) => [name, 'FLOAT'])));
  const values = (await batchesOf(connection, relation, [input], { batchRows: 1000 })).flatMap((batch) => batch.values);
  expect(values).toEqual(Array.from({ length: 3000 }, (_, row) => names.map((_, index) => row * 100 + index)));
});

test('columns of several types share a tensor, and floats after another type are not mixed up', async () => {
  const connection = await openConnection();
  const relation = shardOf(
    '(1::FLOAT, 2::FLOAT, 3::FLOAT, 4::FLOAT, 5::TINYINT, 6::FLOAT, 7::DOUBLE, true, 9::BIGINT)',
    [...'abcdefghi'],
  );
  const types = {
    a: 'FLOAT',
    b: 'FLOAT',
    c: 'FLOAT',
    d: 'FLOAT',
    e: 'TINYINT',
    f: 'FLOAT',
    g: 'DOUBLE',
    h: 'BOOLEAN',
    i: 'BIGINT',
  };
  expect((await batchesOf(connection, relation, [inputOf('float32', types)]))[0].values).toEqual([
    [1, 2, 3, 4, 5, 6, 7, 1, 9],
  ]);
});

describe('nulls', () => {
  const rows = '(1, 10, 100, 1000, 1), (NULL, 20, 200, 2000, 2), (3, 30, 300, NULL, 3), (NULL, NULL, NULL, NULL, NULL)';

  test.each(['FLOAT', 'DOUBLE', 'INTEGER'])(
    'of %s columns reject their row, which names the first column',
    async (type) => {
      const connection = await openConnection();
      const columns = Object.fromEntries([...'abcde'].map((name) => [name, type]));
      const relation = `(SELECT ${[...'abcde'].map((name) => `${name}::${type} AS ${name}`).join(', ')}, scoremill_shard, scoremill_row FROM ${shardOf(rows, [...'abcde'])})`;
      const [batch] = await batchesOf(connection, relation, [inputOf('float32', columns)]);
      expect(batch.faults).toEqual({ 1: 'null: a: null', 2: 'null: d: null', 3: 'null: a: null' });
      expect(batch.values[0]).toEqual([1, 10, 100, 1000, 1]);
    },
  );

  test.each([
    ['float32', 'FLOAT', Number.NaN],
    ['float64', 'INTEGER', Number.NaN],
    ['float16', 'DOUBLE', 0x7e00],
  ] as const)('become NaN in %s where the job says so', async (dtype, type, notANumber) => {
    const connection = await openConnection();
    const input = inputOf(dtype, { a: type, b: type }, { nulls: 'nan' });
    const relation = `(SELECT a::${type} AS a, b::${type} AS b, scoremill_shard, scoremill_row FROM ${shardOf('(1, NULL), (NULL, 2), (NULL, NULL), (1, 2)', ['a', 'b'])})`;
    const [batch] = await batchesOf(connection, relation, [input]);
    const one = dtype === 'float16' ? float16Bits(1) : 1;
    const two = dtype === 'float16' ? float16Bits(2) : 2;
    expect(batch.faults).toEqual({});
    expect(batch.values).toEqual([
      [one, notANumber],
      [notANumber, two],
      [notANumber, notANumber],
      [one, two],
    ]);
  });

  test.each(['int64', 'bool', 'uint8'] as const)(
    'reject their row in %s also where floats would become NaN',
    async (dtype) => {
      const connection = await openConnection();
      const relation = shardOf('(1), (NULL), (0)', ['a']);
      const [batch] = await batchesOf(connection, relation, [inputOf(dtype, { a: 'INTEGER' }, { nulls: 'nan' })]);
      expect(batch.faults).toEqual({ 1: 'null: a: null' });
      expect([batch.values[0], batch.values[2]].map((row) => Number(row?.[0]))).toEqual([1, 0]);
    },
  );

  test('of strings reject their row; an empty string is a value', async () => {
    const connection = await openConnection();
    const relation = shardOf("('one', 'a text longer than twelve bytes'), ('', 'x'), (NULL, 'y'), ('ünï 🙂', '')", [
      'a',
      'b',
    ]);
    const [batch] = await batchesOf(connection, relation, [
      inputOf('string', { a: 'VARCHAR', b: 'VARCHAR' }, { nulls: 'nan' }),
    ]);
    expect(batch.faults).toEqual({ 2: 'null: a: null' });
    expect(batch.values).toEqual([['one', 'a text longer than twelve bytes'], ['', 'x'], null, ['ünï 🙂', '']]);
  });

  test('are seen at every place of chunks and batches', async () => {
    const connection = await openConnection();
    const relation =
      '(SELECT CASE WHEN range % 97 = 0 THEN NULL ELSE range END::BIGINT AS a, 0 AS scoremill_shard, range AS scoremill_row FROM range(10000))';
    const batches = await batchesOf(connection, relation, [inputOf('int64', { a: 'BIGINT' })], { batchRows: 1000 });
    const rejected = batches.flatMap(({ rows, faults }) => Object.keys(faults).map((row) => rows[Number(row)]));
    expect(rejected).toEqual(Array.from({ length: 104 }, (_, index) => index * 97));
    for (const { rows, values } of batches)
      expect(values.map((row) => row?.[0] ?? null)).toEqual(rows.map((row) => (row % 97 === 0 ? null : BigInt(row))));
  });
});

test('a value that does not fit rejects its row and no other', async () => {
  const connection = await openConnection();
  const relation = shardOf('(1.0, 5), (1.5, 300), (2.0, 300), (-1.0, 7)', ['a', 'b']);
  const [batch] = await batchesOf(
    connection,
    `(SELECT a::DOUBLE AS a, b, scoremill_shard, scoremill_row FROM ${relation})`,
    [inputOf('uint8', { a: 'DOUBLE', b: 'INTEGER' })],
  );
  expect(batch.faults).toEqual({
    1: 'value-misfit: a: 1.5 is no integer',
    2: 'value-misfit: b: 300 does not fit uint8',
    3: 'value-misfit: a: -1 does not fit uint8',
  });
  expect(batch.values[0]).toEqual([1, 5]);
});

test('digits in a text column become integers where the model takes numbers', async () => {
  const connection = await openConnection();
  const relation = shardOf("('9007199254740993', 1), ('1.50', 2), (NULL, 3)", ['a', 'b']);
  const [batch] = await batchesOf(connection, relation, [inputOf('int64', { a: 'VARCHAR', b: 'INTEGER' })]);
  expect(batch.faults).toEqual({ 1: 'value-misfit: a: 1.50 is no integer', 2: 'null: a: null' });
  expect(batch.values[0]).toEqual([9007199254740993n, 1n]);
});

test('faults that the reader found come first', async () => {
  const connection = await openConnection();
  const fault = `'{"column": "b", "message": "\\"x\\" is no number"}'`;
  const relation = `(SELECT *, CASE WHEN a = 2 THEN ${fault} END AS scoremill_fault FROM ${shardOf('(1, 1), (2, NULL), (NULL, 3)', ['a', 'b'])})`;
  const [batch] = await batchesOf(connection, relation, [inputOf('float64', { a: 'INTEGER', b: 'INTEGER' })], {
    hasFaults: true,
  });
  expect(batch.faults).toEqual({ 1: 'value-misfit: b: "x" is no number', 2: 'null: a: null' });
});

test('every input gets its own columns', async () => {
  const relation = shardOf("(1, 'one', 2.5::DOUBLE), (2, 'two', NULL)", ['a', 'b', 'c']);
  const inputs = [
    inputOf('string', { b: 'VARCHAR' }),
    inputOf('float64', { c: 'DOUBLE', a: 'INTEGER' }),
    inputOf('int32', { a: 'INTEGER' }),
  ];
  const all = await Promise.all(
    [0, 1, 2].map(async (first) => {
      const own = await openConnection();
      const [batch] = await batchesOf(own, relation, [inputs[first], ...inputs.filter((_, index) => index !== first)]);
      return [batch.values[0], batch.faults];
    }),
  );
  const faults = { 1: 'null: c: null' };
  expect(all).toEqual([
    [['one'], faults],
    [[2.5, 1], faults],
    [[1], faults],
  ]);
});
