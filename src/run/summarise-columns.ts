// The rows of columns.parquet, from what the splits tell.
import type { SplitOutcome } from '../core/outcome.ts';
import type { Plan } from '../plan/plan.ts';
import { summarisedColumns } from '../scoring/summarised-columns.ts';
import { type ColumnSummary, summariseColumn } from '../stats/column-summary.ts';

/** Empty when no split tells of its columns. `outcomes` are in the order of their splits. */
export function summariseColumns(
  { binding }: Plan,
  outcomes: readonly SplitOutcome[],
  runId: string,
): readonly ColumnSummary[] {
  const sketched = outcomes.flatMap(({ sketches }) => (sketches === null ? [] : [sketches]));
  if (sketched.length === 0) return [];
  return summarisedColumns(binding).columns.map((column, index) => ({
    ...summariseColumn(
      column,
      sketched.map((sketches) => sketches[index]),
    ),
    runId,
  }));
}
