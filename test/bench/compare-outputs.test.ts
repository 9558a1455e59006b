// What the suite finds wrong with an output, tried on outputs that were made wrong.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkOutput, compareScores } from '../../bench/compare-outputs.ts';
import { categoryOf } from '../../bench/make-data.ts';
import { quoteText } from '../../src/core/sql.ts';
import { temporaryFolder } from '../temporary-folder.ts';

let instance: DuckDBInstance;
let connection: DuckDBConnection;
beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:');
  connection = await instance.connect();
});
afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

const rows = 5000;
const right = `SELECT range AS id, ${categoryOf('range')} AS cat, (range / ${rows})::FLOAT AS score FROM range(${rows})`;

/** An output of two parts: the rows of a query before and from id 3000. */
async function outputOf(query: string): Promise<string> {
  const folder = temporaryFolder();
  mkdirSync(folder, { recursive: true });
  for (const [part, where] of ['id < 3000', 'id >= 3000'].entries()) {
    const path = quoteText(join(folder, `part-0000${part}-x.parquet`));
    await connection.run(`COPY (FROM (${query}) WHERE ${where}) TO ${path} (FORMAT parquet)`);
  }
  return folder;
}

describe('an output', () => {
  it('is right with the rows of the dataset in their places', async () => {
    expect(await checkOutput(connection, await outputOf(right), rows)).toEqual([]);
  });

  it.each([
    ['a row is missing', `FROM (${right}) WHERE id <> 7`, 'it has 4999 rows instead of 5000'],
    [
      'a row is there twice',
      `FROM (${right}) UNION ALL FROM (${right}) WHERE id = 7`,
      'it has 5001 rows instead of 5000',
    ],
    [
      'two rows have changed places',
      `SELECT * REPLACE (CASE id WHEN 1 THEN 2 WHEN 2 THEN 1 ELSE id END AS id) FROM (${right})`,
      '2 of 5000 rows are not those of the dataset, or not in their places',
    ],
    [
      'a kept value is another',
      `SELECT * REPLACE (if(id = 9, 'z', cat) AS cat) FROM (${right})`,
      '1 of 5000 rows are not those of the dataset, or not in their places',
    ],
    [
      'a score is missing',
      `SELECT * REPLACE (nullif(score, 0) AS score) FROM (${right})`,
      '1 of 5000 rows are not those of the dataset, or not in their places',
    ],
    [
      'a column is of another type',
      `SELECT * REPLACE (score::DOUBLE AS score) FROM (${right})`,
      'its columns are id BIGINT, cat VARCHAR, score DOUBLE instead of id BIGINT, cat VARCHAR, score FLOAT',
    ],
  ])('is wrong where %s', async (_, query, problem) => {
    expect(await checkOutput(connection, await outputOf(query), rows)).toEqual([problem]);
  });
});

describe('scores of two outputs', () => {
  const scored = (score: string): Promise<string> => outputOf(`SELECT * REPLACE (${score} AS score) FROM (${right})`);

  it('are the same up to the last bits', async () => {
    expect(await compareScores(connection, await scored('score * 1.000001::FLOAT'), await outputOf(right))).toEqual([]);
  });

  it.each([
    ['one differs', 'score + if(id = 4000, 0.25::FLOAT, 0)', 'by 0.25 at most; the first is that of id 4000'],
    ['one is no number', "if(id = 12, 'nan'::FLOAT, score)", 'by NaN at most; the first is that of id 12'],
  ])('are reported where %s', async (_, score, end) => {
    expect(await compareScores(connection, await scored(score), await outputOf(right))).toEqual([
      `1 of 5000 scores differ by more than 0.00001, ${end}`,
    ]);
  });
});
