// Which splits one of several runs scores that share a dataset. Every run cuts the whole dataset alike and takes its stretch
// of the splits, so that together they score each row once, and their outputs in order have the rows in order.
import type { Slice } from '../commit/layout.ts';
import type { Piece, Split } from '../core/split.ts';
import type { RowRange } from './plan.ts';

export interface SlicedSplits {
  /** Counted anew; one without rows when there are fewer splits than slices. */
  readonly splits: readonly Split[];
  /** For each shard the rows from where this slice begins to where the next one does, told from these two splits alone. */
  readonly covers: readonly RowRange[];
}

/** The splits of one slice. */
export function sliceSplits(
  splits: readonly Split[],
  shards: readonly { readonly rows: number }[],
  { index, count }: Slice,
): SlicedSplits {
  const borderOf = (slice: number): number => Math.floor((splits.length * slice) / count);
  const [from, to] = [borderOf(index), borderOf(index + 1)];
  const begin = firstPiece(splits, from);
  const end = firstPiece(splits, to);
  const covers = shards.map(({ rows }, shard): RowRange => {
    const startRow = rowReached(shard, rows, begin);
    return { startRow, endRow: Math.max(startRow, rowReached(shard, rows, end)) };
  });
  const own = splits.slice(from, to).map((split, i) => ({ ...split, index: i }));
  return { splits: own.length > 0 || begin === undefined ? own : [withoutRows(begin)], covers };
}

const firstPiece = (splits: readonly Split[], index: number): Piece | undefined => splits[index]?.pieces[0];

/** How many rows of a shard lie before a piece; undefined stands for the end of the dataset. */
function rowReached(shard: number, rows: number, piece: Piece | undefined): number {
  if (piece === undefined || shard < piece.shard) return rows;
  return shard === piece.shard ? piece.startRow : 0;
}

function withoutRows(piece: Piece): Split {
  const { startRow, startByte } = piece;
  const ofText = startByte === undefined ? {} : { endByte: startByte };
  return { index: 0, rows: 0, pieces: [{ ...piece, endRow: startRow, ...ofText }] };
}
