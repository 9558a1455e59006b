// Pieces of text shards, and which row of which shard each record of their concatenated text is.
import { type ReadPiece, rowColumn, shardColumn } from './source.ts';
import type { ByteRange } from './text-scratch.ts';

export const rowsOf = (piece: ReadPiece): number => piece.endRow - piece.startRow;

export function bytesOf(piece: ReadPiece): ByteRange {
  if (piece.startByte === undefined || piece.endByte === undefined) {
    throw new Error(`a piece of ${piece.path} without bytes`);
  }
  return { path: piece.path, startByte: piece.startByte, endByte: piece.endByte };
}

/** Rows `[firstRow, endRow)` of a shard that stand one after the other in a text. */
export interface RowRun {
  readonly shard: number;
  readonly firstRow: number;
  readonly endRow: number;
}

export const runOf = ({ source, startRow, endRow }: ReadPiece): RowRun => ({
  shard: source.index,
  firstRow: startRow,
  endRow,
});

/**
 * A relation `records` (SQL for a FROM clause, of the records of these runs one after the other) with the shard and row columns.
 * With more or fewer records than rows a shard is null.
 */
export function numbered(records: string, runs: readonly RowRun[]): string {
  if (runs.length === 1) {
    const [{ shard, firstRow }] = runs;
    return `(SELECT ${shard} AS ${shardColumn}, row_number() OVER () - 1 + ${firstRow} AS ${rowColumn}, * FROM ${records})`;
  }
  const ranges = runs.map(({ shard, firstRow, endRow }) => `(${shard}, ${firstRow}, ${endRow})`);
  const keys = `(SELECT shard AS run_shard, unnest(range(first, last)) AS run_row \
FROM (VALUES ${ranges.join(', ')}) AS runs(shard, first, last))`;
  return `(SELECT CASE WHEN run_present THEN run_shard END AS ${shardColumn}, run_row AS ${rowColumn}, * \
FROM ${keys} POSITIONAL JOIN (SELECT *, true AS run_present FROM ${records}))`;
}

/** Beyond so many runs their list makes a statement that takes longer to plan than to run. */
export const mostRuns = 10_000;

/** Shard and row of each record of these runs. */
export function* keysOf(runs: readonly RowRun[]): Generator<readonly [number, number], undefined> {
  for (const { shard, firstRow, endRow } of runs) for (let row = firstRow; row < endRow; row++) yield [shard, row];
  return undefined;
}
