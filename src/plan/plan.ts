// The plan: everything that was decided before the first inference, as one plain value. Workers carry it out; a restarted
// engine is handed the same one.
import type { Piece, SourceColumn, Split } from '../core/split.ts';
import type { ModelFolder } from '../model/model-folder.ts';
import type { KnownModel } from '../model/require-same-model.ts';
import { isRewritten, type ModelRewrite } from '../model/rewrite.ts';
import type { ScoringJob } from '../scoring/scoring-job.ts';
import type { Calibration } from './calibrate.ts';

export interface PlannedModel extends KnownModel {
  readonly adaptations: readonly string[];
  readonly folder: ModelFolder;
  /** How it was changed to take calls of many rows; every process changes it so again. */
  readonly rewrite: ModelRewrite;
}

/** Half-open. */
export interface RowRange {
  readonly startRow: number;
  readonly endRow: number;
}

export interface Plan extends ScoringJob {
  readonly model: PlannedModel;
  readonly splits: readonly Split[];
  /** What of each shard the splits are to cover, where that is a slice; undefined: all of it. */
  readonly covers: readonly RowRange[] | undefined;
  readonly rows: number;
  readonly threads: number;
  /** How the batch size was chosen, where it was measured. */
  readonly calibration: Calibration | null;
  /** How long a call of the model may be expected to take, from the first rows; null when none were tried. */
  readonly expectedCallMs: number | null;
  /** Columns of the parts, in order. */
  readonly columns: readonly SourceColumn[];
  /** What was decided and should be known: adaptations, bindings by name, row-by-row calls. */
  readonly notices: readonly string[];
  readonly versions: { readonly onnxruntime: string; readonly duckdb: string };
}

/** What identifies the cut of the input and the calls, for resume: another cut has other parts, another call other last bits. */
export const cutOf = ({ splits, batchRows, isOnePass, threads, model, shards }: Plan): readonly unknown[] => [
  [batchRows, isOnePass],
  ...(threads === 1 ? [] : [threads]),
  // A file may be replaced by another of its size and time.
  ...shards.flatMap(({ footerSha256 }) => footerSha256 ?? []),
  ...(isRewritten(model.rewrite) ? [model.rewrite] : []),
  ...splits.flatMap(({ pieces }) =>
    pieces.map((piece: Piece) => [piece.shard, piece.startRow, piece.endRow, piece.startByte, piece.endByte]),
  ),
];
