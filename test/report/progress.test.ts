import { describe, expect, test } from 'vitest';
import type { RunEvent, RunStarted } from '../../src/core/event.ts';
import { type ProgressOptions, progressView } from '../../src/report/progress.ts';

const started: RunStarted = {
  event: 'run-started',
  runId: 'run-1',
  job: 'credit-risk',
  shards: 4,
  splits: 10,
  rows: 100_000,
  workers: 2,
  threadsPerWorker: 1,
  batchRows: 4096,
  resumedSplits: 0,
  resumedRows: 0,
};
const progress = (rowsDone: number, rejected = 0): RunEvent => ({ event: 'progress', rowsDone, rejected });

/** A view with a clock that the test moves, and what it wrote. */
function watch(options: Partial<ProgressOptions> = {}) {
  let nowMs = Date.parse('2026-03-01T03:00:00Z');
  let text = '';
  const view = progressView({
    write: (piece) => {
      text += piece;
    },
    terminal: false,
    nowMs: () => nowMs,
    ...options,
  });
  return {
    view,
    at(seconds: number, ...events: RunEvent[]) {
      nowMs = Date.parse('2026-03-01T03:00:00Z') + seconds * 1000;
      if (events.length === 0) view.tick();
      for (const event of events) view.observe(event);
    },
    /** What was written since the last call. */
    written(): string {
      const piece = text;
      text = '';
      return piece;
    },
  };
}

const redraw = '\r\x1b[2K';

describe('in a log', () => {
  test('the start says what will be done, with what', () => {
    const { at, written } = watch();
    at(0, started);
    expect(written()).toBe(
      'credit-risk: 100,000 rows in 4 shards, 10 splits; 2 workers x 1 thread, batches of 4,096 rows, run run-1\n',
    );
    at(0, { ...started, resumedSplits: 3, resumedRows: 30_000 });
    expect(written()).toBe(
      'credit-risk: 100,000 rows in 4 shards, 10 splits, of which 3 splits with 30,000 rows are done already; ' +
        '2 workers x 1 thread, batches of 4,096 rows, run run-1\n',
    );
  });

  test('the first line comes after ten seconds, the next at ten percent more or after thirty seconds', () => {
    const { at, written } = watch();
    at(0, started);
    written();
    const lines: [number, string][] = [];
    for (let second = 1; second <= 100; second++) {
      // 1,000 rows a second until second 40, then 100.
      const rows = second <= 40 ? second * 1000 : 40_000 + (second - 40) * 100;
      at(second, progress(rows));
      const text = written();
      if (text !== '') lines.push([second, text]);
    }
    expect(lines.map(([second]) => second)).toEqual([10, 20, 30, 40, 70, 100]);
    expect(lines[0][1]).toBe('10 %, 10,000 of 100,000 rows, 1,000 rows/s, 1 min 30 s left\n');
    expect(lines[5][1]).toBe('46 %, 46,000 of 100,000 rows, 100 rows/s, 9 min 00 s left\n');
  });

  test('a short run says nothing between its start and its end', () => {
    const { at, written } = watch();
    at(0, started);
    written();
    for (let second = 1; second < 10; second++) at(second, progress(second * 10_000));
    at(9.5, {
      event: 'split-finished',
      split: 0,
      attempt: 1,
      worker: 0,
      rows: 1,
      scored: 1,
      rejected: 0,
      filtered: 0,
      written: 0,
      wallMs: 1,
    });
    expect(written()).toBe('');
    at(9.6, { event: 'committing', parts: 10, rows: 99_990 });
    at(60);
    at(61, {
      event: 'run-finished',
      verdict: 'complete',
      rows: 1,
      scored: 1,
      rejected: 0,
      filtered: 0,
      written: 0,
      wallMs: 1,
    });
    expect(written()).toBe('publishing 99,990 rows in 10 parts\n');
  });

  test('notices, warnings and restarts are lines at once', () => {
    const { at, written } = watch();
    at(0, { event: 'notice', text: 'ZipMap taken out of the model' }, { event: 'warning', text: 'a.csv: no rows' });
    at(1, { event: 'engine-restarted', restarts: 1, cause: 'signal SIGFPE', splits: [3, 4] });
    expect(written()).toBe(
      'ZipMap taken out of the model\n' +
        'warning: a.csv: no rows\n' +
        'warning: the engine process ended (signal SIGFPE) and was restarted, 1 time so far; splits 3, 4 will be scored again\n',
    );
  });

  test('says for how long nothing has finished, instead of an old rate', () => {
    const { at, written } = watch();
    at(0, started);
    at(1, progress(1000));
    at(2, progress(2000, 7));
    written();
    at(62);
    expect(written()).toBe(
      '2 %, 2,000 of 100,000 rows, 16.4 rows/s, 1 h 40 min left, 7 rejected, nothing finished for 1 min 00 s\n',
    );
  });
});

describe('the rate', () => {
  const lineAt = (events: [number, RunEvent][], second: number) => {
    const { at, written } = watch();
    at(0, started);
    for (const [time, event] of events) at(time, event);
    written();
    at(second);
    return written();
  };

  test('begins with the first scored batch and not with the start', () => {
    expect(
      lineAt(
        [
          [8, progress(1000)],
          [9, progress(2000)],
        ],
        10,
      ),
    ).toBe('2 %, 2,000 of 100,000 rows, 1,000 rows/s, 1 min 38 s left\n');
  });

  test('does not count the rows of an earlier execution', () => {
    const { at, written } = watch();
    at(0, { ...started, resumedSplits: 5, resumedRows: 50_000 });
    at(5, progress(51_000));
    at(6, progress(52_000));
    written();
    at(10);
    expect(written()).toBe('52 %, 52,000 of 100,000 rows, 1,000 rows/s, 48.0 s left\n');
  });

  test('is not told before two batches', () => {
    expect(lineAt([[9, progress(1000)]], 10)).toBe('1 %, 1,000 of 100,000 rows\n');
    expect(lineAt([], 10)).toBe('0 %, 0 of 100,000 rows\n');
  });

  test('begins anew when rows of a failed attempt are taken back', () => {
    const events: [number, RunEvent][] = [
      [1, progress(9000)],
      [2, progress(20_000)],
      [5, progress(10_000)],
      [7, progress(14_000)],
    ];
    expect(lineAt(events, 10)).toBe('14 %, 14,000 of 100,000 rows, 2,000 rows/s, 43.0 s left\n');
  });

  test('stays right when thousands of batches report in a second', () => {
    const events = Array.from({ length: 5000 }, (_, i): [number, RunEvent] => [1 + i / 1000, progress(i + 1)]);
    expect(lineAt(events, 10)).toBe('5 %, 5,000 of 100,000 rows, 1,000 rows/s, 1 min 35 s left\n');
  });
});

describe('on a terminal', () => {
  test('one line is drawn again at most ten times a second, and gives way to messages', () => {
    const { at, written, view } = watch({ terminal: true });
    at(0, started);
    expect(written().split('\n')[1]).toBe(`${redraw}0 %, 0 of 100,000 rows`);
    at(0.05, progress(1000));
    expect(written()).toBe('');
    at(0.15, progress(2000));
    expect(written()).toBe(`${redraw}2 %, 2,000 of 100,000 rows, 10,000 rows/s, 9.8 s left`);
    at(0.16, { event: 'notice', text: 'a message' });
    expect(written()).toBe(`${redraw}a message\n${redraw}2 %, 2,000 of 100,000 rows, 10,000 rows/s, 9.8 s left`);
    view.clear();
    view.clear();
    expect(written()).toBe(redraw);
  });

  test('the line is gone when the run has finished', () => {
    const { at, written } = watch({ terminal: true });
    at(0, started);
    written();
    at(1, {
      event: 'run-finished',
      verdict: 'interrupted',
      rows: 0,
      scored: 0,
      rejected: 0,
      filtered: 0,
      written: 0,
      wallMs: 1,
    });
    at(2);
    expect(written()).toBe(redraw);
  });

  test('the line never reaches the last column, which would wrap it', () => {
    const { at, written } = watch({ terminal: true, width: () => 20 });
    at(0, started);
    written();
    at(1, progress(50_000));
    expect(written()).toBe(`${redraw}50 %, 50,000 of 100`);
  });

  test('a hundred percent is said only when all rows are done', () => {
    const { at, written } = watch({ terminal: true });
    at(0, started);
    written();
    at(1, progress(99_999));
    at(2, progress(100_000));
    expect(written()).toBe(`${redraw}99 %, 99,999 of 100,000 rows${redraw}100 %, 100,000 of 100,000 rows, 1 rows/s`);
  });
});

test('as JSON every event is a line with its time, and progress comes as seldom as in a log', () => {
  const { at, written } = watch({ format: 'json', terminal: true });
  at(0, started);
  at(1, progress(1000));
  at(2, { event: 'warning', text: 'a "quoted"\nwarning' });
  at(11, progress(21_000, 2));
  at(12, progress(22_000, 2));
  const lines = written().trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { time: '2026-03-01T03:00:00.000Z', ...started },
    { time: '2026-03-01T03:00:02.000Z', runId: started.runId, event: 'warning', text: 'a "quoted"\nwarning' },
    {
      time: '2026-03-01T03:00:11.000Z',
      runId: started.runId,
      event: 'progress',
      rows: 100_000,
      rowsDone: 21_000,
      rejected: 2,
      share: 0.21,
      rowsPerSecond: 2000,
      secondsLeft: 39.5,
    },
  ]);
});

test('quiet says nothing', () => {
  const { at, written } = watch({ quiet: true, terminal: true });
  at(0, started, { event: 'warning', text: 'w' });
  at(60, progress(50_000));
  at(61);
  expect(written()).toBe('');
});

test('a job without rows is wholly done', () => {
  const { at, written } = watch({ terminal: true });
  at(0, { ...started, rows: 0, splits: 0 });
  expect(written()).toMatch(/100 %, 0 of 0 rows$/);
});
