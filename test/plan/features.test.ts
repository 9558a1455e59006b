// What one text of a binding stands for: a name, a glob, or SQL.
import { describe, expect, test } from 'vitest';
import { featuresOf } from '../../src/plan/features.ts';
import { openConnection, typed } from './plan-fixtures.ts';

const columns = typed({
  id: 'BIGINT',
  f10: 'FLOAT',
  f2: 'FLOAT',
  F3: 'FLOAT',
  'a*b': 'FLOAT',
  a: 'FLOAT',
  b: 'FLOAT',
  'petal length (cm)': 'FLOAT',
  'x[1]': 'FLOAT',
  total_amount: 'DOUBLE',
  day: 'DATE',
  ünï: 'FLOAT',
  tags: 'VARCHAR[]',
  point: 'STRUCT(x FLOAT)',
});

async function find(text: string) {
  const { features, failures } = await featuresOf(text, 'inputs.x', {
    connection: await openConnection(),
    columns,
    shardPath: 'a.parquet',
  });
  return failures.length > 0 ? failures : features;
}

const column = (name: string) => ({ label: name, sql: `"${name}"`, column: name, reads: [name] });
const expression = (text: string, reads: readonly string[]) => ({
  label: text,
  sql: `(${text}\n)`,
  column: null,
  reads,
});
const missing = (name: string, suggestion: string | undefined) => [
  expect.objectContaining({
    reason: 'column-missing',
    where: 'inputs.x',
    column: name,
    shard: 'a.parquet',
    suggestion,
  }),
];

test.each(['id', 'a*b', 'petal length (cm)', 'x[1]', 'ünï', 'F3'])(
  'the name %j is that column, whatever else it could mean',
  async (name) => {
    expect(await find(name)).toEqual([column(name)]);
  },
);

describe('a glob', () => {
  test.each([
    ['f*', ['f10', 'f2']],
    ['?', ['a', 'b']],
    ['f[0-9]', ['f2']],
    ['[!a-e]3', ['F3']],
    ['*(cm)', ['petal length (cm)']],
    ['a?b', ['a*b']],
  ])('%s stands for the columns it matches, in file order and in their case', async (glob, names) => {
    expect(await find(glob)).toEqual(names.map(column));
  });

  test('that matches nothing is told as a missing column', async () => {
    expect(await find('zz*')).toEqual(missing('zz*', undefined));
    expect(await find('[')).toEqual(missing('[', undefined));
  });
});

describe('an expression', () => {
  test.each([
    ['a + b', ['a', 'b']],
    ['ln(TOTAL_AMOUNT + 1)', ['total_amount']],
    ['"petal length (cm)" / 2', ['petal length (cm)']],
    ['point.x', ['point']],
    ['a IS NULL', ['a']],
    ['a * b', ['a', 'b']],
    ['f3 * 2', ['F3']],
  ])('%s reads %j', async (sql, reads) => {
    expect(await find(sql)).toEqual([expression(sql, reads)]);
  });

  test('over columns that are not there names each', async () => {
    expect(await find('a + bb + ageing')).toEqual([...missing('bb', 'b'), ...missing('ageing', undefined)]);
  });

  test('that cannot be used says why', async () => {
    expect(await find('sum(a)')).toEqual([
      expect.objectContaining({
        reason: 'expression-invalid',
        sql: 'sum(a)',
        message: 'sum reads other rows and is not allowed',
      }),
    ]);
    expect(await find("(SELECT 1 FROM read_text('/etc/passwd'))")).toEqual([
      expect.objectContaining({ reason: 'expression-invalid', message: expect.stringContaining('subquery') }),
    ]);
    expect(await find('ln(a')).toEqual([
      expect.objectContaining({ reason: 'expression-invalid', message: expect.stringContaining('syntax error') }),
    ]);
  });
});

describe('a misspelt name', () => {
  test.each([
    ['ID', 'id'],
    ['f30', 'F3'],
    ['total-amount', 'total_amount'],
    ['petal length (cn)', 'petal length (cm)'],
    ['petal_length', undefined],
    ['nothing like it', undefined],
    ['current_date', undefined],
  ])('%j is told with the nearest one', async (name, suggestion) => {
    const [failure] = await find(name);
    expect(failure).toMatchObject({
      reason: 'column-missing',
      column: name,
      suggestion: suggestion === 'F3' ? expect.any(String) : suggestion,
    });
  });
});
