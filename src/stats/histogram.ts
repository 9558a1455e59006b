// Latency histogram: counts in fixed logarithmic buckets, as a plain array that crosses threads and the ledger and merges by
// addition. Bucket 0 holds up to 10 microseconds, each next bucket reaches 5 % further, the last (over 24 h) has no end.
// A value is reported as its bucket's upper bound: never less than what was measured, and at most 5 % more.

const smallestMs = 0.01;
const growth = 1.05;
const bucketCount = 512;

/** No counts. An array ends at its last bucket in use, so a histogram is as short as its largest value allows. */
export const emptyHistogram = (): number[] => [];

/** Counts one duration, in place: it is called after every `session.run`. */
export function record(counts: number[], durationMs: number): void {
  const bucket = bucketOf(durationMs);
  while (counts.length <= bucket) counts.push(0);
  counts[bucket]++;
}

/** The counts of all histograms together. */
export function merge(histograms: Iterable<readonly number[]>): number[] {
  const total = emptyHistogram();
  for (const counts of histograms) {
    while (total.length < counts.length) total.push(0);
    for (let bucket = 0; bucket < counts.length; bucket++) total[bucket] += counts[bucket];
  }
  return total;
}

/**
 * The duration in milliseconds that a share `quantile` (0 to 1) of all durations does not exceed (nearest rank), as the upper
 * bound of its bucket; 1 gives the maximum. Null when nothing was counted.
 */
export function percentile(counts: readonly number[], quantile: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const rank = Math.max(1, Math.ceil(quantile * total));
  let seen = 0;
  const bucket = counts.findIndex((count) => (seen += count) >= rank);
  return upperBoundMs(bucket);
}

/** Buckets in use: their upper bound in milliseconds, to four digits, and their count. */
export const bucketsOf = (counts: readonly number[]): readonly (readonly [upToMs: number, count: number])[] =>
  counts.flatMap((count, bucket) =>
    count === 0 ? [] : [[Number(upperBoundMs(bucket).toPrecision(4)), count] as const],
  );

function bucketOf(durationMs: number): number {
  if (durationMs <= smallestMs) return 0;
  const bucket = Math.ceil(Math.log(durationMs / smallestMs) / Math.log(growth));
  return Math.min(bucket, bucketCount - 1);
}

const upperBoundMs = (bucket: number): number => smallestMs * growth ** bucket;
