// The rows that DuckDB answers a query with, as objects.
import type { DuckDBConnection } from '@duckdb/node-api';

export async function ask<Row>(connection: DuckDBConnection, sql: string): Promise<readonly Row[]> {
  return (await connection.runAndReadAll(sql)).getRowObjectsJS() as unknown as Row[];
}
