// The rows of a split as a relation to read from: opened, filtered, and counted so that none can go missing.
import { type Connection, messageOf } from '../core/duckdb.ts';
import { FailureError } from '../core/failure.ts';
import type { Split } from '../core/split.ts';
import { rowsOfPieces } from '../source/open.ts';
import { explainReadError } from '../source/read-failure.ts';
import { faultColumn, type ReadPiece, type Rows } from '../source/source.ts';
import type { ScoringJob } from './scoring-job.ts';

/** The pieces of a split with the files to read. */
export function piecesOf({ shards }: Pick<ScoringJob, 'shards'>, split: Split): readonly ReadPiece[] {
  return split.pieces.map((piece) => {
    const source = shards[piece.shard];
    return { ...piece, source, path: source.plainPath ?? source.path };
  });
}

export async function openRows(
  connection: Connection,
  { csv, wanted }: ScoringJob,
  pieces: readonly ReadPiece[],
  scratchFolder: string,
): Promise<Rows> {
  try {
    return await rowsOfPieces(pieces, { connection, csv, columns: wanted, scratchFolder });
  } catch (error) {
    throw readFailure(error, pieces);
  }
}

/** What was thrown while pieces were read, as a failure that names their shards, or the row filter when it could not be told of a row. */
export function readFailure(error: unknown, pieces: readonly ReadPiece[], where: string | null = null): FailureError {
  if (error instanceof FailureError) return error;
  // Sources convert with TRY_CAST and features are tried, so nothing else is left to fail on a value.
  if (where !== null && error instanceof Error && /^(Conversion|Out of Range) Error/.test(error.message)) {
    const message = `${messageOf(error)}; write it so that it holds for every row, for example with TRY(...) or TRY_CAST`;
    return new FailureError({ reason: 'expression-invalid', where: 'dataset.where', sql: where, message, known: [] });
  }
  const paths = pieces.map(({ source }) => source.path);
  return new FailureError(explainReadError(error, paths));
}

/** The rows to score: rows with a fault are always among them, since what the filter would say of them is not known. */
export function filteredRelation(
  { relation, hasFaults }: Pick<Rows, 'relation' | 'hasFaults'>,
  where: string | null,
): string {
  if (where === null) return relation;
  return `(SELECT * FROM ${relation} WHERE ${hasFaults ? `${faultColumn} IS NOT NULL OR ` : ''}(${where}\n))`;
}

/** How many rows the filter leaves out. */
export async function countFiltered(
  connection: Connection,
  { relation, hasFaults }: Rows,
  where: string,
): Promise<number> {
  const passes = `${hasFaults ? `${faultColumn} IS NOT NULL OR ` : ''}(${where}\n)`;
  const [row] = await connection.rows<{ n: bigint }>(
    `SELECT count(*) AS n FROM ${relation} WHERE (${passes}) IS NOT TRUE`,
  );
  return Number(row.n);
}

/** Fails with `row-count-mismatch` unless every planned row was found. */
export function mustAddUp(pieces: readonly ReadPiece[], planned: number, found: number): void {
  if (planned === found) return;
  throw new FailureError({
    reason: 'row-count-mismatch',
    path: pieces.map(({ path }) => path).join(', '),
    counted: planned,
    read: found,
  });
}
