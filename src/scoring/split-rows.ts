// The rows of a split as a relation to read from: opened, filtered, and counted so that none can go missing.
import { type Connection, messageOf } from '../core/duckdb.ts';
import { exitCodeOf, FailureError } from '../core/failure.ts';
import type { Shard, Split } from '../core/split.ts';
import { changedInputs, mustBeUnchanged } from '../source/changed-inputs.ts';
import { rowsOfPieces } from '../source/open.ts';
import { explainReadError } from '../source/read-failure.ts';
import { faultColumn, type ReadPiece, type Rows } from '../source/source.ts';
import type { ScoringJob } from './scoring-job.ts';
import { sourceColumns } from './source-columns.ts';

/** The pieces of a split with the files to read. */
export function piecesOf({ shards }: Pick<ScoringJob, 'shards'>, split: Split): readonly ReadPiece[] {
  return split.pieces.map((piece) => {
    const source = shards[piece.shard];
    return { ...piece, source, path: source.plainPath ?? source.path };
  });
}

export async function openRows(
  connection: Connection,
  job: ScoringJob,
  pieces: readonly ReadPiece[],
  scratchFolder: string,
): Promise<Rows> {
  try {
    await requireUnchanged(pieces);
    return await rowsAfterTransform(pieces, job, connection, scratchFolder);
  } catch (error) {
    throw await causeOf(readFailure(error, pieces), pieces);
  }
}

/** The rows of pieces with the wanted columns, those of the job's transform among them. */
export async function rowsAfterTransform(
  pieces: readonly ReadPiece[],
  { csv, wanted, transform, shards }: Pick<ScoringJob, 'csv' | 'wanted' | 'transform' | 'shards'>,
  connection: Connection,
  scratchFolder: string,
): Promise<Rows> {
  const columns = sourceColumns(wanted, transform);
  const rows = await rowsOfPieces(pieces, { connection, csv, columns, scratchFolder });
  if (transform === null) return rows;
  const { transformedRows } = await import('./transformed-rows.ts');
  return transformedRows(rows, { connection, wanted, transform, pathOfShard: (shard) => shards[shard].path });
}

/** Fails with `input-changed` unless the files to read are as the plan has them; a plain copy is nobody else's to change. */
export async function requireUnchanged(pieces: readonly ReadPiece[]): Promise<void> {
  await mustBeUnchanged(readAsTheyStand(pieces));
}

/** Why pieces could not be scored: of files that were written to meanwhile, that they were comes before what came of it. */
export async function causeOf(failure: FailureError, pieces: readonly ReadPiece[]): Promise<FailureError> {
  const isAboutInput = ![74, 77, 143].includes(exitCodeOf(failure.failures[0]));
  const [first, ...others] = isAboutInput ? await changedInputs(readAsTheyStand(pieces)) : [];
  return first === undefined ? failure : new FailureError(first, ...others);
}

const readAsTheyStand = (pieces: readonly ReadPiece[]): readonly Shard[] =>
  pieces.filter(({ path, source }) => path === source.path).map(({ source }) => source);

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
