// A split's rows counted through: place 0 is the first row of its first piece.
import type { Piece } from '../core/split.ts';

/** A row's place in its split. */
export function placeOf(pieces: readonly Piece[], shard: number, row: number): number {
  let before = 0;
  for (const piece of pieces) {
    if (piece.shard === shard && row >= piece.startRow && row < piece.endRow) return before + row - piece.startRow;
    before += piece.endRow - piece.startRow;
  }
  throw new Error(`row ${row} of shard ${shard} is in no piece of the split`);
}

/** The row at a place of a split. */
export function rowAt(pieces: readonly Piece[], place: number): { readonly shard: number; readonly row: number } {
  let before = 0;
  for (const { shard, startRow, endRow } of pieces) {
    if (place < before + endRow - startRow) return { shard, row: startRow + place - before };
    before += endRow - startRow;
  }
  throw new Error(`the split has no place ${place}`);
}
