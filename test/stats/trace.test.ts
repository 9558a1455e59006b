import { expect, test } from 'vitest';
import { startTrace } from '../../src/stats/trace.ts';

/** A split that marks its rows every `everyMs` for `forMs`, with ten rows each. */
function traced(everyMs: number, forMs: number) {
  let nowMs = 5000;
  let asked = 0;
  const trace = startTrace(
    () => nowMs,
    () => 1000 + asked++,
  );
  const marks = forMs / everyMs;
  for (let mark = 1; mark <= marks; mark++) {
    nowMs += everyMs;
    trace.mark(10 * mark);
  }
  return { points: trace.end(10 * marks), asked };
}

test('begins with nothing done and ends with everything', () => {
  const { points } = traced(1, 10);
  expect(points).toEqual([
    [0, 0, 1000],
    [10, 100, 1001],
  ]);
});

test.each([
  [1, 100],
  [1, 10_000],
  [3, 90_000],
  [500, 3_600_000],
])('a mark every %d ms for %d ms gives at most 33 moments, spread over all of it', (everyMs, forMs) => {
  const { points, asked } = traced(everyMs, forMs);
  expect(points.length).toBeLessThanOrEqual(33);
  expect(points.length).toBeGreaterThan(5 - (forMs < 200 ? 2 : 0));
  expect(points.at(-1)).toEqual([forMs, (10 * forMs) / everyMs, 1000 + asked - 1]);
  for (const [i, [elapsedMs, rows]] of points.entries()) {
    expect(rows).toBe((10 * elapsedMs) / everyMs);
    if (i > 0) expect(elapsedMs - points[i - 1][0]).toBeLessThan(forMs / 3);
  }
});
