// SQL over the result: what it may read, which type it has, and every mistake at once.
import { describe, expect, test } from 'vitest';
import { describeFailure } from '../../src/core/failure.ts';
import { bindExpressions } from '../../src/plan/bind-expressions.ts';
import type { ResultColumn } from '../../src/scoring/binding.ts';
import { openConnection } from '../scoring/batches.ts';

const result = (name: string, type: string): ResultColumn => ({
  name,
  output: name,
  dtype: 'float32',
  index: 0,
  rowShape: [],
  type,
});

interface Parts {
  readonly expressions?: Readonly<Record<string, string>>;
  readonly where?: string;
}

async function bind({ expressions = {}, where }: Parts) {
  const { computed, writeWhere, failures } = await bindExpressions({
    connection: await openConnection(),
    expressions: Object.entries(expressions).map(([name, sql]) => ({ name, sql })),
    writeWhere: where ?? null,
    results: [result('p_bad', 'FLOAT'), result('best', 'VARCHAR'), result('Score', 'DOUBLE')],
    kept: ['id'],
    wanted: [
      { name: 'id', type: 'BIGINT' },
      { name: 'age', type: 'FLOAT' },
      { name: 'score', type: 'VARCHAR' },
    ],
  });
  if (failures.length > 0) return failures.map(describeFailure);
  return [
    ...computed.map(({ name, type, reads }) => `${name} ${type} reads [${reads.join(', ')}]`),
    ...(writeWhere === null ? [] : [`where reads [${writeWhere.reads.join(', ')}]`]),
  ];
}

test('sees results, kept columns, columns that are read, and what is computed before it', async () => {
  const expressions = {
    band: "case when p_bad > 0.5 then 'high' else 'low' end",
    loud: 'upper(BAND) || id || best',
    older: 'age + 1',
    doubled: 'score * 2',
  };
  expect(await bind({ expressions, where: 'band = \'high\' and "Age" > 3 -- adults\n' })).toEqual([
    'band VARCHAR reads []',
    'loud VARCHAR reads []',
    'older FLOAT reads [age]',
    'doubled DOUBLE reads []',
    'where reads [age]',
  ]);
});

describe('is refused:', () => {
  test.each<readonly [Parts, readonly string[]]>([
    [
      { expressions: { a: 'p_bda > 1' }, where: 'bset is null' },
      [
        'outputs.a.sql: no column "p_bda" in the result (there are: id, p_bad, best, Score, age). Did you mean "p_bad"?',
        'output.where: no column "bset" in the result (there are: id, p_bad, best, Score, a, age). Did you mean "best"?',
      ],
    ],
    [{ expressions: { a: 'b', b: '1' } }, [expect.stringContaining('outputs.a.sql: no column "b"')]],
    [{ where: 'sum(p_bad) > 1' }, [expect.stringContaining('output.where: "sum(p_bad) > 1": sum reads other rows')]],
    [{ where: 'exists (select 1)' }, [expect.stringContaining('a subquery could read beyond the row')]],
    [{ where: 'row_number() over () > 1' }, [expect.stringContaining('a window function reads other rows')]],
    [{ where: 'p_bad > random()' }, [expect.stringContaining('random does not depend on the row alone')]],
    [{ where: 'true) limit (1' }, [expect.stringContaining('it is not one SQL expression')]],
    [
      { where: 'best' },
      [
        'output.where: "best": it is VARCHAR, and must be true or false, such as score > 0.5 (columns: id, p_bad, best, Score, age); correct the expression',
      ],
    ],
    [
      { expressions: { a: 'nothing', b: 'a || 1', c: 'null' }, where: 'a > 1 and c > 1' },
      [expect.stringContaining('outputs.a.sql: no column "nothing"')],
    ],
    [{ expressions: { a: 'sqrt(best)' } }, [expect.stringContaining('outputs.a.sql: "sqrt(best)"')]],
    [
      { expressions: { a: "interval '1' day" } },
      [expect.stringContaining('its type is INTERVAL, which Parquet cannot hold')],
    ],
    [{ expressions: { P_BAD: '1' } }, [expect.stringContaining('two result columns would be named "P_BAD"')]],
    [{ expressions: { id: '1' } }, [expect.stringContaining('two result columns would be named "id"')]],
    [
      { expressions: { x: 'age', AGE: '1' } },
      [expect.stringContaining('outputs.AGE has the name of a column of the row')],
    ],
  ])('%j', async (parts, messages) => {
    expect(await bind(parts)).toEqual(messages);
  });
});
