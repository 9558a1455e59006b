// Bars of one width over a distribution. A few values far out would press all others into one bar: where the middle 98 % take
// less than an eighth of the range, the bars end near them, and the outermost also count what lies beyond. Where all values
// are whole numbers, each bar holds equally many of these.
import { countBelow, type RankPoints } from './rank-points.ts';

/** `[from, to)` and how many values lie there; the last bar has its end, too. */
export type Bar = readonly [from: number, to: number, values: number];

export interface HistogramRange {
  readonly min: number | null;
  readonly p01: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

const mostBars = 40;

/** The bars, from left to right; none without values. */
export function histogramOf(parts: readonly RankPoints[], range: HistogramRange): readonly Bar[] {
  const { min, p01, p99, max } = range;
  if (min === null || max === null || p01 === null || p99 === null) return [];
  const isFarOut = max - min > 8 * (p99 - p01) && p99 > p01;
  const margin = (p99 - p01) / 8;
  const [low, high] = isFarOut ? [Math.max(min, p01 - margin), Math.min(max, p99 + margin)] : [min, max];
  const isWhole = high - low < 2 ** 52 && parts.every(({ points }) => points.every(Number.isInteger));
  const edges = isWhole ? wholeEdges(low, high) : evenEdges(low, high);
  const below = (bound: number): number => parts.reduce((sum, part) => sum + countBelow(part, bound), 0);
  const total = parts.reduce((sum, { values }) => sum + values, 0);
  const counts = edges.slice(1, -1).map(below);
  return edges
    .slice(1)
    .map((to, i): Bar => [edges[i], to, (counts[i] ?? total) - (i === 0 ? 0 : counts[i - 1])])
    .map(([from, to, values]): Bar => [from, to, Math.round(values)]);
}

function evenEdges(low: number, high: number): number[] {
  const width = (high - low) / mostBars;
  // A range without numbers inside, or one that is too wide to be taken in steps.
  if (!(width > 0 && Number.isFinite(width)) || low + width === low) return [low, high];
  return Array.from({ length: mostBars + 1 }, (_, i) => (i === mostBars ? high : low + i * width));
}

function wholeEdges(low: number, high: number): number[] {
  const [first, last] = [Math.floor(low), Math.floor(high) + 1];
  const width = Math.ceil((last - first) / mostBars);
  const bars = Math.ceil((last - first) / width);
  return Array.from({ length: bars + 1 }, (_, i) => first + i * width);
}
