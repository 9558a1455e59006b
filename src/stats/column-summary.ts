// One row of columns.parquet: what the sample tells of one feature or result column, over all splits. The sketches are merged
// in the order of their splits, so the same run gives the same row whatever the number of workers and however often it was killed.
import type { ColumnSketch } from '../core/column-sketch.ts';
import {
  addNumber,
  addText,
  decodeRegisters,
  emptyRegisters,
  estimateDistinct,
  mergeInto,
} from './distinct-registers.ts';
import { histogramOf } from './even-histogram.ts';
import { decodePoints, quantilesOf, type RankPoints } from './rank-points.ts';
import { mostFrequent } from './sketch-column.ts';

/** Values of a list that are looked at in each row, evenly spaced. */
export const mostListValues = 32;

/** A column that is summarised: its place in the job, and what is measured of its values. */
export interface SummarisedColumn {
  readonly role: 'feature' | 'result';
  /** The model input that it feeds, or the output that it comes from; null for a column that is made after scoring. */
  readonly tensor: string | null;
  readonly name: string;
  /** The model's type of the values, or DuckDB's of a computed column. */
  readonly type: string;
  /** `value`: numbers as they are; `letters` of texts, `bytes` of blobs. */
  readonly measure: 'value' | 'letters' | 'bytes';
  /** Whether a row has a list of values. */
  readonly isList: boolean;
}

/** Plain data: camelCase in JSON, the same names in snake_case as columns. */
export interface ColumnSummary extends ColumnFigures {
  readonly runId: string;
}

/** Everything is of the sample. */
export interface ColumnFigures extends SummarisedColumn {
  readonly rows: number;
  readonly missing: number;
  readonly values: number;
  readonly infinite: number;
  readonly distinct: number;
  /** False: estimated, with a standard error of 5 %. */
  readonly isDistinctExact: boolean;
  readonly mean: number | null;
  readonly deviation: number | null;
  readonly min: number | null;
  readonly p01: number | null;
  readonly p05: number | null;
  readonly p25: number | null;
  readonly p50: number | null;
  readonly p75: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
  /** JSON: `[[from, to, values], ...]`, bars of one width; the outermost hold what lies beyond. */
  readonly histogram: string;
  /** JSON: `[[value, count], ...]`, most frequent first. */
  readonly topValues: string;
  /** JSON: lists of one short length: the mean of the values at each place. */
  readonly placeMeans: string;
}

const shares = [0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1];

/** The sketches of one column, in the order of their splits. */
export function summariseColumn(column: SummarisedColumn, sketches: readonly ColumnSketch[]): ColumnFigures {
  const sum = (count: (sketch: ColumnSketch) => number): number =>
    sketches.reduce((total, sketch) => total + count(sketch), 0);
  const values = sum((sketch) => sketch.values);
  const parts = sketches.map((sketch): RankPoints => ({ points: decodePoints(sketch.points), values: sketch.values }));
  const [min, p01, p05, p25, p50, p75, p95, p99, max] = quantilesOf(parts, shares);
  return {
    ...column,
    rows: sum((sketch) => sketch.rows),
    missing: sum((sketch) => sketch.missing),
    values,
    infinite: sum((sketch) => sketch.infinite),
    ...distinctOf(sketches),
    ...momentsOf(sketches, values),
    min,
    p01,
    p05,
    p25,
    p50,
    p75,
    p95,
    p99,
    max,
    histogram: JSON.stringify(histogramOf(parts, { min, p01, p99, max })),
    topValues: JSON.stringify(topOf(sketches)),
    placeMeans: JSON.stringify(placeMeansOf(sketches)),
  };
}

function topOf(sketches: readonly ColumnSketch[]): readonly (readonly [number | string, number])[] {
  const counts = new Map<number | string, number>();
  for (const { top } of sketches) for (const [value, count] of top) counts.set(value, (counts.get(value) ?? 0) + count);
  return mostFrequent(counts as Map<string, number>);
}

function distinctOf(sketches: readonly ColumnSketch[]): Pick<ColumnFigures, 'distinct' | 'isDistinctExact'> {
  const seen = sketches.filter(({ distinct }) => distinct > 0);
  if (seen.length === 1 && seen[0].isDistinctExact) return { distinct: seen[0].distinct, isDistinctExact: true };
  const named = new Set(seen.flatMap(({ top }) => top.map(([value]) => value)));
  if (seen.every(({ registers }) => registers === '')) return { distinct: named.size, isDistinctExact: true };
  const all = emptyRegisters();
  for (const { registers, top } of seen) {
    if (registers !== '') mergeInto(all, decodeRegisters(registers));
    else
      for (const [value] of top)
        if (typeof value === 'number') addNumber(all, value);
        else addText(all, value);
  }
  const least = seen.reduce((most, { distinct }) => Math.max(most, distinct), named.size);
  return { distinct: Math.max(least, estimateDistinct(all)), isDistinctExact: false };
}

/** Chan's formula for moments of parts. */
function momentsOf(sketches: readonly ColumnSketch[], values: number): Pick<ColumnFigures, 'mean' | 'deviation'> {
  if (values === 0) return { mean: null, deviation: null };
  const mean = sketches.reduce((sum, sketch) => sum + (sketch.mean * sketch.values) / values, 0);
  const squares = sketches.reduce((sum, sketch) => sum + sketch.squares + sketch.values * (sketch.mean - mean) ** 2, 0);
  const deviation = values > 1 ? Math.sqrt(squares / (values - 1)) : 0;
  return { mean, deviation: Number.isFinite(deviation) ? deviation : null };
}

function placeMeansOf(sketches: readonly ColumnSketch[]): readonly number[] {
  const seen = sketches.filter(({ sums }) => sums.length > 0);
  // Lists of one length in one split and of another in the next have no places in common.
  if (new Set(seen.map(({ sums }) => sums.length)).size !== 1) return [];
  const rows = seen.reduce((sum, sketch) => sum + sketch.rows, 0);
  return seen[0].sums.map((_, place) => seen.reduce((sum, { sums }) => sum + sums[place], 0) / rows);
}
