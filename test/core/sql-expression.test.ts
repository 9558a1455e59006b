// What a job's SQL may be, told by DuckDB's own parser.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Connection } from '../../src/core/duckdb.ts';
import { Database } from '../../src/core/duckdb-database.ts';
import { parseExpression } from '../../src/core/sql-expression.ts';
import { sqlAttacks } from '../safety/sql-attacks.ts';

let database: Database;
let connection: Connection;

beforeAll(async () => {
  database = await Database.open({ threads: 1, memoryBytes: 2 ** 28, temporaryFolder: '/nowhere' });
  connection = await database.connect();
});

afterAll(() => {
  connection.close();
  database.close();
});

const columnsOf = async (sql: string) => {
  const parsed = await parseExpression(connection, sql);
  return parsed.ok ? parsed.columns : parsed.message;
};

test.each([
  ['ln(amount + 1)', ['amount']],
  ['"Petal Length" / width', ['Petal Length', 'width']],
  ['CASE WHEN a > 0 THEN b ELSE c END', ['a', 'b', 'c']],
  ['point.x + "point".y', ['point']],
  ["doc -> '$.x'", ['doc']],
  ["json_extract(doc, '$.x')", ['doc']],
  ["coalesce(doc ->> '$.x', other)", ['doc', 'other']],
  ['name.upper()', ['name']],
  ['list_transform(a, lambda x: x + b)', ['a', 'b']],
  ['list_transform(a, (x, i) -> x * i + b)', ['a', 'b']],
  ['list_transform(a, lambda x: list_filter(x, lambda y: y > x + z))', ['a', 'z']],
  ['[x + 1 for x in a if x > b]', ['a', 'b']],
  ['list_transform(a, lambda x: x) || list_value(x)', ['a', 'x']],
  ['struct_pack(a := b)', ['b']],
  ["status = 'open; drop table x -- '", ['status']],
  ['status -- the end of the line', ['status']],
  ['list_sum(a) + list_avg(a)', ['a']],
  ['a IS NULL OR b IN (1, 2) OR c BETWEEN 1 AND 2', ['a', 'b', 'c']],
  ['row', ['row']],
  ['1', []],
])('%s reads its columns', async (sql, columns) => {
  expect(await columnsOf(sql)).toEqual(columns);
});

const notOne = 'it is not one SQL expression over the columns of a row';
const subquery = 'a subquery could read beyond the row and is not allowed';

test.each([
  ["(SELECT count(*) FROM read_csv('/etc/passwd')) > 0", subquery],
  ['a IN (SELECT b FROM t)', subquery],
  ['EXISTS (FROM t)', subquery],
  ["ARRAY(SELECT content FROM read_text('/etc/passwd'))", subquery],
  ['list_transform(a, lambda x: (SELECT 1))', subquery],
  ['sum(a) OVER ()', 'a window function reads other rows and is not allowed'],
  ['*', 'a star is not allowed: name the columns'],
  ['COLUMNS(*)', 'a star is not allowed: name the columns'],
  ['$1', 'there is nothing to fill a parameter ($1, ?) with'],
  ['#1', 'a column is read by its name, not by its position'],
  ['avg(a)', 'avg reads other rows and is not allowed'],
  ['a + COUNT(b)', 'count reads other rows and is not allowed'],
  ['unnest([1, 2])', 'unnest makes several rows of one and is not allowed'],
  ['random() < 0.5', 'random does not depend on the row alone and is not allowed'],
  ['main.random()', 'random does not depend on the row alone and is not allowed'],
  ['now()', 'now does not depend on the row alone and is not allowed'],
  ['list_transform(a, lambda x: x + random())', 'random does not depend on the row alone and is not allowed'],
  ["error('x')", 'error does not depend on the row alone and is not allowed'],
  ['pg_postmaster_start_time()', 'pg_postmaster_start_time does not depend on the row alone and is not allowed'],
  ['weighted_avg(a, b)', 'weighted_avg does not depend on the row alone and is not allowed'],
  ['1) UNION (SELECT 2', notOne],
  ['1); DROP TABLE t; SELECT (1', notOne],
  ['1), (2', notOne],
  ['1) FROM (SELECT 1', notOne],
  ["1) FROM read_csv('/etc/passwd') t(a", notOne],
  ['true) WHERE (true', notOne],
  ['true) LIMIT (5', notOne],
  ['true) ORDER BY (1', notOne],
  ['true) GROUP BY (a', notOne],
  ['true) GROUP BY ALL HAVING (true', notOne],
  ['true) QUALIFY (true', notOne],
])('%s is refused', async (sql, message) => {
  expect(await columnsOf(sql)).toBe(message);
});

describe('what cannot be parsed is refused with the words of DuckDB', () => {
  test.each(['1) --', '1); drop', '1)/*', 'a +', '', 'a b c', 'ATTACH x', '1)\0', "'", '"'])('%j', async (sql) => {
    expect(await columnsOf(sql)).toMatch(/syntax error|unterminated|not one SQL|end of input/i);
  });
});

test.each(sqlAttacks('/etc/passwd', '/tmp/loot'))('%s reaches beyond the row and is refused', async (sql) => {
  const parsed = await parseExpression(connection, sql);
  const isOfRow = parsed.ok && parsed.columns.every((name) => ['id', 'x'].includes(name));
  const binds = (): Promise<boolean> =>
    connection.describe(`SELECT (${sql}\n) FROM (SELECT 1 AS id, 0.5 AS x)`).then(
      () => true,
      () => false,
    );
  expect(isOfRow && (await binds())).toBe(false);
});
