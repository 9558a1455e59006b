// What an execution of a job comes to.
import type { Manifest } from '../commit/manifest.ts';
import type { Verdict } from '../core/event.ts';
import { type Failure, FailureError } from '../core/failure.ts';
import type { Reject } from '../core/split.ts';
import type { Plan } from '../plan/plan.ts';
import type { RejectsCount } from '../report/rejects-summary.ts';
import type { ColumnSummary } from '../stats/column-summary.ts';
import type { RunStats } from '../stats/run-stats.ts';
import type { Budget } from './budget.ts';
import { inSplitOrder, stageRejects } from './finish-run.ts';
import { type RunRecord, statsOf } from './run-record.ts';
import { loadSummaries } from './stage-report.ts';

export type ShownReject = Reject & { readonly shardPath: string };

export interface ExecutedRun {
  readonly verdict: Exclude<Verdict, 'already-complete'>;
  readonly outputPath: string;
  readonly stats: RunStats;
  /** What a sample of the scored rows tells of features and results; empty where the job wants no summary. */
  readonly columns: readonly ColumnSummary[];
  readonly manifest: Manifest | null;
  readonly parts: number;
  readonly firstRejects: readonly ShownReject[];
  readonly rejectsPath: string | null;
  /** The page for people; null when there is none. */
  readonly reportPath: string | null;
  readonly budgetRows: number;
  /** Why nothing was published. */
  readonly failures: readonly Failure[];
}

export type RunResult =
  | {
      readonly verdict: 'already-complete';
      readonly outputPath: string;
      readonly manifest: Manifest;
      /** Shards of the result that a growing dataset no longer has, whose rows are kept; null: the dataset is not one that grows. */
      readonly gone: readonly string[] | null;
      /** An earlier execution published the result and was killed; this one tidied up after it. */
      readonly hasFinished: boolean;
    }
  | ExecutedRun;

const shownRejects = 5;

/** What every execution has in common, whatever it comes to. */
export function commonResult(
  record: RunRecord,
  budget: Budget,
): Pick<ExecutedRun, 'outputPath' | 'parts' | 'firstRejects' | 'budgetRows'> {
  const { layout, plan } = record;
  const all = inSplitOrder(record);
  const firstRejects = all
    .flatMap((outcome) => outcome.firstRejects)
    .slice(0, shownRejects)
    .map((reject) => ({ ...reject, shardPath: plan.shards[reject.shard].path }));
  return { outputPath: layout.root, parts: all.length, firstRejects, budgetRows: budget.rows };
}

/**
 * The result of an execution after which nothing may be published; null when everything is there to publish. Rejects are listed
 * where they are staged, and counted in `rejects`.
 */
export async function unpublished(
  record: RunRecord,
  budget: Budget,
  failures: readonly Failure[],
  rejects: RejectsCount,
): Promise<ExecutedRun | null> {
  const { plan } = record;
  const all = inSplitOrder(record);
  const common = commonResult(record, budget);
  const result = async (
    verdict: ExecutedRun['verdict'],
    reasons: readonly Failure[],
    rejectsPath: string | null = null,
  ): Promise<ExecutedRun> => ({
    ...common,
    verdict,
    stats: statsOf(record, verdict, 0),
    columns: (await loadSummaries()).summariseColumns(plan, all, record.runId),
    manifest: null,
    rejectsPath,
    reportPath: null,
    failures: reasons,
  });
  if (budget.rejected > budget.rows) {
    const rejectsPath = await stageRejects(record, all, rejects);
    const first = common.firstRejects.slice(0, 3).map(describeReject);
    const { rejected, text } = budget;
    const exceeded: Failure = {
      reason: 'over-budget',
      rejected,
      budget: text,
      first,
      rejectsPath: rejectsPath ?? '',
      nullColumns: nullColumns(common.firstRejects, plan),
      isNan: record.prepared.job.rejects.nulls === 'nan',
    };
    return result('over-budget', [...failures, exceeded], rejectsPath);
  }
  if (budget.crashed.length > 0 && budget.isExceeded) {
    const crashed = budget.crashed.map(({ shard, row }) => `${plan.shards[shard].path} row ${row}`);
    const { rejected: others, text } = budget;
    const exceeded: Failure = { reason: 'crashes-over-budget', crashed, others, budget: text };
    return result('over-budget', [...failures, exceeded], await listRejects(record, rejects));
  }
  if (failures.length > 0) return result('failed', failures, await listRejects(record, rejects));
  return all.length < plan.splits.length ? result('interrupted', []) : null;
}

/** Whatever the run failed for, a full disk for one, is the better answer than that its rejects could not be listed. */
async function listRejects(record: RunRecord, rejects: RejectsCount): Promise<string | null> {
  try {
    return await stageRejects(record, inSplitOrder(record), rejects);
  } catch (error) {
    if (!(error instanceof FailureError)) throw error;
    return null;
  }
}

/** Columns with nulls for which something else may stand in: nothing does for an image. */
function nullColumns(rejects: readonly ShownReject[], { binding }: Plan): readonly string[] {
  const images = binding.preparations.filter(({ plan }) => plan.kind === 'image');
  const isImage = (name: string): boolean => images.some(({ columns }) => columns.some(({ label }) => label === name));
  const named = rejects.flatMap(({ reason, column }) => (reason === 'null' && column !== null ? [column] : []));
  return [...new Set(named)].filter((name) => !isImage(name));
}

const describeReject = ({ shardPath, row, column, message }: ShownReject): string =>
  `${shardPath} row ${row}${column === null ? '' : ` column "${column}"`}: ${message}`;
