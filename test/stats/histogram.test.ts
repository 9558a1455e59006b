import { expect, test } from 'vitest';
import { emptyHistogram, merge, percentile, record } from '../../src/stats/histogram.ts';

const quantiles = [0, 0.5, 0.95, 0.99, 1];

function histogramOf(durations: readonly number[]): number[] {
  const counts = emptyHistogram();
  for (const durationMs of durations) record(counts, durationMs);
  return counts;
}

/** Nearest rank over the values themselves. */
function exactPercentile(durations: readonly number[], quantile: number): number {
  const sorted = [...durations].sort((one, other) => one - other);
  return sorted[Math.max(1, Math.ceil(quantile * sorted.length)) - 1];
}

test('percentiles are never below the exact ones and at most 5 % above, from 10 microseconds to a day', () => {
  // Log-uniform over the range, by a fixed congruential sequence.
  let state = 12345;
  const durations = Array.from({ length: 5000 }, () => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return 0.01 * (86_400_000 / 0.01) ** (state / 2 ** 31);
  });
  const counts = histogramOf(durations);
  for (const quantile of quantiles) {
    const ratio = percentile(counts, quantile)! / exactPercentile(durations, quantile);
    expect(ratio).toBeGreaterThanOrEqual(1 - 1e-9);
    expect(ratio).toBeLessThanOrEqual(1.05 + 1e-9);
  }
});

test('a single duration is every percentile', () => {
  const counts = histogramOf([12]);
  expect(new Set(quantiles.map((quantile) => percentile(counts, quantile))).size).toBe(1);
  expect(percentile(counts, 1)! / 12).toBeCloseTo(1.025, 1);
});

test('merging histograms is recording everything into one', () => {
  const [fast, slow, none] = [[0.2, 0.3, 0.3], [80, 0.25], []];
  expect(merge([fast, slow, none].map(histogramOf))).toEqual(histogramOf([...fast, ...slow]));
});

test('nothing recorded has no percentiles', () => {
  expect([emptyHistogram(), percentile(emptyHistogram(), 0.5), percentile(merge([]), 1)]).toEqual([[], null, null]);
});

test('durations beyond both ends are counted in the outermost buckets', () => {
  const counts = histogramOf([0, 0.001, 1e12]);
  expect([counts[0], counts.length, counts.at(-1)]).toEqual([2, 512, 1]);
});

test('survives JSON', () => {
  const counts = histogramOf([1, 2, 3]);
  expect(JSON.parse(JSON.stringify(counts))).toEqual(counts);
});
