// The first values of a shard as text, for a person to see what a column holds.
import type { Connection } from '../core/duckdb.ts';
import { FailureError } from '../core/failure.ts';
import { quoteName } from '../core/sql.ts';
import { rowsOfPieces } from '../source/open.ts';
import { explainReadError } from '../source/read-failure.ts';
import type { ReadPiece } from '../source/source.ts';
import type { FirstValues, Question } from './questions.ts';

type Request = Extract<Question, { readonly kind: 'first-values' }>;

/** Reads no more of a typed file than its first rows need. Fails with what keeps the shard from being read. */
export async function firstValues(
  { shard, csv, profile, rows: wanted, room }: Request,
  connection: Connection,
): Promise<FirstValues> {
  const piece: ReadPiece = {
    shard: shard.index,
    source: shard,
    path: shard.path,
    startRow: 0,
    endRow: Math.min(wanted, profile.rows),
  };
  try {
    await using rows = await rowsOfPieces([piece], {
      connection,
      csv,
      columns: profile.columns,
      scratchFolder: room.temporaryFolder,
    });
    const texts = profile.columns.map(
      ({ name }, index) => `left(CAST(${quoteName(name)} AS VARCHAR), 80) AS v${index}`,
    );
    const found = await connection.rows<Record<string, string | null>>(
      `SELECT ${texts.join(', ')} FROM ${rows.relation} LIMIT ${wanted}`,
    );
    return Object.fromEntries(profile.columns.map(({ name }, index) => [name, found.map((row) => row[`v${index}`])]));
  } catch (error) {
    throw error instanceof FailureError ? error : new FailureError(explainReadError(error, [shard.path]));
  }
}
