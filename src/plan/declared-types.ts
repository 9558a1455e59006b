// The types that a job declares for the columns of text files, under the names that DuckDB gives them.
import { type Connection, normalisedType } from '../core/duckdb.ts';
import { type Failure, FailureError } from '../core/failure.ts';

/** Declared types by column. `float` is a double: text has no shorter one. Fails with `type-unknown` for each that is none. */
export async function declaredTypes(
  connection: Connection,
  types: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const failures: Failure[] = [];
  const known: Record<string, string> = {};
  for (const [column, type] of Object.entries(types)) {
    const name = await normalisedType(connection, type.toLowerCase() === 'float' ? 'DOUBLE' : type);
    if (name === undefined) failures.push({ reason: 'type-unknown', column, type });
    else known[column] = name;
  }
  const [first, ...others] = failures;
  if (first !== undefined) throw new FailureError(first, ...others);
  return known;
}
