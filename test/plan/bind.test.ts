// Types, layouts, fill values and constants; what is read of each column, and what is kept.
import { describe, expect, test } from 'vitest';
import { describeFailure } from '../../src/core/failure.ts';
import { bind, guessed, jobOf, modelInput, refusalOf, typed } from './plan-fixtures.ts';

const x = (dtype: Parameters<typeof modelInput>[1], shape: Parameters<typeof modelInput>[2] = ['N', 1]) =>
  modelInput('x', dtype, shape);

/** How one column `a` of a type is handed to an input. */
async function fed(type: string, dtype: Parameters<typeof modelInput>[1], job = jobOf({ inputs: { x: 'a' } })) {
  const [failure] = await refusalOf({ inputs: [x(dtype)], columns: typed({ a: type }), job });
  if (failure !== undefined) return failure.reason;
  const { inputs } = await bind({ inputs: [x(dtype)], columns: typed({ a: type }), job });
  const [{ sql, type: delivered }] = inputs[0].columns;
  return `${sql}: ${delivered}`;
}

describe('a typed column', () => {
  test.each([
    'TINYINT',
    'SMALLINT',
    'INTEGER',
    'BIGINT',
    'UTINYINT',
    'USMALLINT',
    'UINTEGER',
    'UBIGINT',
    'FLOAT',
    'DOUBLE',
    'BOOLEAN',
  ])('%s is handed over as it is, to any number', async (type) => {
    for (const dtype of ['float32', 'float64', 'float16', 'int8', 'int64', 'uint64', 'bool'] as const)
      expect(await fed(type, dtype)).toBe(`"a": ${type}`);
    expect(await fed(type, 'string')).toBe('column-type');
  });

  test.each([
    ['DECIMAL(9,2)', 'DOUBLE', 'DOUBLE'],
    ['DECIMAL(15,0)', 'DOUBLE', 'DOUBLE'],
    ['DECIMAL(18,0)', 'DOUBLE', 'BIGINT'],
    ['DECIMAL(18,2)', 'DOUBLE', 'VARCHAR'],
    ['DECIMAL(38,0)', 'DOUBLE', 'VARCHAR'],
    ['HUGEINT', 'VARCHAR', 'VARCHAR'],
    ['UHUGEINT', 'VARCHAR', 'VARCHAR'],
  ])(
    '%s is handed to floats as %s and to integers as %s, which loses nothing',
    async (type, forFloats, forIntegers) => {
      expect(await fed(type, 'float32')).toBe(`CAST("a" AS ${forFloats}): ${forFloats}`);
      expect(await fed(type, 'int64')).toBe(`CAST("a" AS ${forIntegers}): ${forIntegers}`);
    },
  );

  test('of texts feeds inputs of texts', async () => {
    expect(await fed('VARCHAR', 'string')).toBe('"a": VARCHAR');
    expect(await fed("ENUM('a', 'b')", 'string')).toBe('CAST("a" AS VARCHAR): VARCHAR');
    expect(await fed('UUID', 'string')).toBe('CAST("a" AS VARCHAR): VARCHAR');
  });

  test.each([
    ['VARCHAR', 'float32', `CAST(a AS FLOAT)`],
    ['TIMESTAMP', 'float32', 'epoch(a)'],
    ['DATE', 'int64', 'epoch(a)'],
    ['BIGINT', 'string', 'CAST(a AS VARCHAR)'],
    ['TIMESTAMP', 'string', 'CAST(a AS VARCHAR)'],
  ] as const)('%s for %s is refused with an expression that works: %s', async (type, dtype, sql) => {
    const [failure] = await refusalOf({
      inputs: [x(dtype)],
      columns: typed({ a: type }),
      job: jobOf({ inputs: { x: 'a' } }),
    });
    expect(failure).toMatchObject({ reason: 'column-type', input: 'x', column: 'a', type, dtype, shard: 'a.parquet' });
    expect(describeFailure(failure)).toContain(JSON.stringify(sql));
    expect(
      await refusalOf({ inputs: [x(dtype)], columns: typed({ a: type }), job: jobOf({ inputs: { x: sql } }) }),
    ).toEqual([]);
  });

  test.each(['BLOB', 'STRUCT(x FLOAT)', 'MAP(VARCHAR, FLOAT)', 'TIME'])('%s is refused for numbers', async (type) => {
    expect(await fed(type, 'float32')).toBe('column-type');
  });
});

describe('lists', () => {
  const listed = (
    type: string,
    dtype: Parameters<typeof modelInput>[1] = 'float32',
    shape: Parameters<typeof modelInput>[2] = ['N', null],
  ) =>
    bind({
      inputs: [modelInput('x', dtype, shape)],
      columns: typed({ a: type }),
      job: jobOf({ inputs: { x: 'a' } }),
      firstList: [3],
    });

  test.each([
    ['FLOAT[]', '"a"', 'FLOAT[]', [null]],
    ['FLOAT[3]', '"a"', 'FLOAT[3]', [3]],
    ['DECIMAL(9,2)[]', 'CAST("a" AS DOUBLE[])', 'DOUBLE[]', [null]],
    ['DECIMAL(9,2)[3]', 'CAST("a" AS DOUBLE[3])', 'DOUBLE[3]', [3]],
  ])('of %s', async (type, sql, delivered, rowShape) => {
    const { inputs } = await listed(type);
    expect(inputs).toMatchObject([{ isList: true, rowShape, columns: [{ sql, type: delivered }] }]);
  });

  test('nested keep their depth', async () => {
    expect((await listed('INTEGER[2][]', 'int64', ['N', null, 2])).inputs).toMatchObject([
      { rowShape: [null, 2], columns: [{ type: 'INTEGER[2][]' }] },
    ]);
  });

  test('feed an input alone', async () => {
    const job = jobOf({ inputs: { x: ['a', 'b'] } });
    for (const columns of [
      { a: 'FLOAT[]', b: 'FLOAT' },
      { a: 'FLOAT', b: 'FLOAT[]' },
    ]) {
      const [failure] = await refusalOf({ inputs: [x('float32', ['N', null])], columns: typed(columns), job });
      expect(failure).toMatchObject({
        reason: 'column-type',
        type: 'FLOAT[]',
        advice: 'a list column feeds an input alone; bind just this one',
      });
    }
  });
});

describe('text columns are read in the type that the model wants', () => {
  const wanted = async (
    columns: Parameters<typeof guessed>[0],
    job: ReturnType<typeof jobOf>,
    dtype: Parameters<typeof modelInput>[1],
  ) =>
    (await bind({ inputs: [x(dtype, ['N'])], columns: guessed(columns), job })).wanted.map(
      ({ name, type, exactText }) => `${name} ${type}${exactText ? ' exact' : ''}`,
    );
  const alone = jobOf({ inputs: { x: 'a' }, keep: [] });

  test.each([
    ['BIGINT', 'float32', 'FLOAT'],
    ['BIGINT', 'float64', 'DOUBLE'],
    ['BIGINT', 'float16', 'FLOAT'],
    ['BIGINT', 'string', 'VARCHAR'],
    ['DOUBLE', 'int64', 'BIGINT'],
    ['DOUBLE', 'uint64', 'UBIGINT'],
    ['VARCHAR', 'int32', 'INTEGER'],
    ['VARCHAR', 'string', 'VARCHAR'],
    ['BOOLEAN', 'bool', 'BOOLEAN'],
    ['BOOLEAN', 'float32', 'BOOLEAN'],
    ['BOOLEAN', 'string', 'VARCHAR'],
  ] as const)('%s for %s: %s', async (type, dtype, read) => {
    expect(await wanted({ a: type }, alone, dtype)).toEqual([`a ${read}`]);
  });

  test.each([
    ['BIGINT', 'float32', 'BIGINT'],
    ['BIGINT', 'string', 'VARCHAR'],
    ['DOUBLE', 'int64', 'DOUBLE'],
    ['VARCHAR', 'float32', 'DOUBLE'],
    ['VARCHAR', 'int64', 'BIGINT'],
    ['BOOLEAN', 'float32', 'BOOLEAN'],
  ] as const)('%s for %s, and kept as well: %s, and its text must stay', async (type, dtype, read) => {
    expect(await wanted({ a: type }, jobOf({ inputs: { x: 'a' }, keep: ['a'] }), dtype)).toEqual([`a ${read} exact`]);
  });

  test('what is kept, filtered by or used in expressions has the type that it looks like', async () => {
    const job = jobOf({ inputs: { x: 'a + b' }, keep: ['c'], where: 'd > 0' });
    expect(await wanted({ a: 'BIGINT', b: 'DOUBLE', c: 'BIGINT', d: 'BIGINT', e: 'BIGINT' }, job, 'float32')).toEqual([
      'a BIGINT',
      'b DOUBLE',
      'c BIGINT exact',
      'd BIGINT',
    ]);
  });

  test('lists of numbers, too', async () => {
    const { wanted: read, inputs } = await bind({
      inputs: [x('float32', ['N', null])],
      columns: guessed({ a: 'BIGINT[]' }),
      job: alone,
      firstList: [3],
    });
    expect(read).toEqual([{ name: 'a', type: 'FLOAT[]' }]);
    expect(inputs[0].columns).toEqual([{ label: 'a', sql: '"a"', type: 'FLOAT[]' }]);
  });

  test('first values that are all words are refused for numbers before anything is read', async () => {
    const [failure] = await refusalOf({
      inputs: [x('float32')],
      columns: guessed({ a: ['VARCHAR', 'red', 'green'] }),
      job: alone,
    });
    expect(failure).toMatchObject({ reason: 'column-type', column: 'a', type: 'text ("red")' });
    expect(
      await refusalOf({ inputs: [x('float32')], columns: guessed({ a: ['VARCHAR', 'red', '1,5'] }), job: alone }),
    ).toEqual([]);
    expect(
      await refusalOf({ inputs: [x('float32')], columns: guessed({ a: ['VARCHAR', 'NaN', '-inf'] }), job: alone }),
    ).toEqual([]);
    expect(await refusalOf({ inputs: [x('string')], columns: guessed({ a: ['VARCHAR', 'red'] }), job: alone })).toEqual(
      [],
    );
  });
});

describe('expressions', () => {
  const over = (sql: string, columns = typed({ a: 'INTEGER', b: 'DECIMAL(9,2)', t: 'VARCHAR' })) => ({
    inputs: [x('float32')],
    columns,
    job: jobOf({ inputs: { x: sql } }),
  });

  test('have the type that DuckDB gives them; a row on which they fail has a null', async () => {
    expect((await bind(over('ln(a + 1)'))).inputs[0].columns).toEqual([
      { label: 'ln(a + 1)', sql: 'TRY((ln(a + 1)\n))', type: 'DOUBLE' },
    ]);
    expect((await bind(over('b * 2'))).inputs[0].columns).toEqual([
      { label: 'b * 2', sql: 'CAST(TRY((b * 2\n)) AS DOUBLE)', type: 'DOUBLE' },
    ]);
  });

  test('that do not fit the columns are refused in the words of DuckDB', async () => {
    expect(await refusalOf(over('ln(t)'))).toMatchObject([
      {
        reason: 'expression-invalid',
        where: 'inputs.x',
        sql: 'ln(t)',
        message: expect.stringContaining('No function matches'),
      },
    ]);
    expect(await refusalOf(over('nonsense(a)'))).toMatchObject([
      { reason: 'expression-invalid', message: expect.stringContaining('nonsense') },
    ]);
    expect(await refusalOf(over('a > 1'))).toEqual([]);
    expect(await refusalOf(over('upper(t)'))).toMatchObject([
      { reason: 'column-type', column: 'upper(t)', type: 'VARCHAR' },
    ]);
  });
});

describe('the row filter', () => {
  const columns = typed({ a: 'FLOAT', status: 'VARCHAR' });
  const of = (where: string) => ({
    inputs: [x('float32')],
    columns,
    job: jobOf({ inputs: { x: 'a' }, keep: [], where }),
  });

  test('reads its columns', async () => {
    expect((await bind(of("status = 'open' -- only these"))).wanted.map(({ name }) => name)).toEqual(['a', 'status']);
  });

  test.each([
    ["(select count(*) from read_csv('/etc/passwd')) > 0", 'expression-invalid'],
    ['true) LIMIT (5', 'expression-invalid'],
    ['random() < 0.1', 'expression-invalid'],
    ['count(a) > 0', 'expression-invalid'],
    ["status || 'x'", null],
    ['upper(1, 2)', 'expression-invalid'],
    ['state = 1', 'column-missing'],
    ['a IS NOT NULL', null],
  ])('%s', async (where, reason) => {
    expect(
      (await refusalOf(of(where))).map((failure) => [failure.reason, 'where' in failure ? failure.where : '']),
    ).toEqual(reason === null ? [] : [[reason, 'dataset.where']]);
  });
});

describe('fill values', () => {
  const filled = (type: string, dtype: Parameters<typeof modelInput>[1], fill: unknown) =>
    fed(type, dtype, jobOf({ inputs: { x: 'a' }, rejects: { fill: { a: fill } } }));

  test.each([
    ['FLOAT', 'float32', 0.1, `coalesce("a", CAST('0.1' AS FLOAT)): FLOAT`],
    ['FLOAT', 'float64', 0.1, `coalesce(CAST("a" AS DOUBLE), CAST('0.1' AS DOUBLE)): DOUBLE`],
    ['INTEGER', 'float32', 0.5, `coalesce(CAST("a" AS DOUBLE), CAST('0.5' AS DOUBLE)): DOUBLE`],
    ['UTINYINT', 'float32', -1, 'coalesce(CAST("a" AS DOUBLE), CAST(-1 AS DOUBLE)): DOUBLE'],
    ['BIGINT', 'int64', -1, 'coalesce("a", CAST(-1 AS BIGINT)): BIGINT'],
    ['DECIMAL(38,0)', 'int64', 7, 'coalesce(CAST("a" AS VARCHAR), CAST(7 AS VARCHAR)): VARCHAR'],
    ['BOOLEAN', 'bool', false, 'coalesce(CAST("a" AS DOUBLE), CAST(0 AS DOUBLE)): DOUBLE'],
    ['DOUBLE', 'float32', true, 'coalesce("a", CAST(1 AS DOUBLE)): DOUBLE'],
    ['VARCHAR', 'string', `it's`, `coalesce("a", 'it''s'): VARCHAR`],
  ] as const)('%s for %s filled with %j', async (type, dtype, fill, wanted) => {
    expect(await filled(type, dtype, fill)).toBe(wanted);
  });

  test.each([
    ['INTEGER', 'int32', 0.5],
    ['INTEGER', 'uint8', 300],
    ['INTEGER', 'int32', 'none'],
    ['BIGINT', 'float32', 0.5],
    ['UBIGINT', 'float32', -1],
    ['INTEGER', 'bool', 2],
    ['DOUBLE', 'float16', 70000],
    ['VARCHAR', 'string', 0],
  ] as const)('%s for %s filled with %j is refused: nothing would be what was meant', async (type, dtype, fill) => {
    expect(await filled(type, dtype, fill)).toBe('fill-type');
  });

  test('are given by input, too, and not for lists', async () => {
    expect(await fed('INTEGER', 'int32', jobOf({ inputs: { x: { column: 'a', fill: 3 } } }))).toContain(
      'CAST(3 AS DOUBLE)',
    );
    const columns = typed({ a: 'FLOAT[]' });
    const job = jobOf({ inputs: { x: 'a' }, rejects: { fill: { a: 0 } } });
    expect(await refusalOf({ inputs: [x('float32', ['N', null])], columns, job })).toMatchObject([
      { reason: 'fill-type', dtype: 'a list' },
    ]);
  });

  test('for what feeds no input are refused', async () => {
    const job = jobOf({ inputs: { x: ['a', 'b + 1'] }, rejects: { fill: { b: 0, 'b + 1': 0, agee: 0 } } });
    const parts = { inputs: [x('float32', ['N', 2])], columns: typed({ a: 'FLOAT', b: 'FLOAT' }), job };
    expect(await refusalOf(parts)).toEqual([
      { reason: 'fill-unused', column: 'b', features: ['a', 'b + 1'] },
      { reason: 'fill-unused', column: 'agee', features: ['a', 'b + 1'] },
    ]);
  });
});

describe('constants', () => {
  const given = async (
    shape: Parameters<typeof modelInput>[2],
    value: unknown,
    dtype: Parameters<typeof modelInput>[1] = 'float32',
    rowShape?: readonly number[],
  ) => {
    const parts = {
      inputs: [x('float32'), modelInput('k', dtype, shape)],
      columns: typed({ a: 'FLOAT' }),
      job: jobOf({ inputs: { x: 'a', k: { value, shape: rowShape } } }),
    };
    const failures = await refusalOf(parts);
    return failures.length > 0
      ? failures.map(describeFailure)
      : (await bind(parts)).constants.map(({ dims, values }) => [dims, values]);
  };

  test.each([
    ['one value without a shape', [], 5, [[], [5]]],
    ['one value for every row', ['N'], 5, [[null], [5]]],
    ['one value for every element', ['N', 3], 5, [[null, 3], [5]]],
    [
      'the values of a row',
      ['N', 3],
      [1, 2, 3],
      [
        [null, 3],
        [1, 2, 3],
      ],
    ],
    [
      'the values of a row of open size',
      ['N', null],
      [1, 2, 3],
      [
        [null, 3],
        [1, 2, 3],
      ],
    ],
    [
      'the values of a row, open in one of two places',
      ['N', 2, null],
      [1, 2, 3, 4],
      [
        [null, 2, 2],
        [1, 2, 3, 4],
      ],
    ],
    ['the values of a vector', [null], [1, 2, 3], [[3], [1, 2, 3]]],
    ['a fixed vector', [2], [1, 2], [[2], [1, 2]]],
    ['one value in a row of open size', ['N', null], 5, [[null, 1], [5]]],
  ] as const)('%s', async (_, shape, value, wanted) => {
    expect(await given(shape, value)).toEqual([wanted]);
  });

  test('with the shape of one row', async () => {
    expect(await given(['N', null, null], [1, 2, 3, 4], 'float32', [2, 2])).toEqual([
      [
        [null, 2, 2],
        [1, 2, 3, 4],
      ],
    ]);
  });

  test.each([
    [
      ['N', 3],
      [1, 2],
      'float32',
      'inputs.k.value: 2 values are given and the model takes 3 a row; give as many, or one for all',
    ],
    [
      [2],
      [1, 2, 3],
      'float32',
      'inputs.k.value: 3 values are given and the model takes 2; give as many, or one for all',
    ],
    [[], 1.5, 'int64', 'inputs.k.value: 1.5 is no integer; the input takes int64'],
    [[], 300, 'uint8', 'inputs.k.value: 300 does not fit uint8; the input takes uint8'],
    [[], 'abc', 'float32', 'inputs.k.value: "abc" is no number; the input takes float32'],
    [[], 5, 'string', 'inputs.k.value: 5 is no text; the input takes string'],
    [
      [],
      2 ** 53,
      'int64',
      'inputs.k.value: 9007199254740992 has lost digits: give it in quotes; the input takes int64',
    ],
  ] as const)('a shape of %j with %j for %s is refused', async (shape, value, dtype, message) => {
    expect(await given(shape, value, dtype)).toEqual([message]);
  });

  test('beyond 2^53 are given as text', async () => {
    expect(await given([], '9007199254740993', 'int64')).toEqual([[[], ['9007199254740993']]]);
  });

  test('alone feed no row', async () => {
    const job = jobOf({ inputs: { x: { value: 1 } } });
    expect(await refusalOf({ inputs: [x('float32')], columns: typed({ a: 'FLOAT' }), job })).toEqual([
      { reason: 'input-unbound', input: 'x', known: ['a'] },
    ]);
  });
});

describe('kept columns', () => {
  const columns = typed({ id: 'BIGINT', a: 'FLOAT', b: 'FLOAT', note: 'VARCHAR' });
  const keptOf = async (job: ReturnType<typeof jobOf>) => (await bind({ inputs: [x('float32')], columns, job })).kept;

  test('are all that no input reads, or those that the job names, in input order', async () => {
    expect(await keptOf(jobOf({ inputs: { x: 'a' } }))).toEqual(['id', 'b', 'note']);
    expect(await keptOf(jobOf({ inputs: { x: 'a + b' } }))).toEqual(['id', 'note']);
    expect(await keptOf(jobOf({ inputs: { x: 'a' }, where: 'b > 0' }))).toEqual(['id', 'b', 'note']);
    expect(await keptOf(jobOf({ inputs: { x: 'a' }, keep: ['note', 'a', 'id', 'id'] }))).toEqual(['id', 'a', 'note']);
    expect(await keptOf(jobOf({ inputs: { x: 'a' }, keep: [] }))).toEqual([]);
  });

  test('that are not there are told with everything else that names what is not there', async () => {
    const job = jobOf({ inputs: { x: 'aa' }, keep: ['ids'], where: 'c > 0', types: { notes: 'string' } });
    const failures = await refusalOf({ inputs: [x('float32')], columns, job });
    expect(
      failures.map((failure) =>
        failure.reason === 'column-missing' ? [failure.where, failure.column, failure.suggestion] : failure.reason,
      ),
    ).toEqual([
      ['inputs.x', 'aa', 'a'],
      ['dataset.where', 'c', undefined],
      ['keep', 'ids', 'id'],
      ['dataset.types', 'notes', 'note'],
    ]);
  });
});

test('the rows of a call are those that the strictest input declares', async () => {
  const columns = typed({ a: 'FLOAT', b: 'FLOAT' });
  const of = async (...shapes: Parameters<typeof modelInput>[2][]) =>
    (await bind({ inputs: shapes.map((shape, index) => modelInput('ab'[index], 'float32', shape)), columns })).callRows;
  expect([await of(['N'], ['N', 1]), await of([1], ['N']), await of([8], ['N']), await of([], ['N'])]).toEqual([
    null,
    1,
    8,
    1,
  ]);
});

test('nulls are treated as the input says, or else as the job does', async () => {
  const job = jobOf({ inputs: { a: { column: 'a', nulls: 'reject' }, b: 'b' }, rejects: { nulls: 'nan' } });
  const { inputs } = await bind({
    inputs: [modelInput('a', 'float32', ['N']), modelInput('b', 'float32', ['N'])],
    columns: typed({ a: 'FLOAT', b: 'FLOAT' }),
    job,
  });
  expect(inputs.map(({ nulls }) => nulls)).toEqual(['reject', 'nan']);
});

test('a column of a type that cannot be read rightly is refused, kept or fed', async () => {
  const columns = typed({ a: 'FLOAT', amount: 'UNSUPPORTED(DECIMAL of 50 digits)' });
  for (const job of [jobOf({ inputs: { x: 'a' } }), jobOf({ inputs: { x: 'amount' }, keep: ['a'] })]) {
    const failures = await refusalOf({ inputs: [x('float32')], columns, job });
    expect(failures).toMatchObject([{ reason: 'column-unsupported', column: 'amount', type: 'DECIMAL of 50 digits' }]);
  }
});
