import { describe, expect, test } from 'vitest';
import { type RunFacts, type RunStats, runStats } from '../../src/stats/run-stats.ts';
import { outcome, runFacts, scoringStartedMs, timed } from './facts.ts';

const sharesOf = (stats: RunStats) => [
  stats.startUpShare,
  stats.readingShare,
  stats.modelShare,
  stats.writingShare,
  stats.betweenSplitsShare,
  stats.idleShare,
];

test('counts cover the whole output, rates and stages this execution alone', () => {
  const stats = runStats(
    runFacts({
      outcomes: [outcome({ split: 1, rows: 500, scored: 500, rejected: 0, filtered: 0 })],
      resumed: [outcome({ rows: 100 })],
      cpuMs: 4200,
      workers: 2,
      threadsPerWorker: 2,
      plannedRows: 600,
    }),
  );
  const { rows, scored, rejected, filtered, splits, resumedSplits, resumedRows, inputBytes, outputBytes, batches } =
    stats;
  expect({
    rows,
    scored,
    rejected,
    filtered,
    splits,
    resumedSplits,
    resumedRows,
    inputBytes,
    outputBytes,
    batches,
  }).toEqual({
    rows: 600,
    scored: 597,
    rejected: 2,
    filtered: 1,
    splits: 2,
    resumedSplits: 1,
    resumedRows: 100,
    inputBytes: 18_000,
    outputBytes: 8000,
    batches: 1,
  });
  const { wallMs, rowsPerSecond, scoringRowsPerSecond, coreSeconds, rowsPerCoreSecond, cpuSeconds, inferMs } = stats;
  expect({ wallMs, rowsPerSecond, scoringRowsPerSecond, coreSeconds, rowsPerCoreSecond, cpuSeconds, inferMs }).toEqual({
    wallMs: 10_000,
    rowsPerSecond: 50,
    scoringRowsPerSecond: 500,
    coreSeconds: 40,
    rowsPerCoreSecond: 12.5,
    cpuSeconds: 4.2,
    inferMs: 700,
  });
  expect([stats.startedAt, stats.finishedAt]).toEqual(['2023-11-14T22:13:20.000Z', '2023-11-14T22:13:30.000Z']);
});

test('divides workers x wall time into shares without a rest', () => {
  // Two workers, 10 s: 1 s preflight, 8 s scoring, 1 s publishing.
  const stats = runStats(
    runFacts({
      workers: 2,
      outcomes: [
        timed({ open: 500, read: 500, bind: 1000, infer: 3000 }, { startedMs: scoringStartedMs + 1000 }),
        timed({ write: 900, commit: 100 }, { startedMs: scoringStartedMs + 6500 }),
        timed({ infer: 6000 }, { worker: 1, startedMs: scoringStartedMs + 1000 }),
      ],
    }),
  );
  const thousandths = sharesOf(stats).map((share) => Math.round(share * 20_000));
  // Start-up 2 x 1 s + 2 x 1 s; reading 2 s; model 9 s; writing 1 s + 2 x 1 s; between 0.5 s; idle 0.5 s + 1 s.
  expect(thousandths).toEqual([4000, 2000, 9000, 3000, 500, 1500]);
  expect(sharesOf(stats).reduce((sum, share) => sum + share)).toBeCloseTo(1, 12);
});

describe('what held the run back', () => {
  const heldBackBy = (changes: Partial<RunFacts>) => runStats(runFacts(changes)).heldBackBy;

  test.each([
    ['model', { infer: 8000 }],
    ['reading', { read: 5000, infer: 3000 }],
    ['reading', { open: 2000, read: 1500, bind: 1500, infer: 3000 }],
    ['writing', { write: 3000, commit: 2000, infer: 3000 }],
  ])('is the %s when most time went to %o', (expected, stageMs) => {
    expect(heldBackBy({ outcomes: [timed(stageMs)] })).toBe(expected);
  });

  test('is start-up when preflight outlasts the scoring', () => {
    expect(
      heldBackBy({
        preflightMs: 3000,
        scoringMs: 200,
        publishMs: 100,
        outcomes: [timed({ infer: 200 }, { startedMs: 1_700_000_003_000 })],
      }),
    ).toBe('start-up');
  });

  test('is too few splits when workers stood idle for over a quarter of the time', () => {
    expect(heldBackBy({ workers: 4, outcomes: [timed({ infer: 8000 })] })).toBe('too-few-splits');
    const uneven = [timed({ infer: 8000 }), timed({ infer: 1000 }, { worker: 1 })];
    expect(heldBackBy({ workers: 2, outcomes: uneven })).toBe('too-few-splits');
    const even = [timed({ infer: 8000 }), timed({ infer: 6000 }, { worker: 1 })];
    expect(heldBackBy({ workers: 2, outcomes: even })).toBe('model');
  });

  test('is retries when most time lies between finished splits', () => {
    const outcomes = [timed({ infer: 1000 }), timed({ infer: 1000 }, { startedMs: scoringStartedMs + 7000 })];
    expect(heldBackBy({ outcomes, engineRestarts: 2 })).toBe('retries');
  });

  test('is nothing when nothing was scored in this execution', () => {
    const stats = runStats(runFacts({ outcomes: [], resumed: [outcome()] }));
    const {
      heldBackBy: limit,
      rowsPerSecond,
      scoringRowsPerSecond,
      rowsPerCoreSecond,
      batchP50Ms,
      peakMemoryBytes,
    } = stats;
    expect({ limit, rowsPerSecond, scoringRowsPerSecond, rowsPerCoreSecond, batchP50Ms, peakMemoryBytes }).toEqual({
      limit: null,
      rowsPerSecond: null,
      scoringRowsPerSecond: null,
      rowsPerCoreSecond: null,
      batchP50Ms: null,
      peakMemoryBytes: 0,
    });
  });
});
