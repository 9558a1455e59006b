// The SQL that a job may hold: one expression over the columns of a row. It is parsed by DuckDB itself, and anything that
// could read beyond the row (subqueries, several statements) is refused.
import type { Connection } from './duckdb.ts';
import { quoteText } from './sql.ts';

export type ParsedExpression =
  | { readonly ok: true; /** Names as they are written in the expression. */ readonly columns: readonly string[] }
  | { readonly ok: false; readonly message: string };

interface SerializedStatement {
  readonly error: boolean;
  readonly error_message?: string;
  readonly statements?: readonly { readonly node: { readonly select_list: readonly unknown[]; readonly from_table: { readonly type: string } } }[];
}

/** Which columns an expression reads, or why it cannot be used. */
export async function parseExpression(connection: Connection, sql: string): Promise<ParsedExpression> {
  const statement = `SELECT (${sql}\n)`;
  const [row] = await connection.rows<{ tree: string }>(`SELECT json_serialize_sql(${quoteText(statement)})::VARCHAR AS tree`);
  const tree = JSON.parse(row.tree) as SerializedStatement;
  if (tree.error) return { ok: false, message: (tree.error_message ?? 'it is no SQL expression').split('\n')[0] };
  const [only, ...others] = tree.statements ?? [];
  if (only === undefined || others.length > 0 || only.node.from_table.type !== 'EMPTY' || only.node.select_list.length !== 1) {
    return { ok: false, message: 'it is not one SQL expression over the columns of a row' };
  }
  const columns = new Set<string>();
  const problem = collectColumns(only.node.select_list[0], columns);
  return problem === null ? { ok: true, columns: [...columns] } : { ok: false, message: problem };
}

function collectColumns(node: unknown, columns: Set<string>): string | null {
  if (Array.isArray(node)) {
    for (const part of node) {
      const problem = collectColumns(part, columns);
      if (problem !== null) return problem;
    }
    return null;
  }
  if (node === null || typeof node !== 'object') return null;
  const fields = node as Record<string, unknown>;
  if (fields.class === 'SUBQUERY') return 'a subquery could read beyond the row and is not allowed';
  if (fields.class === 'WINDOW') return 'a window function reads other rows and is not allowed';
  if (fields.class === 'STAR') return 'a star is not allowed: name the columns';
  if (fields.class === 'COLUMN_REF') {
    const [first] = fields.column_names as string[];
    columns.add(first);
    return null;
  }
  return collectColumns(Object.values(fields), columns);
}
