// The plan: everything that was decided before the first inference, as one plain value. Workers carry it out; a restarted
// engine is handed the same one.
import type { Piece, SourceColumn, Split } from '../core/split.ts';
import type { ScoringJob } from '../scoring/scoring-job.ts';

export interface PlannedModel {
  readonly path: string;
  readonly sha256: string;
  readonly adaptations: readonly string[];
}

export interface Plan extends ScoringJob {
  readonly model: PlannedModel;
  readonly splits: readonly Split[];
  readonly rows: number;
  readonly threads: number;
  /** Columns of the parts, in order. */
  readonly columns: readonly SourceColumn[];
  /** What was decided and should be known: adaptations, bindings by name, row-by-row calls. */
  readonly notices: readonly string[];
  readonly versions: { readonly onnxruntime: string; readonly duckdb: string };
}

/** What identifies the cut of the input, for resume: another cut has other parts. */
export const cutOf = ({ splits, batchRows }: Plan): readonly (readonly (number | undefined)[])[] => [
  [batchRows],
  ...splits.flatMap(({ pieces }) =>
    pieces.map((piece: Piece) => [piece.shard, piece.startRow, piece.endRow, piece.startByte, piece.endByte]),
  ),
];
