// A table of ours row by row, as plain values: numbers as numbers, times as text.
import type { Connection } from '../core/duckdb.ts';
import { quotePath } from '../core/sql.ts';

export async function readRows(
  path: string,
  connection: Connection,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const rows = await connection.rows<{ row: string }>(
    `SELECT to_json(t)::VARCHAR AS "row" FROM read_parquet(${quotePath(path)}, hive_partitioning = false) t`,
  );
  return rows.map(({ row }) => JSON.parse(row));
}
