// Whether an output folder holds what it must: every row of the dataset in its order, and the scores of another output. Rows
// are compared by place, so an output in another order is another output.
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteText } from '../src/core/sql.ts';
import { ask } from './ask.ts';
import { categoryOf } from './make-data.ts';

/** Two builds may call the model with other batches, and ONNX Runtime then gives other last bits. */
const tolerance = 1e-5;

const expectedColumns = 'id BIGINT, cat VARCHAR, score FLOAT';

/** What is wrong with the output of a dataset with so many rows, as sentences; none when it is right. */
export async function checkOutput(
  connection: DuckDBConnection,
  output: string,
  rows: number,
): Promise<readonly string[]> {
  const parts = partsOf(output);
  const [{ columns }] = await ask<{ columns: string }>(
    connection,
    `SELECT string_agg(column_name || ' ' || column_type, ', ') AS columns FROM (DESCRIBE FROM ${parts})`,
  );
  if (columns !== expectedColumns) return [`its columns are ${columns} instead of ${expectedColumns}`];
  const [{ count, strange }] = await ask<{ count: bigint; strange: bigint }>(
    connection,
    `SELECT count(*) AS count, count(*) FILTER (id <> place OR cat IS DISTINCT FROM ${categoryOf('place')} OR score IS NULL) AS strange
     FROM (SELECT * FROM ${parts}) POSITIONAL JOIN (SELECT range AS place FROM range(${rows}))`,
  );
  const [{ written }] = await ask<{ written: bigint }>(connection, `SELECT count(*) AS written FROM ${parts}`);
  if (Number(written) !== rows) return [`it has ${written} rows instead of ${rows}`];
  return strange === 0n ? [] : [`${strange} of ${count} rows are not those of the dataset, or not in their places`];
}

/** How the scores of two outputs that were checked differ, as sentences; none when they are the same. */
export async function compareScores(
  connection: DuckDBConnection,
  output: string,
  reference: string,
): Promise<readonly string[]> {
  const [{ count, different, most, first }] = await ask<{
    count: bigint;
    different: bigint;
    most: number;
    first: bigint | null;
  }>(
    connection,
    `SELECT count(*) AS count, count(*) FILTER (apart) AS different, max(distance) AS most, min(id) FILTER (apart) AS first
     FROM (
       SELECT id, abs(a.score - b.score) AS distance, NOT coalesce(distance <= ${tolerance}, false) AS apart
       FROM ${partsOf(output)} a POSITIONAL JOIN (SELECT score FROM ${partsOf(reference)}) b
     )`,
  );
  if (different === 0n) return [];
  return [
    `${different} of ${count} scores differ by more than ${tolerance}, by ${most.toPrecision(2)} at most; the first is that of id ${first}`,
  ];
}

const partsOf = (output: string): string => `read_parquet(${quoteText(join(output, '*.parquet'))})`;
