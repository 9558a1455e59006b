// Content of reports, made by the code that makes it in a run from plain values: small, hostile, and as wide as jobs get.
import type { SplitOutcome } from '../../../src/core/outcome.ts';
import type { ReportContent, Unpublished } from '../../../src/report/html/report-content.ts';
import { type ListedReject, RejectsCount } from '../../../src/report/rejects-summary.ts';
import { type ColumnSummary, type SummarisedColumn, summariseColumn } from '../../../src/stats/column-summary.ts';
import { runStats } from '../../../src/stats/run-stats.ts';
import { sketchNumbers } from '../../../src/stats/sketch-column.ts';
import { splitStats } from '../../../src/stats/split-stats.ts';
import { manifestOf } from '../../commit/fixtures.ts';
import { outcome, runFacts, scoringStartedMs } from '../../stats/facts.ts';

export interface ContentOptions {
  readonly job?: string;
  readonly runId?: string;
  readonly features?: readonly string[];
  readonly results?: readonly string[];
  /** Places of one more result, a list. */
  readonly classes?: number;
  readonly splits?: number;
  readonly workers?: number;
  readonly rejects?: readonly ListedReject[];
  /** How many splits an earlier execution scored. */
  readonly resumed?: number;
  readonly unpublished?: Unpublished | null;
}

export function contentOf({
  job = 'churn',
  runId = 'run-1',
  features = ['age', 'income'],
  results = ['score'],
  classes = 0,
  splits = 8,
  workers = 2,
  rejects = [],
  resumed = 0,
  unpublished = null,
}: ContentOptions = {}): ReportContent {
  const outcomes = Array.from({ length: splits }, (_, split): SplitOutcome => {
    const turn = Math.floor(split / workers);
    return outcome({
      split,
      worker: split % workers,
      startedMs: scoringStartedMs + (turn * 7000) / Math.ceil(splits / workers),
      wallMs: 6500 / Math.ceil(splits / workers),
      batchLatency: [0, 0, 3, 9, 20, 11, 4, 0, 0, 1],
      batches: 48,
      trace: Array.from({ length: 9 }, (__, i) => [(i * 800) / Math.ceil(splits / workers), i * 12, 2e8 + split * 1e6]),
    });
  });
  const shards = [
    { index: 0, path: 'data/a.csv', format: 'csv', compression: 'none', fileBytes: 900, modifiedMs: 0, partition: {} },
  ] as const;
  const all = { splits, plannedSplits: splits, plannedRows: 100 * splits };
  const stats = runStats(
    runFacts({
      job,
      runId,
      workers,
      ...all,
      outcomes: outcomes.slice(resumed),
      resumed: outcomes.slice(0, resumed),
      features: features.length,
      resultColumns: results.length,
    }),
  );
  const count = new RejectsCount();
  for (const reject of rejects) count.add(reject);
  const { files: _files, ...manifest } = manifestOf(runId, []);
  return {
    manifest: {
      ...manifest,
      job: { ...manifest.job, name: job },
      counts: {
        rows: stats.rows,
        scored: stats.scored,
        rejected: stats.rejected,
        filtered: stats.filtered,
        written: stats.written,
        parts: splits,
        splits,
      },
    },
    run: { ...stats, sampledRows: 50_000 },
    splits: outcomes.map((one, split) =>
      splitStats(one, {
        split: { index: split, pieces: [{ shard: 0, startRow: split * 100, endRow: (split + 1) * 100 }], rows: 100 },
        shards,
        part: unpublished === null ? `part-${split}.parquet` : null,
        runId,
        resumed: split < resumed,
      }),
    ),
    columns: [
      ...features.map((name, i) =>
        summary({ role: 'feature', tensor: 'x', name, type: 'float32', measure: 'value', isList: false }, i),
      ),
      ...results.map((name, i) =>
        summary(
          {
            role: 'result',
            tensor: name,
            name,
            type: i % 2 === 0 ? 'float32' : 'int64',
            measure: 'value',
            isList: false,
          },
          i,
        ),
      ),
      ...(classes === 0
        ? []
        : [
            summary(
              {
                role: 'result',
                tensor: 'probabilities',
                name: 'probabilities',
                type: 'float32',
                measure: 'value',
                isList: true,
              },
              3,
              classes,
            ),
          ]),
    ],
    rejects: count.summary(),
    unpublished,
  };
}

/** A bell or few whole numbers, by the column's number. */
function summary(column: SummarisedColumn, number: number, classes = 0): ColumnSummary {
  const values = Float64Array.from({ length: 400 }, (_, i) =>
    column.type === 'int64' ? i % (2 + (number % 5)) : number + 3 * Math.sin(i * 12.9) * Math.cos(i * 4.1),
  );
  const sums = Array.from({ length: classes }, (_, place) => 400 / (2 + place));
  const figures = summariseColumn(column, [sketchNumbers(values, { rows: 400, missing: number % 4, sums }, 129)]);
  return { ...figures, runId: 'run-1' };
}

export const rejectOf = (changes: Partial<ListedReject> = {}): ListedReject => ({
  shard: 'data/a.csv',
  row: 17,
  reason: 'null',
  column: 'age',
  message: 'null',
  content: '{"age":null}',
  ...changes,
});
