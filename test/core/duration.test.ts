// Durations as jobs give them, and the limits that come of them.
import { expect, test } from 'vitest';
import { parseDurationMs } from '../../src/core/duration.ts';
import { jobSchema } from '../../src/job/schema.ts';
import { stallAfterMs } from '../../src/run/stall-limit.ts';

test.each([
  [90, 90_000],
  ['90', 90_000],
  ['90s', 90_000],
  ['1.5h', 5_400_000],
  ['10 min', 600_000],
  ['10m', 600_000],
  ['250ms', 250],
  [0, 0],
])('%s is so many milliseconds', (text, durationMs) => {
  expect(parseDurationMs(text)).toBe(durationMs);
});

const limitOf = (stallAfter: unknown, expectedCallMs: number | null = null): number => {
  const base = { model: { path: '/m.onnx' }, dataset: { path: '/d.csv' }, output: { path: '/out' } };
  return stallAfterMs(jobSchema.parse({ ...base, run: { stallAfter } }).run, expectedCallMs);
};

test('a limit is ten minutes unless calls are expected to take long, and 0 is none', () => {
  expect(limitOf('auto')).toBe(600_000);
  expect(limitOf('auto', 5)).toBe(600_000);
  expect(limitOf('auto', 60_000)).toBe(1_200_000);
  expect(limitOf('2m', 60_000)).toBe(120_000);
  expect(limitOf(0)).toBe(Number.POSITIVE_INFINITY);
});

test.each(['soon', '10 minutes', '-1s', -1])('%s is no limit', (stallAfter) => {
  expect(() => limitOf(stallAfter)).toThrow();
});
