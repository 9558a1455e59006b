// The SQL that a job may hold: one expression over the columns of a row, whose value depends on that row alone. DuckDB
// itself parses it; what could read beyond the row, or say something else tomorrow, is refused by what the tree holds.
import type { Connection } from './duckdb.ts';
import { quoteText } from './sql.ts';

export type ParsedExpression =
  | { readonly ok: true /** Names as they are written in the expression. */; readonly columns: readonly string[] }
  | { readonly ok: false; readonly message: string };

type Node = Readonly<Record<string, unknown>>;

interface SerializedStatements {
  readonly error: boolean;
  readonly error_type?: string;
  readonly error_message?: string;
  readonly statements?: readonly { readonly node: Node }[];
}

interface Found {
  readonly columns: Set<string>;
  readonly functions: Set<string>;
}

const notOneExpression = 'it is not one SQL expression over the columns of a row';

/** Which columns an expression reads, or why it cannot be used. That its types fit is for the caller to find out. */
export async function parseExpression(connection: Connection, sql: string): Promise<ParsedExpression> {
  // DuckDB reads a statement up to its first NUL.
  if (sql.includes('\0')) return { ok: false, message: notOneExpression };
  const statement = `SELECT (${sql}\n)`;
  const [row] = await connection.rows<{ tree: string }>(
    `SELECT json_serialize_sql(${quoteText(statement)})::VARCHAR AS tree`,
  );
  const tree = JSON.parse(row.tree) as SerializedStatements;
  if (tree.error) {
    const isOfParser = tree.error_type === 'parser' && tree.error_message !== undefined;
    return { ok: false, message: isOfParser ? tree.error_message.split('\n')[0] : notOneExpression };
  }
  const expression = onlyExpression(tree);
  if (expression === null) return { ok: false, message: notOneExpression };
  const found: Found = { columns: new Set(), functions: new Set() };
  const message = refusalOf(expression, found, new Set()) ?? (await refusedFunction(connection, found.functions));
  return message === null ? { ok: true, columns: [...found.columns] } : { ok: false, message };
}

/** What stands after a lone SELECT; null when there is any other clause or statement. */
function onlyExpression({ statements = [] }: SerializedStatements): unknown {
  if (statements.length !== 1) return null;
  const {
    type,
    select_list: selected,
    from_table: from,
    aggregate_handling: handling,
    ...clauses
  } = statements[0].node;
  const isBare =
    type === 'SELECT_NODE' &&
    (from as Node).type === 'EMPTY' &&
    handling === 'STANDARD_HANDLING' &&
    Object.values(clauses).every(isEmpty);
  const [only, ...others] = selected === undefined ? [] : (selected as readonly unknown[]);
  return isBare && others.length === 0 ? only : null;
}

const isEmpty = (clause: unknown): boolean =>
  clause === null || (typeof clause === 'object' && Object.values(clause).every(isEmpty));

const refusedClasses: Readonly<Record<string, string>> = {
  SUBQUERY: 'a subquery could read beyond the row and is not allowed',
  WINDOW: 'a window function reads other rows and is not allowed',
  STAR: 'a star is not allowed: name the columns',
  PARAMETER: 'there is nothing to fill a parameter ($1, ?) with',
  POSITIONAL_REFERENCE: 'a column is read by its name, not by its position',
  DEFAULT: 'DEFAULT is not allowed',
};

/** Collects columns and functions; the first thing that is not allowed, or null. */
function refusalOf(node: unknown, found: Found, parameters: ReadonlySet<string>): string | null {
  if (node === null || typeof node !== 'object') return null;
  const fields = node as Node;
  const refused = refusedClasses[String(fields.class)];
  if (refused !== undefined) return refused;
  if (fields.class === 'COLUMN_REF') {
    const [first] = fields.column_names as string[];
    if (!parameters.has(first.toLowerCase())) found.columns.add(first);
    return null;
  }
  if (fields.class === 'FUNCTION') return refusalOfCall(fields, found, parameters);
  return firstRefusal(Object.values(fields), (part) => refusalOf(part, found, parameters));
}

const takesLambda = /(transform|filter|reduce|apply)$/;
const schemas = ['', 'main', 'system', 'pg_catalog'];

function refusalOfCall(call: Node, found: Found, parameters: ReadonlySet<string>): string | null {
  const { class: _, function_name: name, schema, catalog, children, ...others } = call;
  found.functions.add(String(name).toLowerCase());
  if (name === 'age' && (children as readonly Node[]).length === 1)
    return 'age of one date reads the clock and is not allowed: give both dates';
  // `name.upper()` is parsed as a function of a schema or catalog of the column's name.
  const owner = [catalog, schema].map(String).find((part) => !schemas.includes(part));
  if (owner !== undefined) found.columns.add(owner);
  return firstRefusal([...(children as readonly Node[]), others], (part) =>
    part.class === 'LAMBDA' && takesLambda.test(String(name))
      ? refusalOf(part.expr, found, new Set([...parameters, ...parametersOf(part.lhs as Node)]))
      : refusalOf(part, found, parameters),
  );
}

/** Everywhere else an arrow reads JSON, and what is left of it is a column. */
function parametersOf({ column_names: names, children }: Node): readonly string[] {
  if (names !== undefined) return (names as string[]).map((name) => name.toLowerCase());
  return ((children ?? []) as readonly Node[]).flatMap(parametersOf);
}

function firstRefusal<Part>(parts: readonly Part[], refusal: (part: Part) => string | null): string | null {
  for (const part of parts) {
    const message = refusal(part);
    if (message !== null) return message;
  }
  return null;
}

/** Macros of DuckDB that are plain functions of their arguments; the others look into the catalog or at the clock. */
const plainMacros =
  /^((list|array)_\w+|map_contains_\w+|md5_number_\w+|date_add|days_in_month|fdiv|fmod|json|nullif|round_even|roundbankers|split_part)$/;

/** Functions that DuckDB calls consistent, and that read the clock, the session, the catalog or another query all the same. */
const impure = new Set([
  'current_localtime',
  'current_localtimestamp',
  'current_setting',
  'getvariable',
  'json_serialize_plan',
]);

async function refusedFunction(connection: Connection, functions: ReadonlySet<string>): Promise<string | null> {
  if (functions.has('unnest') || functions.has('unlist')) return 'unnest makes several rows of one and is not allowed';
  if (functions.size === 0) return null;
  const rows = await connection.rows<{ name: string; type: string; stability: string | null }>(
    `SELECT DISTINCT function_name AS name, function_type AS type, stability FROM duckdb_functions()
     WHERE function_type IN ('scalar', 'aggregate', 'macro') AND lower(function_name) IN (${[...functions].map(quoteText).join(', ')})
     ORDER BY name, type`,
  );
  return firstRefusal(rows, ({ name, type, stability }) => {
    if (type === 'aggregate') return `${name} reads other rows and is not allowed`;
    const isPlain = type === 'macro' ? plainMacros.test(name) : stability === 'CONSISTENT' && !impure.has(name);
    return isPlain ? null : `${name} does not depend on the row alone and is not allowed`;
  });
}
