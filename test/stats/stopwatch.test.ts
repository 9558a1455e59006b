import { expect, test } from 'vitest';
import { startStopwatch } from '../../src/stats/stopwatch.ts';

test('charges every millisecond to the stage that was entered last', () => {
  let timeMs = 1000;
  const pass = (durationMs: number) => {
    timeMs += durationMs;
  };
  const stopwatch = startStopwatch(() => timeMs);
  pass(5);
  stopwatch.enter('read');
  pass(20);
  stopwatch.enter('infer');
  pass(100);
  stopwatch.enter('read');
  pass(30);
  stopwatch.enter('write');
  stopwatch.enter('commit');
  pass(7);
  expect(stopwatch.stop()).toEqual({
    wallMs: 162,
    stageMs: { open: 5, read: 50, bind: 0, infer: 100, write: 0, commit: 7 },
  });
});

test('adds up to the wall time on the real clock', () => {
  const stopwatch = startStopwatch();
  const beforeMs = performance.now();
  for (const stage of ['read', 'bind', 'infer', 'write', 'commit'] as const) stopwatch.enter(stage);
  while (performance.now() - beforeMs < 3);
  const { wallMs, stageMs } = stopwatch.stop();
  expect(Object.values(stageMs).reduce((sum, ms) => sum + ms)).toBe(wallMs);
  expect(stageMs.commit).toBeGreaterThan(2);
});

test('gives times that do not change when it goes on', () => {
  let timeMs = 0;
  const stopwatch = startStopwatch(() => timeMs);
  timeMs = 4;
  const first = stopwatch.stop();
  timeMs = 9;
  expect([first.wallMs, first.stageMs.open, stopwatch.stop().wallMs]).toEqual([4, 4, 9]);
});
