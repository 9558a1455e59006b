// The distribution of numbers as a bounded list of them: those at evenly spaced ranks, or all where they are few. Several
// such lists are read together as one distribution, each weighing as much as the numbers that it stands for.

/** Numbers in ascending order, and how many numbers they stand for. */
export interface RankPoints {
  readonly points: Float64Array;
  readonly values: number;
}

/** Of numbers in ascending order. At least two points are allowed. */
export function takePoints(sorted: Float64Array, mostPoints: number): Float64Array {
  if (sorted.length <= mostPoints) return sorted;
  const last = sorted.length - 1;
  return Float64Array.from({ length: mostPoints }, (_, i) => sorted[Math.round((i * last) / (mostPoints - 1))]);
}

export function encodePoints(points: Float64Array): string {
  return Buffer.from(points.buffer, points.byteOffset, points.byteLength).toString('base64');
}

export function decodePoints(text: string): Float64Array {
  const bytes = Buffer.from(text, 'base64');
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

/** How many numbers lie below `bound`: exact where all numbers are points, else as if they were even between two points. */
export function countBelow({ points, values }: RankPoints, bound: number): number {
  const index = firstFrom(points, bound, false);
  if (values === points.length || index === 0) return index;
  if (index === points.length) return values;
  const [before, after] = [points[index - 1], points[index]];
  const rank = index - 1 + (bound - before) / (after - before);
  return (rank / (points.length - 1)) * values;
}

/** The index of the first point that is not below `bound`, or of the first above it. */
function firstFrom(points: Float64Array, bound: number, isAbove: boolean): number {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (points[middle] < bound || (isAbove && points[middle] === bound)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The numbers that shares (0 to 1) of all do not exceed, by nearest rank among the points. Null when there are none. */
export function quantilesOf(parts: readonly RankPoints[], shares: readonly number[]): (number | null)[] {
  const all = new Float64Array(parts.reduce((sum, { points }) => sum + points.length, 0));
  if (all.length === 0) return shares.map(() => null);
  let filled = 0;
  for (const { points } of parts) {
    all.set(points, filled);
    filled += points.length;
  }
  all.sort();
  const total = parts.reduce((sum, { values }) => sum + values, 0);
  const upTo = (bound: number): number =>
    parts.reduce(
      (sum, { points, values }) => sum + (firstFrom(points, bound, true) / Math.max(1, points.length)) * values,
      0,
    );
  return shares.map((share) => {
    // Sums of shares of whole numbers end a little off.
    const wanted = share * total * (1 - 1e-12);
    let [low, high] = [0, all.length - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (upTo(all[middle]) < wanted) low = middle + 1;
      else high = middle;
    }
    return all[low];
  });
}
