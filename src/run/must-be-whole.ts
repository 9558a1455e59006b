// Rows in = scored + rejected + filtered, for every split, every shard and the run: the promise that everything else serves,
// checked against what the reader counted before anything is published. A difference is a bug of ours.
import type { SplitOutcome } from '../core/outcome.ts';
import type { Split } from '../core/split.ts';

export interface CountedPlan {
  /** `rows`: the reader's own count of the shard, from its footer where it has one. */
  readonly shards: readonly { readonly path: string; readonly rows: number }[];
  readonly splits: readonly Split[];
  /** What of each shard this run is to score; undefined: all of it. */
  readonly covers?: readonly { readonly startRow: number; readonly endRow: number }[] | undefined;
  readonly rows: number;
  readonly binding: { readonly writeWhere: unknown };
}

/**
 * Throws unless each split has one outcome that accounts for all of its rows, and the splits cover each row of each shard once
 * and in order. All scored rows are written, unless the job says which are.
 */
export function mustBeWhole(plan: CountedPlan, outcomes: readonly SplitOutcome[]): void {
  mustCoverShards(plan);
  if (outcomes.length !== plan.splits.length)
    throw new Error(`${plan.splits.length} splits were planned and ${outcomes.length} are done`);
  const seen = new Set<number>();
  for (const outcome of outcomes) {
    const { split, rows, scored, rejected, filtered, written, part, rejects } = outcome;
    if (seen.has(split)) throw new Error(`split ${split} is done twice`);
    seen.add(split);
    const planned = plan.splits[split].rows;
    const isWritten = plan.binding.writeWhere === null ? written === scored : written <= scored;
    const isWhole = rows === planned && rows === scored + rejected + filtered && part.rows === written && isWritten;
    if (isWhole && (rejects?.rows ?? 0) === rejected) continue;
    throw new Error(
      `split ${split}: ${planned} rows planned, ${rows} in, ${scored} scored, ${rejected} rejected and ${rejects?.rows ?? 0} listed, ${filtered} filtered, ${written} written, ${part.rows} in the part`,
    );
  }
}

function mustCoverShards({ shards, splits, covers, rows }: CountedPlan): void {
  const wanted = covers ?? shards.map((shard) => ({ startRow: 0, endRow: shard.rows }));
  const reached = wanted.map(({ startRow }) => startRow);
  for (const { index, pieces, rows: ofSplit } of splits) {
    let inPieces = 0;
    for (const { shard, startRow, endRow } of pieces) {
      if (startRow !== reached[shard] || endRow < startRow)
        throw new Error(
          `split ${index} takes rows ${startRow} to ${endRow} of ${shards[shard].path} after ${reached[shard]}`,
        );
      reached[shard] = endRow;
      inPieces += endRow - startRow;
    }
    if (inPieces !== ofSplit) throw new Error(`split ${index} has ${ofSplit} rows, and its pieces have ${inPieces}`);
  }
  for (const [shard, { endRow }] of wanted.entries()) {
    const { path, rows: counted } = shards[shard];
    if (reached[shard] === endRow && endRow <= counted) continue;
    throw new Error(
      `the splits end at row ${reached[shard]} of ${path}, ${covers === undefined ? `in which the reader counted ${counted}` : `and the slice at row ${endRow} of ${counted}`}`,
    );
  }
  const total = wanted.reduce((sum, { startRow, endRow }) => sum + endRow - startRow, 0);
  if (total !== rows) throw new Error(`${rows} rows were planned, and the shards have ${total}`);
}
