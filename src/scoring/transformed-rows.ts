// The rows of a split with the columns that the job's transform makes of them: a relation like that of a source, so that
// whatever reads rows after it knows of no transform. The transform runs before the row filter, which may use its columns.
import type { Connection } from '../core/duckdb.ts';
import { quoteName } from '../core/sql.ts';
import { faultColumn, type Rows, rowColumn, shardColumn } from '../source/source.ts';
import type { TransformPlan } from '../transform/transform-plan.ts';
import { tableFailed, tableRow, tableShard, transformTable } from '../transform/transform-table.ts';
import type { WantedColumn } from './binding.ts';

export interface TransformRequest {
  readonly connection: Connection;
  readonly wanted: readonly WantedColumn[];
  readonly transform: TransformPlan;
  readonly pathOfShard: (shard: number) => string;
}

/** Takes over the rows: they are gone when the result is. */
export async function transformedRows(rows: Rows, request: TransformRequest): Promise<Rows> {
  const { connection, wanted, transform, pathOfShard } = request;
  const { relation } = rows;
  try {
    const at = { connection, relation, shard: shardColumn, row: rowColumn, pathOfShard };
    const table = await transformTable(transform, at);
    const hasFaults = rows.hasFaults || table.failed > 0;
    return {
      relation: joined(rows, table.name, { wanted, transform, hasFaults }),
      hasFaults,
      unreadable: rows.unreadable,
      [Symbol.asyncDispose]: async () => {
        await table[Symbol.asyncDispose]();
        await rows[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await rows[Symbol.asyncDispose]();
    throw error;
  }
}

/** By position, as results meet their rows: a row that stood beside another one's columns would be lost, and that is noticed. */
function joined(
  rows: Rows,
  table: string,
  { wanted, transform, hasFaults }: Pick<TransformRequest, 'wanted' | 'transform'> & { readonly hasFaults: boolean },
): string {
  const made = new Set(transform.columns.map(({ name }) => name));
  const own = [...wanted.map(({ name }) => name).filter((name) => !made.has(name)), shardColumn, rowColumn];
  const added = wanted.map(({ name }) => name).filter((name) => made.has(name));
  const failure = `json_object('reason', 'transform-failed', 'column', NULL, 'message', t.${tableFailed})`;
  const failed = `CASE WHEN t.${tableFailed} IS NOT NULL THEN CAST(${failure} AS VARCHAR) END`;
  const fault = rows.hasFaults ? `coalesce(k.${faultColumn}, ${failed})` : failed;
  const columns = [
    ...own.map((name) => `k.${quoteName(name)}`),
    ...added.map((name) => `t.${quoteName(name)}`),
    ...(hasFaults ? [`${fault} AS ${faultColumn}`] : []),
  ];
  const read = [...own, ...(rows.hasFaults ? [faultColumn] : [])].map(quoteName);
  const isSameRow = `k.${shardColumn} = t.${tableShard} AND k.${rowColumn}::DOUBLE = t.${tableRow}`;
  return `(SELECT ${columns.join(', ')} FROM (SELECT ${read.join(', ')} FROM ${rows.relation}) k POSITIONAL JOIN ${table} t WHERE ${isSameRow})`;
}
