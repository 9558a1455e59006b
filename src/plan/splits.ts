// Cuts a dataset into splits: a pure function of the input, never of the workers, so that the parts are the same on any
// machine. Large shards are cut where reading can begin cheaply, small shards are packed whole, both in input order.
import type { Piece, Split } from '../core/split.ts';

export interface ShardSize {
  readonly rows: number;
  readonly starts: readonly { readonly row: number; readonly byte?: number }[];
  readonly endByte?: number | undefined;
  readonly decodedBytes: number;
}

export interface SplitRules {
  readonly rowsPerFile: number;
  /** Splits of one shard begin on multiples of this many rows. */
  readonly batchRows: number;
  readonly resultBytesPerRow: number;
  /** How many runs share the dataset: each is to have splits enough for its workers. */
  readonly slices?: number;
}

/** So many splits are aimed at, for workers to end at about the same time. */
const wantedSplits = 16;
/** Below this a split is not worth its own file. */
const leastRows = 16_384;
const leastBytes = 8 * 1024 * 1024;
/** Above this the results of one split weigh on memory. */
const mostResultBytes = 128 * 1024 * 1024;
/** The rows of a split of text stay in memory until it is scored. */
const mostTextBytes = 128 * 1024 * 1024;

/** The splits in input order; at least one, also when there are no rows. */
export function cutSplits(shards: readonly ShardSize[], rules: SplitRules): readonly Split[] {
  const targetRows = targetSplitRows(shards, rules);
  const groups: Piece[][] = [];
  let open: Piece[] = [];
  let openRows = 0;
  const close = (): void => {
    if (open.length > 0) groups.push(open);
    open = [];
    openRows = 0;
  };
  for (const [shard, size] of shards.entries()) {
    if (size.rows === 0) continue;
    if (size.rows > targetRows) {
      close();
      for (const piece of cutShard(shard, size, targetRows, rules.batchRows)) groups.push([piece]);
      continue;
    }
    if (openRows + size.rows > targetRows) close();
    open.push(wholeShard(shard, size));
    openRows += size.rows;
  }
  close();
  if (groups.length === 0 && shards.length > 0) groups.push([wholeShard(0, shards[0])]);
  return groups.map((pieces, index) => ({
    index,
    pieces,
    rows: pieces.reduce((sum, { startRow, endRow }) => sum + endRow - startRow, 0),
  }));
}

function targetSplitRows(
  shards: readonly ShardSize[],
  { rowsPerFile, batchRows, resultBytesPerRow, slices = 1 }: SplitRules,
): number {
  const rows = shards.reduce((sum, shard) => sum + shard.rows, 0);
  const bytesPerRow =
    rows === 0 ? 1 : Math.max(1, shards.reduce((sum, shard) => sum + shard.decodedBytes, 0) / rows, resultBytesPerRow);
  const least = Math.min(leastRows, Math.ceil(leastBytes / bytesPerRow));
  const isText = shards.some(({ endByte }) => endByte !== undefined);
  const most = Math.min(
    rowsPerFile,
    Math.ceil(mostResultBytes / Math.max(1, resultBytesPerRow)),
    isText ? Math.ceil(mostTextBytes / bytesPerRow) : Number.POSITIVE_INFINITY,
  );
  const target = Math.min(most, Math.max(least, Math.ceil(rows / (wantedSplits * slices))));
  return Math.max(batchRows, Math.floor(target / batchRows) * batchRows);
}

const wholeShard = (shard: number, { rows, starts, endByte }: ShardSize): Piece => ({
  shard,
  startRow: 0,
  endRow: rows,
  ...(endByte === undefined ? {} : { startByte: starts[0]?.byte ?? 0, endByte }),
});

/** Pieces of at most `targetRows` rows (text: of at most one start more), cut at starts where there are any near. */
function cutShard(
  shard: number,
  { rows, starts, endByte }: ShardSize,
  targetRows: number,
  batchRows: number,
): readonly Piece[] {
  const isText = endByte !== undefined;
  const borders = starts.map(({ row, byte }) => ({ row: isText ? row : Math.ceil(row / batchRows) * batchRows, byte }));
  const pieces: Piece[] = [];
  let from: { readonly row: number; readonly byte: number | undefined } = { row: 0, byte: starts[0]?.byte };
  while (from.row < rows) {
    const least = from.row + targetRows / 2;
    const most = from.row + targetRows;
    const near = borders.filter(({ row }) => row > (isText ? from.row : least) && row <= most && row < rows).at(-1);
    const next = isText ? borders.find(({ row }) => row > from.row && row < rows) : { row: most, byte: undefined };
    const to = most >= rows ? undefined : (near ?? next);
    const endRow = to === undefined ? rows : Math.min(to.row, rows);
    const piece = { shard, startRow: from.row, endRow };
    pieces.push(isText ? { ...piece, startByte: from.byte ?? 0, endByte: to?.byte ?? endByte } : piece);
    from = { row: endRow, byte: to?.byte };
  }
  return pieces;
}
