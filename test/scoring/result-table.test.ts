// Results of every dtype and shape, written to a table and read back with SQL.
import { describe, expect, test } from 'vitest';
import { type Dtype, sqlTypeOfDtype } from '../../src/core/dtype.ts';
import type { Connection } from '../../src/core/duckdb.ts';
import { describeFailure, exitCodeOf, type Failure, FailureError } from '../../src/core/failure.ts';
import { float16Bits } from '../../src/core/float16.ts';
import type { TensorValues } from '../../src/model/session.ts';
import { Batch } from '../../src/scoring/batch.ts';
import type { ResultColumn } from '../../src/scoring/binding.ts';
import { resultColumnsSql } from '../../src/scoring/result-columns-sql.ts';
import { ResultTable } from '../../src/scoring/result-table.ts';
import type { CallOutput, ScoredBatch } from '../../src/scoring/score-batch.ts';
import { openConnection } from './batches.ts';

const column = (
  dtype: Dtype,
  index: number | null,
  rowShape: readonly (number | null)[],
  more: Partial<ResultColumn> = {},
): ResultColumn => ({
  name: 'y',
  output: 'y',
  dtype,
  index,
  rowShape,
  type:
    index === null
      ? sqlTypeOfDtype[dtype] +
        [...rowShape]
          .reverse()
          .map((size) => `[${size ?? ''}]`)
          .join('')
      : sqlTypeOfDtype[dtype],
  ...more,
});

const call = (
  dtype: Dtype,
  rowShape: readonly number[],
  data: TensorValues,
  rows = data.length / rowShape.reduce((a, b) => a * b, 1),
): CallOutput => ({
  tensor: { dtype, dims: [rows, ...rowShape], data },
  rowShape,
  rowValues: rowShape.reduce((product, size) => product * size, 1),
});

/** A batch of rows numbered from `from`; `places` are [call, place], or null where the row was not scored. */
function batchOf(
  calls: Readonly<Record<string, readonly CallOutput[]>>,
  places: readonly (readonly [number, number] | null)[],
  from = 0,
  shard = 0,
) {
  const batch = new Batch([], places.length);
  batch.begin(shard, 0);
  batch.rows = places.length;
  for (const row of places.keys()) batch.rowNumbers[row] = from + row;
  const scored: ScoredBatch = {
    outputs: calls,
    callOf: Int32Array.from(places, (place) => place?.[0] ?? -1),
    placeOf: Int32Array.from(places, (place) => place?.[1] ?? 0),
  };
  return { batch, scored };
}

type Given = readonly ReturnType<typeof batchOf>[];

async function table(connection: Connection, columns: readonly ResultColumn[], given: Given, filter = '') {
  const results = await ResultTable.create(connection, 'results', columns);
  for (const { batch, scored } of given) results.append(batch, scored);
  results.finish();
  const values = resultColumnsSql(columns, 'r');
  return connection.rows<Record<string, unknown>>(
    `SELECT r.scored, r.shard, r.row, to_json({${values.map((sql, index) => `v${index}: ${sql.replace(/ AS "[^"]*"$/, '')}`).join(', ')}})::VARCHAR AS json FROM results r ${filter}`,
  );
}

/** The values of the scored rows as JSON gives them, and the type that the column ends with. */
async function written(columns: readonly ResultColumn[], given: Given) {
  const connection = await openConnection();
  const rows = await table(connection, columns, given, 'WHERE r.scored');
  const types = await connection.describe(`SELECT ${resultColumnsSql(columns, 'r').join(', ')} FROM results r`);
  return {
    types: types.map(({ name, type }) => `${name} ${type}`),
    values: rows.map(({ json }) => Object.values(JSON.parse(String(json)) as object)),
  };
}

const samples: readonly (readonly [Dtype, TensorValues, readonly unknown[]])[] = [
  ['float32', Float32Array.of(0.5, -1.25, 3), [0.5, -1.25, 3]],
  ['float64', Float64Array.of(0.1, -1e300, 3), [0.1, -1e300, 3]],
  ['float16', Uint16Array.of(...[0.5, -65504, 2 ** -24].map(float16Bits)), [0.5, -65504, 2 ** -24]],
  ['int8', Int8Array.of(-128, 0, 127), [-128, 0, 127]],
  ['int16', Int16Array.of(-32768, 0, 32767), [-32768, 0, 32767]],
  ['int32', Int32Array.of(-(2 ** 31), 0, 2 ** 31 - 1), [-(2 ** 31), 0, 2 ** 31 - 1]],
  ['uint8', Uint8Array.of(0, 1, 255), [0, 1, 255]],
  ['uint16', Uint16Array.of(0, 1, 65535), [0, 1, 65535]],
  ['uint32', Uint32Array.of(0, 1, 2 ** 32 - 1), [0, 1, 2 ** 32 - 1]],
  ['bool', Uint8Array.of(1, 0, 1), [true, false, true]],
  ['string', ['', 'short', 'a text longer than twelve bytes 🙂'], ['', 'short', 'a text longer than twelve bytes 🙂']],
];
const scalars: readonly (readonly [number, number])[] = [
  [0, 0],
  [0, 1],
  [0, 2],
];

describe.each(samples)('%s', (dtype, data, values) => {
  const sql = sqlTypeOfDtype[dtype];

  test('as single values', async () => {
    const given = [batchOf({ y: [call(dtype, [], data)] }, scalars)];
    expect(await written([column(dtype, 0, [])], given)).toEqual({
      types: [`y ${sql}`],
      values: values.map((value) => [value]),
    });
  });

  test('as values picked out of a row', async () => {
    const columns = [column(dtype, 2, [3], { name: 'last' }), column(dtype, 0, [3], { name: 'first' })];
    const given = [batchOf({ y: [call(dtype, [3], data)] }, [[0, 0]])];
    expect(await written(columns, given)).toEqual({
      types: [`last ${sql}`, `first ${sql}`],
      values: [[values[2], values[0]]],
    });
  });

  test('as lists of a fixed size, nested, and of open size', async () => {
    const list = (rowShape: readonly number[], declared: readonly (number | null)[]) =>
      written([column(dtype, null, declared)], [batchOf({ y: [call(dtype, rowShape, data)] }, [[0, 0]])]);
    expect(await list([3], [3])).toEqual({ types: [`y ${sql}[3]`], values: [[values]] });
    expect(await list([1, 3], [1, 3])).toEqual({ types: [`y ${sql}[3][1]`], values: [[[values]]] });
    expect(await list([3, 1], [null, 1])).toEqual({
      types: [`y ${sql}[1][]`],
      values: [[values.map((value) => [value])]],
    });
    expect(await list([3], [null])).toEqual({ types: [`y ${sql}[]`], values: [[values]] });
  });
});

test('64-bit integers keep every digit', async () => {
  const connection = await openConnection();
  const columns = [
    column('int64', 0, [], { name: 'i', output: 'i' }),
    column('uint64', null, [null], { name: 'u', output: 'u' }),
  ];
  const results = await ResultTable.create(connection, 'results', columns);
  const { batch, scored } = batchOf(
    {
      i: [call('int64', [], BigInt64Array.of(-(2n ** 63n), 2n ** 53n + 1n))],
      u: [call('uint64', [2], BigUint64Array.of(2n ** 64n - 1n, 2n ** 53n + 1n, 0n, 1n))],
    },
    [
      [0, 0],
      [0, 1],
    ],
  );
  results.append(batch, scored);
  results.finish();
  expect(
    await connection.rows(
      `SELECT ${resultColumnsSql(columns, 'r')
        .map((sql) => sql.replace(' AS', '::VARCHAR AS'))
        .join(', ')} FROM results r`,
    ),
  ).toEqual([
    { i: '-9223372036854775808', u: '[18446744073709551615, 9007199254740993]' },
    { i: '9007199254740993', u: '[0, 1]' },
  ]);
});

test('rows that were not scored stay apart, wherever they are, and every row keeps its number and shard', async () => {
  const connection = await openConnection();
  const columns = [
    column('float32', 0, []),
    column('float32', null, [2], { output: 'z' }),
    column('string', null, [null], { output: 't' }),
    column('string', 0, [], { output: 's' }),
  ];
  const outputs = {
    y: [call('float32', [], Float32Array.of(1, 2)), call('float32', [], Float32Array.of(3))],
    z: [call('float32', [2], Float32Array.of(1, 10, 2, 20)), call('float32', [2], Float32Array.of(3, 30))],
    t: [call('string', [1], ['a', 'b']), call('string', [2], ['c', 'd'])],
    s: [call('string', [], ['A', 'B']), call('string', [], ['C'])],
  };
  const rows = await table(connection, columns, [
    batchOf(outputs, [null, [1, 0], null, [0, 1], [0, 0], null], 100, 7),
    batchOf({ y: [], z: [], t: [], s: [] }, [null, null], 0, 8),
  ]);
  expect(
    rows.map(({ scored, shard, row, json }) => [scored, shard, row, scored ? JSON.parse(String(json)) : null]),
  ).toEqual([
    [false, 7, 100, null],
    [true, 7, 101, { v0: 3, v1: [3, 30], v2: ['c', 'd'], v3: 'C' }],
    [false, 7, 102, null],
    [true, 7, 103, { v0: 2, v1: [2, 20], v2: ['b'], v3: 'B' }],
    [true, 7, 104, { v0: 1, v1: [1, 10], v2: ['a'], v3: 'A' }],
    [false, 7, 105, null],
    [false, 8, 0, null],
    [false, 8, 1, null],
  ]);
});

test('thousands of rows in batches of any size come back in order', async () => {
  const connection = await openConnection();
  const columns = [
    column('int32', 0, []),
    column('int32', null, [3], { output: 'z' }),
    column('string', null, [null], { output: 't' }),
    column('int32', null, [null], { output: 'r' }),
  ];
  const results = await ResultTable.create(connection, 'results', columns);
  let from = 0;
  for (const rows of [1, 2047, 1, 2048, 2049, 3, 5000]) {
    const numbers = Array.from({ length: rows }, (_, row) => from + row);
    const { batch, scored } = batchOf(
      {
        y: [call('int32', [], Int32Array.from(numbers))],
        z: [call('int32', [3], Int32Array.from(numbers.flatMap((number) => [number, -number, 7])))],
        t: [
          call(
            'string',
            [1],
            numbers.map((number) => `row ${number}`),
          ),
        ],
        // Each row in a call of its own, with a length of its own.
        r: numbers.map((number) => call('int32', [number % 3], new Int32Array(number % 3).fill(number), 1)),
      },
      numbers.map((_, row) => [0, row]),
      from,
    );
    for (const row of numbers.keys()) if (numbers[row] % 11 === 0) scored.callOf[row] = -1;
    const ragged = { ...scored, outputs: { ...scored.outputs, r: scored.outputs.r.slice(0, 1) } };
    results.append(batch, ragged);
    from += rows;
  }
  results.finish();
  const [sums] = await connection.rows(`SELECT count(*)::INTEGER AS n, count(*) FILTER (scored)::INTEGER AS scored,
    bool_and(NOT scored OR (c0 = row AND c1 = [row, -row, 7]::INTEGER[3] AND c2 = ['row ' || row::INTEGER])) AS same, bool_and(rowid = row) AS "inOrder" FROM results`);
  expect(sums).toEqual({ n: 11149, scored: 11149 - Math.ceil(11149 / 11), same: true, inOrder: true });
});

test('lists of any length stand side by side, the empty one too', async () => {
  const calls = [0, 1, 5, 0, 3].map((length, index) =>
    call('float32', [length], new Float32Array(length).fill(index), 1),
  );
  const places = calls.map((_, index): readonly [number, number] => [index, 0]);
  expect((await written([column('float32', null, [null])], [batchOf({ y: calls }, places)])).values).toEqual([
    [[]],
    [[1]],
    [[2, 2, 2, 2, 2]],
    [[]],
    [[4, 4, 4]],
  ]);
  const nested = [
    [2, 2],
    [0, 2],
    [1, 2],
  ].map((shape, index) => call('float32', shape, new Float32Array(shape[0] * shape[1]).fill(index), 1));
  expect(
    (await written([column('float32', null, [null, 2])], [batchOf({ y: nested }, places.slice(0, 3))])).values,
  ).toEqual([
    [
      [
        [0, 0],
        [0, 0],
      ],
    ],
    [[]],
    [[[2, 2]]],
  ]);
});

test.each([1024, 1025, 3000])('%d values in a row', async (size) => {
  const data = Float32Array.from({ length: size * 2 }, (_, index) => index);
  const { types, values } = await written(
    [column('float32', null, [size])],
    [batchOf({ y: [call('float32', [size], data)] }, [[0, 1], null, [0, 0]])],
  );
  expect(types).toEqual([`y FLOAT[${size}]`]);
  expect(values).toEqual([[[...data.subarray(size)]], [[...data.subarray(0, size)]]]);
});

test('large rows do not pile up until a chunk is full', async () => {
  const connection = await openConnection();
  const results = await ResultTable.create(connection, 'results', [column('float32', null, [100_000])]);
  const data = new Float32Array(300_000);
  for (let index = 0; index < 15; index++) {
    const { batch, scored } = batchOf({ y: [call('float32', [100_000], data)] }, scalars, index * 3);
    results.append(batch, scored);
  }
  results.finish();
  expect(
    await connection.rows(
      'SELECT count(*)::INTEGER AS n, min(len(c0))::INTEGER AS least, bool_and(rowid = row) AS "inOrder" FROM results',
    ),
  ).toEqual([{ n: 45, least: 100_000, inOrder: true }]);
});

test('a table without columns still tells which rows were scored', async () => {
  const connection = await openConnection();
  const results = await ResultTable.create(connection, 'results', []);
  const { batch, scored } = batchOf({}, [[0, 0], null]);
  results.append(batch, scored);
  results.finish();
  expect(await connection.rows('SELECT scored FROM results')).toEqual([{ scored: true }, { scored: false }]);
  await results.drop();
  await expect(connection.rows('SELECT scored FROM results')).rejects.toThrow('does not exist');
});

describe('a later call with another shape', () => {
  const shapes: readonly (readonly [string, ResultColumn, readonly number[], string | null])[] = [
    ['fewer values than the index of a picked one', column('float32', 3, [null]), [3], 'at least 4 values'],
    ['enough values for the picked one', column('float32', 3, [null]), [4], null],
    ['other values than a fixed row to pick from', column('float32', 0, [3]), [4], '[3]'],
    ['another fixed size', column('float32', null, [3]), [4], '[3]'],
    ['another inner size', column('float32', null, [null, 2]), [5, 3], '[?, 2]'],
    ['more axes', column('float32', null, [null]), [2, 2], '[?]'],
    ['fewer axes', column('float32', null, [2, 2]), [4], '[2, 2]'],
    ['texts of another number', column('string', null, [2]), [3], '[2]'],
    ['a list where one value is due', column('float32', 0, []), [2], '[]'],
    ['one value with an axis more', column('float32', 0, []), [1], null],
    ['one value with an axis less', column('float32', 0, [1]), [], null],
    ['no value where one is due', column('float32', 0, [1]), [0], '[1]'],
  ];

  test.each(shapes)('with %s', async (_, one, rowShape, wanted) => {
    const connection = await openConnection();
    const results = await ResultTable.create(connection, 'results', [one]);
    const values = rowShape.reduce((product, size) => product * size, 1);
    const data = one.dtype === 'string' ? new Array<string>(values).fill('') : new Float32Array(values);
    const { batch, scored } = batchOf({ y: [call(one.dtype, rowShape, data, 1)] }, [[0, 0]]);
    if (wanted === null) return results.append(batch, scored);
    const failure: Failure = { reason: 'result-shape', output: 'y', column: 'y', wanted, found: rowShape };
    expect(() => results.append(batch, scored)).toThrow(new FailureError(failure));
    expect(exitCodeOf(failure)).toBe(78);
    expect(describeFailure(failure)).toContain(
      `outputs.y: a call gave rows of shape [${rowShape.join(', ')}], and the result column "y" needs ${wanted}`,
    );
  });
});
