// What binding needs to know, and what preparing rows adds to a binding.
import { type Connection, messageOf } from '../core/duckdb.ts';
import type { Failure } from '../core/failure.ts';
import type { Preparation, WantedColumn } from '../scoring/binding.ts';
import { emptyRelation } from './dataset-columns.ts';
import type { Feature } from './features.ts';
import type { InputLayout } from './input-shape.ts';
import type { ResolveRequest } from './resolve-inputs.ts';

export interface BindRequest extends ResolveRequest {
  /** Columns that the job's transform is given. */
  readonly transformReads?: readonly string[];
  /** The sizes of the first list that a feature has in the data, outermost first; null when there is none. */
  readonly firstListOf: (feature: Feature, wanted: readonly WantedColumn[]) => Promise<readonly number[] | null>;
}

/** What preparing rows feeds, and everything that is wrong with it. */
export interface BoundPreparations {
  readonly preparations: readonly Preparation[];
  readonly layouts: readonly InputLayout[];
  readonly failures: readonly Failure[];
}

/** DuckDB's type of a feature, or why it has none. */
export async function featureType(
  input: string,
  { column, sql, label }: Feature,
  { connection, columns }: BindRequest,
  wanted: readonly WantedColumn[],
): Promise<string | Failure> {
  const known = wanted.find(({ name }) => name === column)?.type;
  if (known !== undefined) return known;
  try {
    return await typeOf(connection, wanted, sql);
  } catch (error) {
    const names = columns.map(({ name }) => name);
    return {
      reason: 'expression-invalid',
      where: `inputs.${input}`,
      sql: label,
      message: messageOf(error),
      known: names,
    };
  }
}

export async function typeOf(connection: Connection, wanted: readonly WantedColumn[], sql: string): Promise<string> {
  const [{ type }] = await connection.describe(`SELECT ${sql} FROM ${emptyRelation(wanted)}`);
  return type;
}
