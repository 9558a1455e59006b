// The end of a run: the statistics, the list of rejects, the manifest, and the publication of all of it.
import type { StagedPart } from '../commit/check-staged.ts';
import { publish } from '../commit/committer.ts';
import { type OutputLayout, partName, type ResultFileName, stagedPath } from '../commit/layout.ts';
import type { Manifest } from '../commit/manifest.ts';
import type { SplitOutcome } from '../core/outcome.ts';
import { version } from '../core/version.ts';
import { RejectsCount } from '../report/rejects-summary.ts';
import { writeRejects } from '../report/rejects-table.ts';
import { writeColumnSummaries, writeRunStats, writeSplitStats } from '../report/stats-table.ts';
import type { ColumnSummary } from '../stats/column-summary.ts';
import type { RunStats } from '../stats/run-stats.ts';
import { splitStats } from '../stats/split-stats.ts';
import { appendedManifest } from './append-manifest.ts';
import { appendStatistics } from './append-statistics.ts';
import { mustBeWhole } from './must-be-whole.ts';
import { ownManifest } from './own-manifest.ts';
import { type RunRecord, statsOf } from './run-record.ts';
import { loadSummaries, stageReport } from './stage-report.ts';
import { stagedFiles } from './staged-files.ts';

/** Parts of all outcomes in split order, under the names they are published as. */
export const partsOf = (
  { runId, plan, work }: Pick<RunRecord, 'runId' | 'plan' | 'work'>,
  outcomes: readonly SplitOutcome[],
): readonly StagedPart[] => {
  const first = work?.header.firstPart ?? 0;
  return [...outcomes]
    .sort((a, b) => a.split - b.split)
    .map(({ split, part }) => ({
      stagedName: part.name,
      name: partName(first + split, runId, first + plan.splits.length),
      bytes: part.bytes,
      sha256: part.sha256,
    }));
};

/** What every split that is done came to, whichever execution did it. */
export const inSplitOrder = ({ resumed, outcomes }: RunRecord): readonly SplitOutcome[] =>
  [...resumed, ...outcomes].sort((a, b) => a.split - b.split);

/** Writes rejects.parquet to where it is staged; null when there is none to write. */
export async function stageRejects(
  { layout, plan, runId }: RunRecord,
  outcomes: readonly SplitOutcome[],
  count?: RejectsCount,
): Promise<string | null> {
  const staged = [...outcomes]
    .sort((a, b) => a.split - b.split)
    .flatMap(({ rejects }) => (rejects === null ? [] : [stagedPath(layout, rejects.name)]));
  if (staged.length === 0) return null;
  const path = stagedPath(layout, 'rejects.parquet');
  const listed = await writeRejects(path, {
    stagedPaths: staged,
    shardPaths: plan.shards.map((shard) => shard.path),
    runId,
    metadata: { 'scoremill.run': runId },
    observe: (reject) => count?.add(reject),
  });
  const rejected = outcomes.reduce((sum, outcome) => sum + outcome.rejected, 0);
  if (listed !== rejected) throw new Error(`${rejected} rows were rejected, and ${listed} are listed`);
  return path;
}

export interface FinishedRun {
  readonly stats: RunStats;
  readonly columns: readonly ColumnSummary[];
  readonly manifest: Manifest;
  /** Null when the job wants none, or it could not be made. */
  readonly reportPath: string | null;
  /** What went wrong without harm to the result. */
  readonly warnings: readonly string[];
}

/** Publishes a run whose splits are all done. `requireHeld` fails when the run no longer holds the lock. */
export async function finishRun(record: RunRecord, requireHeld: () => Promise<void>): Promise<FinishedRun> {
  const { layout, runId, plan, prepared } = record;
  const publishStartedMs = performance.now();
  const all = inSplitOrder(record);
  mustBeWhole(plan, all);
  const parts = partsOf(record, all);
  const resumedSplits = new Set(record.resumed.map(({ split }) => split));
  const metadata = { 'scoremill.run': runId, 'scoremill.version': version };
  const rejects = new RejectsCount();
  await stageRejects(record, all, rejects);
  const splits = all.map((outcome, index) =>
    splitStats(outcome, {
      split: plan.splits[outcome.split],
      shards: plan.shards,
      part: parts[index].name,
      resumed: resumedSplits.has(outcome.split),
      runId,
    }),
  );
  await writeSplitStats(stagedPath(layout, 'stats.parquet'), splits, metadata);
  const { summariseColumns } = await loadSummaries();
  const columns = summariseColumns(plan, all, runId);
  if (columns.length > 0) await writeColumnSummaries(stagedPath(layout, 'columns.parquet'), columns, metadata);
  const stats = statsOf(record, 'complete', performance.now() - publishStartedMs);
  await writeRunStats(stagedPath(layout, 'run.parquet'), stats, metadata);
  const ownNames: readonly ResultFileName[] = [
    'stats.parquet',
    'run.parquet',
    ...(columns.length > 0 ? (['columns.parquet'] as const) : []),
    ...(stats.rejected > 0 ? (['rejects.parquet'] as const) : []),
  ];
  const base = record.work?.base ?? null;
  const { header } = record.work ?? {};
  const joined =
    base === null || header === undefined
      ? null
      : await appendStatistics(layout, base, header, { names: ownNames, runId, metadata });
  const names = joined?.names ?? ownNames;
  const files = await stagedFiles(layout, names);
  const own: Manifest = { ...ownManifest(record, all, parts, stats), files };
  const isAddition = base !== null && header !== undefined && joined !== null;
  const manifest = isAddition
    ? appendedManifest({
        base,
        own,
        replaced: header.replaced,
        listed: record.work?.listed ?? [],
        kept: joined.kept,
        files,
      })
    : own;
  const report = await stageReport(layout, prepared.job, {
    manifest,
    run: stats,
    splits,
    columns,
    rejects: rejects.summary(),
    unpublished: null,
  });
  const published = await publish({
    layout,
    parts,
    files: names.map((name) => ({ stagedName: name, name })),
    manifest,
    replaces: record.replaces,
    requireHeld,
    appends: isAddition ? { base, replaced: header.replaced } : null,
    hasReport: report.isStaged,
  });
  const problem = report.problem ?? published.reportProblem;
  return {
    stats,
    columns,
    manifest,
    reportPath: report.isStaged && problem === null ? layout.report : null,
    warnings: problem === null ? [] : [reportMissing(layout, problem)],
  };
}

const reportMissing = (layout: OutputLayout, problem: string): string =>
  `the report could not be written (${problem}); the result is complete without it. scoremill report ${layout.root} makes it`;
