// Pieces of text shards, and which row of which shard each record of their concatenated text is.
import type { Reject } from '../core/split.ts';
import { type ReadPiece, rowColumn, shardColumn } from './source.ts';
import type { ByteRange } from './text-scratch.ts';

export const rowsOf = (piece: ReadPiece): number => piece.endRow - piece.startRow;

export function bytesOf(piece: ReadPiece): ByteRange {
  if (piece.startByte === undefined || piece.endByte === undefined) {
    throw new Error(`a piece of ${piece.path} without bytes`);
  }
  return { path: piece.path, startByte: piece.startByte, endByte: piece.endByte };
}

/**
 * A relation `records` (SQL for a FROM clause, of the records of these pieces one after the other) with the shard and row columns.
 * With more or fewer records than rows a shard is null.
 */
export function numbered(records: string, pieces: readonly ReadPiece[]): string {
  if (pieces.length === 1) {
    const [{ source, startRow }] = pieces;
    return `(SELECT ${source.index} AS ${shardColumn}, row_number() OVER () - 1 + ${startRow} AS ${rowColumn}, * FROM ${records})`;
  }
  const ranges = pieces.map(({ source, startRow, endRow }) => `(${source.index}, ${startRow}, ${endRow})`);
  const keys = `(SELECT shard AS piece_shard, unnest(range(first, last)) AS piece_row \
FROM (VALUES ${ranges.join(', ')}) AS pieces(shard, first, last))`;
  return `(SELECT CASE WHEN piece_present THEN piece_shard END AS ${shardColumn}, piece_row AS ${rowColumn}, * \
FROM ${keys} POSITIONAL JOIN (SELECT *, true AS piece_present FROM ${records}))`;
}

const contentLength = 10_000;

/** A record that could not be read. `text` is its bytes as letters (latin1). */
export function malformedLine(piece: ReadPiece, row: number, line: number, problem: string, text: string): Reject {
  return {
    shard: piece.source.index,
    row,
    reason: 'malformed-line',
    column: null,
    message: `line ${line} is malformed: ${problem}`,
    content: Buffer.from(text, 'latin1').toString().slice(0, contentLength),
  };
}
