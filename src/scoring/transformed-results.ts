// The result columns that the job's transform makes of the scored rows, beside them. A row on which it throws has been scored
// for nothing: it becomes a reject.
import type { Connection } from '../core/duckdb.ts';
import { quoteName } from '../core/sql.ts';
import { rowColumn, shardColumn } from '../source/source.ts';
import type { TransformPlan } from '../transform/transform-plan.ts';
import { tableFailed, tableRow, tableShard, transformTable } from '../transform/transform-table.ts';

export interface FailedRow {
  readonly shard: number;
  readonly row: number;
  readonly message: string;
}

export interface TransformedResults extends AsyncDisposable {
  /** A query of the rows that the module did not throw on. */
  readonly rows: string;
  readonly failed: readonly FailedRow[];
}

/** `rows`: a query of the scored rows with their places and the columns of these names, in row order. */
export async function transformedResults(
  connection: Connection,
  rows: string,
  names: readonly string[],
  transform: TransformPlan,
  pathOfShard: (shard: number) => string,
): Promise<TransformedResults> {
  const at = { connection, relation: `(${rows})`, shard: shardColumn, row: rowColumn, pathOfShard, hasGaps: true };
  const table = await transformTable(transform, at);
  const made = new Set(transform.columns.map(({ name }) => name));
  const isSameRow = `k.${shardColumn} = t.${tableShard} AND k.${rowColumn}::DOUBLE = t.${tableRow}`;
  const columns = [
    ...names.filter((name) => !made.has(name)).map((name) => `k.${quoteName(name)}`),
    ...[...made].map((name) => `t.${quoteName(name)}`),
  ];
  const places = `SELECT ${tableShard} AS shard, ${tableRow} AS row, ${tableFailed} AS message FROM ${table.name} WHERE ${tableFailed} IS NOT NULL`;
  return {
    rows: `SELECT ${columns.join(', ')} FROM (${rows}) k POSITIONAL JOIN ${table.name} t WHERE t.${tableFailed} IS NULL AND ${isSameRow}`,
    failed: table.failed === 0 ? [] : await connection.rows<FailedRow & Record<string, unknown>>(places),
    [Symbol.asyncDispose]: () => table[Symbol.asyncDispose](),
  };
}
