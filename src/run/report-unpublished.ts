// The page of a run that published nothing: whoever looks in the morning sees why, which rows it was, and how far it came.
import { writeUnpublishedPage } from '../commit/unpublished-page.ts';
import { describeFailure } from '../core/failure.ts';
import type { RejectsSummary } from '../report/rejects-summary.ts';
import { splitStats } from '../stats/split-stats.ts';
import { inSplitOrder, partsOf } from './finish-run.ts';
import { ownManifest } from './own-manifest.ts';
import type { RunRecord } from './run-record.ts';
import type { ExecutedRun } from './run-result.ts';
import { loadRenderer } from './stage-report.ts';

/** Of a run over its budget, or that failed: one that was told to stop has nothing to explain. `problem`: why there is no page. */
export async function reportUnpublished(
  record: RunRecord,
  { verdict, stats, columns, budgetRows, failures }: ExecutedRun,
  rejects: RejectsSummary,
  requireHeld: () => Promise<void>,
): Promise<{ readonly path: string | null; readonly problem: string | null }> {
  const { layout, prepared, plan, runId, replaces, work } = record;
  if (verdict === 'complete' || verdict === 'interrupted' || !prepared.job.output.report)
    return { path: null, problem: null };
  const outcomes = inSplitOrder(record);
  const resumed = new Set(record.resumed.map(({ split }) => split));
  const splits = outcomes.map((outcome) =>
    splitStats(outcome, {
      split: plan.splits[outcome.split],
      shards: plan.shards,
      part: null,
      resumed: resumed.has(outcome.split),
      runId,
    }),
  );
  const { renderReport } = await loadRenderer();
  const html = renderReport({
    manifest: ownManifest(record, outcomes, partsOf(record, outcomes), stats),
    run: stats,
    splits,
    columns,
    rejects,
    unpublished: {
      verdict,
      reasons: failures.map(describeFailure),
      budgetRows,
      olderRunId: (replaces ?? work?.base)?.runId ?? null,
    },
  });
  const problem = await writeUnpublishedPage(layout, html, requireHeld);
  return problem === null ? { path: layout.unpublished, problem } : { path: null, problem };
}
