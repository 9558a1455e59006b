import { expect, test } from 'vitest';
import { alreadyCompleteLines, type Summary, summaryLines } from '../../src/report/summary.ts';
import { type RunFacts, type RunStats, runStats } from '../../src/stats/run-stats.ts';
import { outcome, runFacts, scoringStartedMs, timed } from '../stats/facts.ts';

const clean = { rows: 600_000, scored: 600_000, rejected: 0, filtered: 0, written: 600_000 };

function summary(facts: Partial<RunFacts> = {}, changes: Partial<Summary> = {}): Summary {
  return {
    stats: runStats(runFacts({ workers: 2, plannedRows: 1_200_000, ...facts })),
    outputPath: 'out/credit-risk',
    parts: 2,
    firstRejects: [],
    rejectsPath: null,
    reportPath: null,
    budgetRows: 0,
    ...changes,
  };
}

const outcomes = [
  timed({ read: 900, infer: 7000, write: 100 }, { ...clean, worker: 0 }),
  timed({ read: 900, infer: 7000, write: 100 }, { ...clean, worker: 1, split: 1 }),
];

test('a complete run says what, how many, how fast, where the time went, and what would help', () => {
  expect(summaryLines(summary({ outcomes }))).toEqual([
    'complete: 1,200,000 rows scored into out/credit-risk (2 parts, 8 kB)',
    '  rows     1,200,000 in = 1,200,000 scored + 0 rejected',
    '  time     10.0 s: preflight 1.0 s, scoring 8.0 s, publishing 1.0 s',
    '  speed    120,000 rows/s (150,000 while scoring), 60,000 per core-second; 2 workers x 1 thread, batches of 4,096',
    '  went to  model 70 %, writing 11 %, start-up 10 %, reading 9 %',
    '  limit    the model: more workers will help (4 cores here), as will a smaller or quantized model; faster disks will not',
  ]);
});

test('rows that output.where holds back are told apart from rows that were written', () => {
  const [first] = outcomes;
  expect(summaryLines(summary({ outcomes: [{ ...first, written: 1500 }], plannedRows: 600_000 })).slice(0, 2)).toEqual([
    'complete: 1,500 of 600,000 scored rows written into out/credit-risk (2 parts, 4 kB)',
    '  rows     600,000 in = 600,000 scored + 0 rejected; 1,500 written, 598,500 held back by output.where',
  ]);
});

test('rejects are shown with their place, and where the others are; ten lines are the most', () => {
  const rejected = outcome({ ...clean, rows: 600_000, scored: 599_994, rejected: 5, filtered: 1, written: 599_994 });
  const firstRejects = [0, 1, 2, 3, 4].map((row) => ({
    shard: 'data/a.csv',
    row,
    column: row === 1 ? null : 'age',
    message: row === 0 ? 'is null' : `cannot be read: ${'x'.repeat(200)}\nand more`,
  }));
  const lines = summaryLines(
    summary(
      { outcomes: [rejected], resumed: [outcome(clean)] },
      { firstRejects, rejectsPath: 'out/credit-risk/_scoremill/rejects.parquet' },
    ),
  );
  expect(lines).toHaveLength(10);
  expect([lines[1], lines[2], ...lines.slice(7)]).toEqual([
    '  rows     1,200,000 in = 1,199,994 scored + 5 rejected + 1 left out by the filter',
    '  resumed  1 of 2 splits (600,000 rows) came from an earlier execution',
    '  rejects  5 rows, all with their reasons in out/credit-risk/_scoremill/rejects.parquet; rows count from 0',
    '           data/a.csv row 0, column age: is null',
    `           data/a.csv row 1: cannot be read: ${'x'.repeat(141)}...`,
  ]);
});

test('an interrupted run says what is safe and how to go on', () => {
  const lines = summaryLines(summary({ verdict: 'interrupted', plannedSplits: 2, outcomes: [outcomes[0]] }));
  expect(lines.slice(0, 2)).toEqual([
    'interrupted: 1 of 2 splits finished and kept, nothing published. The same command goes on from here',
    '  rows     1,200,000 in = 600,000 scored + 0 rejected + 600,000 not reached',
  ]);
});

test('a run over its budget says by how much and what to do', () => {
  const bad = outcome({ ...clean, scored: 599_000, rejected: 1000 });
  const [verdict] = summaryLines(summary({ verdict: 'over-budget', outcomes: [bad] }, { budgetRows: 100 }));
  expect(verdict).toBe(
    'not published: 1,000 rejects, and the budget admits 100; 1 of 2 splits finished and kept. ' +
      'Raise --budget and run the same command: it goes on from here; or mend the data and start over with --fresh',
  );
});

test('a run that failed before its first split has no figures to show', () => {
  expect(summaryLines(summary({ verdict: 'failed', outcomes: [] }))).toEqual([
    'failed: 0 of 2 splits finished and kept, nothing published. With the cause above mended, the same command goes on from here',
    '  rows     1,200,000 in = 0 scored + 0 rejected + 1,200,000 not reached',
  ]);
});

test('a run that only had to finish the commit shows no rates', () => {
  const lines = summaryLines(summary({ outcomes: [], resumed: outcomes }));
  expect(lines).toEqual([
    'complete: 1,200,000 rows scored into out/credit-risk (2 parts, 8 kB)',
    '  rows     1,200,000 in = 1,200,000 scored + 0 rejected',
    '  resumed  2 of 2 splits (1,200,000 rows) came from an earlier execution',
  ]);
});

test('an output that was complete before says so, and how to score again', () => {
  const when = { runId: 'run-1', finishedMs: 1_700_000_000_000, runs: 1, shards: null };
  const output = { outputPath: 'out', parts: 3, ...when, ...clean };
  expect(alreadyCompleteLines(output)).toEqual([
    'already complete: out holds 600,000 scored rows in 3 parts; nothing was done',
    '  rows     600,000 in = 600,000 scored + 0 rejected',
    '  run      run-1, finished 2023-11-14T22:13:20.000Z',
    '  next     to score again: --if-exists replace, or another --output',
  ]);
  expect(alreadyCompleteLines({ ...output, runs: 4, shards: 12 }).slice(2, 4)).toEqual([
    '  shards   12 shards, all scored before: nothing is new or changed',
    '  run      the last of 4 was run-1, finished 2023-11-14T22:13:20.000Z',
  ]);
});

test('a run that added to a result tells what the folder holds now', () => {
  const lines = summaryLines({ ...summary(), total: { rows: 1_000_001, written: 1_000_000, parts: 7, runs: 3 } });
  expect(lines[2]).toBe('  total    1,000,000 scored rows of 1,000,001 rows in 7 parts, from 3 runs');
  expect(lines.length).toBeLessThanOrEqual(10);
});

test('every limit names itself and a next step', () => {
  const limitOf = (facts: Partial<RunFacts>, changes: Partial<RunStats> = {}) => {
    const { stats, ...others } = summary(facts);
    return summaryLines({ ...others, stats: { ...stats, ...changes } }).find((line) => line.startsWith('  limit'));
  };
  const busy = (stage: 'read' | 'write' | 'infer') => ({ workers: 1, outcomes: [timed({ [stage]: 8000 }, clean)] });
  const retried = [timed({ infer: 1000 }), timed({ infer: 1000 }, { startedMs: scoringStartedMs + 7000 })];
  expect([
    limitOf({ ...busy('infer'), machine: { cpuModel: '', cores: 1, memoryBytes: 1 } }),
    limitOf(busy('read')),
    limitOf(busy('write')),
    limitOf({ ...busy('infer'), preflightMs: 90_000 }, { heldBackBy: 'start-up' }),
    limitOf({ workers: 4, outcomes: [timed({ infer: 8000 }, clean)] }),
    limitOf({ workers: 1, outcomes: retried, engineRestarts: 2 }),
    limitOf({ workers: 1, outcomes: retried }),
  ]).toEqual([
    '  limit    the model: a machine with more cores will help, as will a smaller or quantized model; faster disks will not',
    '  limit    reading: more workers will help (4 cores here), as will Parquet instead of text and fewer kept columns (--keep); a faster model will not',
    '  limit    writing: fewer kept columns (--keep), --compression snappy or a faster disk will help; a faster model will not',
    '  limit    start-up: preflight and loading the model took longest; more rows in one run will spread it',
    '  limit    too few splits for 4 workers: fewer workers do as well; a smaller output.rowsPerFile, or input of more files or row groups, makes more splits',
    '  limit    splits that were scored again: the engine process ended 2 times; the warnings above say why',
    '  limit    time between splits: attempts that failed and ran again, or splits too small; the warnings above say which',
  ]);
});
