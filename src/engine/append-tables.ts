// Adds the statistics of a run to those of the runs before it. DuckDB does it, so that neither the number of rejects nor columns
// that only one of the files has matter.
import type { Connection } from '../core/duckdb.ts';
import type { SourceColumn } from '../core/split.ts';
import { quoteName, quotePath, quoteText, quoteTexts } from '../core/sql.ts';
import type { AppendTable, Question } from './questions.ts';

type Request = Extract<Question, { readonly kind: 'append-tables' }>;

/** Writes every table; returns their rows, in the order of the tables. */
export async function appendTables({ tables }: Request, connection: Connection): Promise<readonly number[]> {
  const rows: number[] = [];
  for (const table of tables) rows.push(await appendTable(table, connection));
  return rows;
}

async function appendTable(table: AppendTable, connection: Connection): Promise<number> {
  const { base, more, to, metadata } = table;
  const relations: string[] = [];
  const names = new Set<string>();
  for (const path of [more, base]) {
    if (path === null) continue;
    const columns = await connection.describe(`SELECT * FROM ${fileAt(path)}`);
    const items = path === base ? ofBase(columns, table) : columns.map(plain);
    for (const { name } of items) names.add(name);
    const list = items.map(({ name, sql }) => `${sql} AS ${quoteName(name)}`).join(', ');
    relations.unshift(`SELECT ${list} FROM ${fileAt(path)}`);
  }
  const facts = Object.entries(metadata).map(([key, value]) => `${quoteName(key)}: ${quoteText(value)}`);
  const query = `SELECT ${[...names].map(quoteName).join(', ')} FROM (${relations.join(' UNION ALL BY NAME ')})`;
  return connection.run(
    `COPY (${query}) TO ${quoteText(to)} (FORMAT parquet, COMPRESSION snappy, KV_METADATA {${facts.join(', ')}})`,
  );
}

interface Item {
  readonly name: string;
  readonly sql: string;
}

/** What was written as a time in UTC is read as a time without zone, and would be written so. */
const plain = ({ name, type }: SourceColumn): Item => ({
  name,
  sql: type === 'TIMESTAMP' ? `CAST(${quoteName(name)} AS TIMESTAMPTZ)` : quoteName(name),
});

/** The columns of the older rows: each says which run it is of, and what was replaced says by which. */
function ofBase(columns: readonly SourceColumn[], { baseRun, by, replaced }: AppendTable): readonly Item[] {
  const has = (name: string): boolean => columns.some((column) => column.name === name);
  const others = columns.filter(({ name }) => name !== 'run_id' && name !== 'replaced_by').map(plain);
  const run: Item = { name: 'run_id', sql: has('run_id') ? 'run_id' : quoteText(baseRun) };
  if (replaced === null) return [...others, run];
  const before = has('replaced_by') ? 'replaced_by' : 'CAST(NULL AS VARCHAR)';
  const { column, values } = replaced;
  const isHit = values.length === 0 ? 'false' : `${quoteName(column)} IN (${quoteTexts(values).slice(1, -1)})`;
  return [
    ...others,
    run,
    {
      name: 'replaced_by',
      sql: `CASE WHEN ${before} IS NULL AND ${isHit} THEN ${quoteText(by)} ELSE ${before} END`,
    },
  ];
}

const fileAt = (path: string): string => `read_parquet(${quotePath(path)}, hive_partitioning = false)`;
