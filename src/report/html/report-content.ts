// What a report is made of: values that stand in the files beside it, so that it can be made again from them.
import type { Manifest } from '../../commit/manifest.ts';
import type { ColumnSummary } from '../../stats/column-summary.ts';
import type { RunStats } from '../../stats/run-stats.ts';
import type { SplitStats } from '../../stats/split-stats.ts';
import type { NotPublishedVerdict } from '../not-published.ts';
import type { RejectsSummary } from '../rejects-summary.ts';

export interface ReportContent {
  /** What it says of its own files is not shown. */
  readonly manifest: Omit<Manifest, 'files'>;
  readonly run: RunStats;
  readonly splits: readonly SplitStats[];
  /** Empty where the job wants no summary. */
  readonly columns: readonly ColumnSummary[];
  readonly rejects: RejectsSummary;
  /** Null: the run was published. Else the figures are of what is finished so far, and the manifest of what would be in it. */
  readonly unpublished: Unpublished | null;
}

export interface Unpublished {
  readonly verdict: NotPublishedVerdict;
  /** Sentences, which may have several lines. */
  readonly reasons: readonly string[];
  /** The most rejects that the job admits. */
  readonly budgetRows: number;
  /** The run of the complete result that is still in the output folder; null: there is none. */
  readonly olderRunId: string | null;
}
