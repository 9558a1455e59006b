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
  /** Of all that the model is made of; infinite where a row takes long for other reasons. */
  readonly modelBytes: number;
  /** How many runs share the dataset: each is to have splits enough for its workers. */
  readonly slices?: number;
}

/** So many splits are aimed at, for workers to end at about the same time. */
const wantedSplits = 16;
/**
 * A split takes 20 milliseconds beside its rows: below this many, it is not worth its own file. Rows of a light model are soon
 * scored; those of a heavy one take longer by about its bytes, over those of a row, in units of `modelBytesPerWeight`.
 */
const leastRowsOfLight = 65_536;
const leastRows = 16_384;
const leastBytes = 8 * 1024 * 1024;
const modelBytesPerWeight = 256;
/**
 * Who begins in the middle of a row group reads it from its start: in k pieces it is read (k + 1) / 2 times. The rows of a light
 * model take no more than four times that.
 */
const piecesOfLightGroup = 4;
/** A piece of more is worth its own in any case. */
const mostGroupPieceBytes = 256 * 1024 * 1024;
/** Above this the results of one split weigh on memory. */
const mostResultBytes = 128 * 1024 * 1024;
/** The rows of a split of text stay in memory until it is scored. */
const mostTextBytes = 128 * 1024 * 1024;

/** The splits in input order; at least one, also when there are no rows. */
export function cutSplits(shards: readonly ShardSize[], rules: SplitRules): readonly Split[] {
  const target = targetOf(shards, rules);
  const { targetRows } = target;
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
      const pieces =
        size.endByte === undefined ? cutRows(shard, size, target, rules) : cutText(shard, size, targetRows);
      for (const piece of pieces) groups.push([piece]);
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

interface Target {
  readonly targetRows: number;
  readonly mostRows: number;
}

function targetOf(
  shards: readonly ShardSize[],
  { rowsPerFile, batchRows, resultBytesPerRow, modelBytes, slices = 1 }: SplitRules,
): Target {
  const rows = shards.reduce((sum, shard) => sum + shard.rows, 0);
  const bytesPerRow =
    rows === 0 ? 1 : Math.max(1, shards.reduce((sum, shard) => sum + shard.decodedBytes, 0) / rows, resultBytesPerRow);
  const leastOfModel = Math.max(leastRows, leastRowsOfLight / (slices * (1 + weightOf(modelBytes, bytesPerRow))));
  const least = Math.ceil(Math.min(leastOfModel, leastBytes / bytesPerRow));
  const isText = shards.some(({ endByte }) => endByte !== undefined);
  const most = Math.min(
    rowsPerFile,
    Math.ceil(mostResultBytes / Math.max(1, resultBytesPerRow)),
    isText ? Math.ceil(mostTextBytes / bytesPerRow) : Number.POSITIVE_INFINITY,
  );
  const mostRows = Math.max(batchRows, Math.floor(most / batchRows) * batchRows);
  const target = Math.max(least, Math.ceil(rows / (wantedSplits * slices)));
  return { targetRows: Math.min(mostRows, Math.ceil(target / batchRows) * batchRows), mostRows };
}

/** How much longer a row takes than one of a light model. */
const weightOf = (modelBytes: number, bytesPerRow: number): number => modelBytes / (modelBytesPerWeight * bytesPerRow);

const wholeShard = (shard: number, { rows, starts, endByte }: ShardSize): Piece => ({
  shard,
  startRow: 0,
  endRow: rows,
  ...(endByte === undefined ? {} : { startByte: starts[0]?.byte ?? 0, endByte }),
});

/** Pieces cut where a row group begins, where one does near `targetRows`, and else in the midst of one. */
function cutRows(
  shard: number,
  size: ShardSize,
  { targetRows, mostRows }: Target,
  { batchRows, modelBytes, slices = 1 }: SplitRules,
): readonly Piece[] {
  const { rows, starts, decodedBytes } = size;
  const onGrid = (row: number): number => Math.ceil(row / batchRows) * batchRows;
  const borders = [...starts.map(({ row }) => onGrid(row)), rows];
  const bytesPerRow = Math.max(1, decodedBytes / rows);
  const groupPieces = slices * (piecesOfLightGroup + Math.floor(weightOf(modelBytes, bytesPerRow)));
  const mostGroupRows = Math.max(targetRows, mostGroupPieceBytes / bytesPerRow);
  const pieces: Piece[] = [];
  for (let from = 0; from < rows; from = pieces.at(-1)!.endRow) {
    const begun = borders.findLast((row) => row <= from) ?? 0;
    const groupRows = borders.find((row) => row > from)! - begun;
    const pieceRows = Math.max(targetRows, onGrid(Math.min(groupRows / groupPieces, mostGroupRows)));
    const most = from + Math.min(pieceRows, mostRows);
    const near = borders.findLast((row) => row > from + targetRows / 2 && row <= most);
    pieces.push({ shard, startRow: from, endRow: Math.min(near ?? most, rows) });
  }
  return pieces;
}

/** Pieces of at most `targetRows` rows, or of one start more, cut at starts. */
function cutText(shard: number, { rows, starts, endByte }: ShardSize, targetRows: number): readonly Piece[] {
  const begins = starts.filter(({ row }) => row < rows);
  const pieces: Piece[] = [];
  for (let at = 0; at < begins.length; ) {
    const { row: startRow, byte: startByte = 0 } = begins[at];
    const most = startRow + targetRows;
    do at++;
    while (at < begins.length && (most >= rows || (begins[at + 1]?.row ?? Number.POSITIVE_INFINITY) <= most));
    const piece = { shard, startRow, endRow: begins[at]?.row ?? rows, startByte };
    const end = begins[at]?.byte ?? endByte;
    pieces.push(end === undefined ? piece : { ...piece, endByte: end });
  }
  return pieces;
}
