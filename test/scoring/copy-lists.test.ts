// List columns of every kind on their way into tensors.
import { describe, expect, test } from 'vitest';
import { shapeOfLists } from '../../src/scoring/list-shape.ts';
import { batchesOf, inputOf, openConnection, shardOf } from './batches.ts';

/** Reads one list column given as SQL literals, cast to a type. */
async function read(
  type: string,
  rows: readonly string[],
  more: Parameters<typeof inputOf>[2] = {},
  dtype: Parameters<typeof inputOf>[0] = 'float32',
) {
  const connection = await openConnection();
  const relation = `(SELECT v::${type} AS v, scoremill_shard, scoremill_row FROM ${shardOf(rows.map((row) => `(${row})`).join(', '), ['v'])})`;
  const [{ values, faults, shapes }] = await batchesOf(connection, relation, [inputOf(dtype, { v: type }, more)], {
    batchRows: 100,
  });
  return { values, faults, shapes };
}

describe('a row shape that is known', () => {
  const rowShape = [3];

  test('takes lists of that length; others, nulls and lists with nulls are rejects', async () => {
    expect(
      await read('FLOAT[]', ['[1, 2, 3]', '[1, 2]', 'NULL', '[1, NULL, 3]', '[]', '[4, 5, 6]', '[1, 2, 3, 4]'], {
        rowShape,
      }),
    ).toEqual({
      values: [[1, 2, 3], null, null, null, null, [4, 5, 6], null],
      faults: {
        1: 'list-length: v: expected 3 values, got 2',
        2: 'null: v: null',
        3: 'null: v: a null in the list',
        4: 'list-length: v: expected 3 values, got 0',
        6: 'list-length: v: expected 3 values, got 4',
      },
      shapes: [],
    });
  });

  test('takes fixed-size lists', async () => {
    expect(await read('FLOAT[3]', ['[1, 2, 3]', 'NULL', '[4, NULL, 6]', '[7, 8, 9]'], { rowShape })).toMatchObject({
      values: [[1, 2, 3], null, null, [7, 8, 9]],
      faults: { 1: 'null: v: null', 2: 'null: v: a null in the list' },
    });
  });

  test.each(['FLOAT[]', 'FLOAT[3]'])(
    'has NaN for the nulls inside %s where the job says so; a null list has no values at all',
    async (type) => {
      const { values, faults } = await read(type, ['[1, NULL, 3]', 'NULL', '[NULL, NULL, NULL]'], {
        rowShape,
        nulls: 'nan',
      });
      expect(values).toEqual([[1, Number.NaN, 3], null, [Number.NaN, Number.NaN, Number.NaN]]);
      expect(faults).toEqual({ 1: 'null: v: null' });
    },
  );

  test('rejects nulls in lists of integers and texts all the same', async () => {
    expect((await read('INTEGER[]', ['[1, NULL, 3]'], { rowShape, nulls: 'nan' }, 'int64')).faults).toEqual({
      0: 'null: v: a null in the list',
    });
    expect((await read('VARCHAR[]', ["['a', NULL, 'c']"], { rowShape, nulls: 'nan' }, 'string')).faults).toEqual({
      0: 'null: v: a null in the list',
    });
  });

  test('rejects a row for one value that does not fit', async () => {
    expect(await read('DOUBLE[]', ['[1, 2, 3]', '[1, 2.5, 3.5]', '[300, 1, 1]'], { rowShape }, 'uint8')).toMatchObject({
      values: [[1, 2, 3], null, null],
      faults: {
        1: 'value-misfit: v: value 1 of the list: 2.5 is no integer',
        2: 'value-misfit: v: value 0 of the list: 300 does not fit uint8',
      },
    });
  });

  test('takes texts, and digits for numbers', async () => {
    expect(
      (await read('VARCHAR[]', ["['a', '', 'a text longer than twelve bytes']"], { rowShape }, 'string')).values,
    ).toEqual([['a', '', 'a text longer than twelve bytes']]);
    expect((await read('VARCHAR[]', ["['1', '2', '9007199254740993']"], { rowShape }, 'int64')).values).toEqual([
      [1n, 2n, 9007199254740993n],
    ]);
  });

  test('of more than one axis takes flat lists and lists of its own sizes only', async () => {
    expect((await read('FLOAT[]', ['[1, 2, 3, 4, 5, 6]'], { rowShape: [2, 3] })).values).toEqual([[1, 2, 3, 4, 5, 6]]);
    expect(
      await read(
        'FLOAT[][]',
        ['[[1, 2, 3], [4, 5, 6]]', '[[1, 2], [3, 4], [5, 6]]', '[[1, 2, 3], [4, 5]]', '[[1, 2, 3], NULL]', '[]'],
        { rowShape: [2, 3] },
      ),
    ).toMatchObject({
      values: [[1, 2, 3, 4, 5, 6], null, null, null, null],
      faults: {
        1: 'list-length: v: expected 2 x 3 values, got 3 x 2',
        2: 'list-shape: v: the inner lists differ in length',
        3: 'null: v: null',
        4: 'list-length: v: expected 2 x 3 values, got 0 x 0',
      },
    });
    expect(
      (await read('FLOAT[3][2]', ['[[1, 2, 3], [4, 5, 6]]', '[[7, 8, 9], [10, 11, 12]]'], { rowShape: [2, 3] })).values,
    ).toEqual([
      [1, 2, 3, 4, 5, 6],
      [7, 8, 9, 10, 11, 12],
    ]);
  });

  test('may have an axis of size 1 that the lists leave out', async () => {
    expect((await read('FLOAT[][]', ['[[1, 2], [3, 4]]'], { rowShape: [1, 2, 2] })).values).toEqual([[1, 2, 3, 4]]);
  });
});

describe('a row shape that is open', () => {
  test('is as long as each list', async () => {
    expect(await read('BIGINT[]', ['[1, 2, 3]', '[]', 'NULL', '[4]'], { rowShape: [null] }, 'int64')).toEqual({
      values: [[1n, 2n, 3n], [], null, [4n]],
      faults: { 2: 'null: v: null' },
      shapes: [[3], [0], null, [1]],
    });
  });

  test('is as its nested lists are; what is inside an empty list has no size', async () => {
    expect(
      await read('FLOAT[][]', ['[[1, 2], [3, 4], [5, 6]]', '[[1, 2]]', '[[1, 2, 3]]', '[]', '[[1, 2], [3]]'], {
        rowShape: [null, 2],
      }),
    ).toEqual({
      values: [[1, 2, 3, 4, 5, 6], [1, 2], null, [], null],
      faults: {
        2: 'list-length: v: expected ? x 2 values, got 1 x 3',
        4: 'list-shape: v: the inner lists differ in length',
      },
      shapes: [[3, 2], [1, 2], null, [0, 2], null],
    });
  });

  test('is what is left of a flat list', async () => {
    expect(await read('FLOAT[]', ['[1, 2, 3, 4]', '[1, 2, 3]', '[]'], { rowShape: [null, 2] })).toEqual({
      values: [[1, 2, 3, 4], null, []],
      faults: { 1: 'list-length: v: expected a multiple of 2 values, got 3' },
      shapes: [[2, 2], null, [0, 2]],
    });
  });

  test('takes texts of any number', async () => {
    expect(
      await read('VARCHAR[]', ["['a', 'b']", "['c']", "['d', NULL]"], { rowShape: [null] }, 'string'),
    ).toMatchObject({
      values: [['a', 'b'], ['c'], null],
      shapes: [[2], [1], null],
    });
  });

  test('keeps rows and values together when a value does not fit', async () => {
    expect(await read('DOUBLE[]', ['[1, 2]', '[1.5]', '[3]'], { rowShape: [null] }, 'int32')).toMatchObject({
      values: [[1, 2], null, [3]],
      shapes: [[2], null, [1]],
    });
  });
});

test.each([
  [
    '[a, b, 3]',
    [
      [1, 2, 3],
      [2, 4, 3],
    ],
  ],
  [
    'list_transform([a, b], lambda x: x + 1)',
    [
      [2, 3],
      [3, 5],
    ],
  ],
  [
    'list_filter([a, b, 100], lambda x: x < 50)',
    [
      [1, 2],
      [2, 4],
    ],
  ],
  [
    'list_slice(l, 2, 3)',
    [
      [20, 30],
      [21, 31],
    ],
  ],
  [
    'l[:2]',
    [
      [10, 20],
      [11, 21],
    ],
  ],
  [
    'list_reverse(l)',
    [
      [30, 20, 10],
      [31, 21, 11],
    ],
  ],
  [
    'list_concat(l, [a])',
    [
      [10, 20, 30, 1],
      [11, 21, 31, 2],
    ],
  ],
  [
    'list_sort(list_reverse(l))',
    [
      [10, 20, 30],
      [11, 21, 31],
    ],
  ],
  [
    'array_value(a, b)::DOUBLE[]',
    [
      [1, 2],
      [2, 4],
    ],
  ],
  ['CASE WHEN a = 1 THEN [7.0] ELSE l END', [[7], [11, 21, 31]]],
  [
    's.l',
    [
      [10, 20, 30],
      [11, 21, 31],
    ],
  ],
  [
    '[5.0, 6.0]',
    [
      [5, 6],
      [5, 6],
    ],
  ],
])('lists that SQL makes are read as they are: %s', async (sql, wanted) => {
  const connection = await openConnection();
  const relation = `(SELECT *, struct_pack(l := l) AS s FROM (SELECT (range + 1)::DOUBLE AS a, (range + 1) * 2.0::DOUBLE AS b, [10.0 + range, 20 + range, 30 + range]::DOUBLE[] AS l, 0 AS scoremill_shard, range AS scoremill_row FROM range(4)) WHERE scoremill_row < 2)`;
  const input = inputOf(
    'float64',
    { v: 'DOUBLE[]' },
    { rowShape: [null], columns: [{ label: sql, sql: `(${sql})::DOUBLE[]`, type: 'DOUBLE[]' }] },
  );
  const [{ values }] = await batchesOf(connection, relation, [input]);
  expect(values).toEqual(wanted);
});

test('lists are read over many chunks, filtered and not', async () => {
  const connection = await openConnection();
  const relation =
    '(SELECT [range, range + 1, range + 2][:1 + (range % 3)::BIGINT] AS v, 0 AS scoremill_shard, range AS scoremill_row FROM range(9000) WHERE range % 5 <> 0)';
  const input = inputOf('int64', { v: 'BIGINT[]' }, { rowShape: [null] });
  const batches = await batchesOf(connection, relation, [input], { batchRows: 3000 });
  for (const { rows, values } of batches) {
    expect(values).toEqual(rows.map((row) => [row, row + 1, row + 2].slice(0, 1 + (row % 3)).map(BigInt)));
  }
  expect(batches.map(({ rows }) => rows.length)).toEqual([2400, 2400, 2400]);
});

test.each([
  [[3], [3], [3]],
  [[null], [5], [5]],
  [[2, 3], [6], [2, 3]],
  [[2, null], [6], [2, 3]],
  [[2, null], [7], 'expected a multiple of 2 values, got 7'],
  [[null, null], [6], 'expected 2 levels of lists, got 1'],
  [
    [null, null],
    [2, 3],
    [2, 3],
  ],
  [
    [1, null, null],
    [2, 3],
    [1, 2, 3],
  ],
  [
    [null, 1, 3],
    [2, 3],
    [2, 1, 3],
  ],
  [[3], [1, 3], [3]],
  [
    [null, 3],
    [0, 0],
    [0, 3],
  ],
  [[2, 3], [3, 2], 'expected 2 x 3 values, got 3 x 2'],
  [[], [1], []],
  [[4], [2, 2], 'expected 4 values, got 2 x 2'],
] as const)('a row shape of %j gives lists of %j the shape %j', (rowShape, sizes, wanted) => {
  expect(shapeOfLists(rowShape, sizes)).toEqual(wanted);
});
