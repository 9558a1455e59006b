// What a report is made of: values that stand in the files beside it, so that it can be made again from them.
import type { Manifest } from '../../commit/manifest.ts';
import type { ColumnSummary } from '../../stats/column-summary.ts';
import type { RunStats } from '../../stats/run-stats.ts';
import type { SplitStats } from '../../stats/split-stats.ts';
import type { RejectsSummary } from '../rejects-summary.ts';

export interface ReportContent {
  /** What it says of its own files is not shown. */
  readonly manifest: Omit<Manifest, 'files'>;
  readonly run: RunStats;
  readonly splits: readonly SplitStats[];
  /** Empty where the job wants no summary. */
  readonly columns: readonly ColumnSummary[];
  readonly rejects: RejectsSummary;
}
