// Tells Prometheus and OpenLineage of an execution, where the job asks for it. Whatever goes wrong here is a warning: the verdict,
// the exit code and the result are those of the run alone, and a server that does not answer costs a few seconds.
import { randomUUID } from 'node:crypto';
import type { RunEvent } from '../core/event.ts';
import { describeFailure, type Failure } from '../core/failure.ts';
import type { Job } from '../job/schema.ts';
import { type EventType, lineageEvent } from '../observe/lineage-event.ts';
import type { Ending, Execution } from '../observe/metrics.ts';
import { parentRun } from '../observe/parent-run.ts';
import { tellLineage } from '../observe/tell-lineage.ts';
import { pushMetrics, writeMetrics } from '../observe/tell-prometheus.ts';
import type { Plan } from '../plan/plan.ts';
import type { ColumnSummary } from '../stats/column-summary.ts';
import type { RunStats } from '../stats/run-stats.ts';
import { lineageInputs, lineageOutput } from './lineage-of-run.ts';

export interface Ended {
  readonly ending: Ending;
  /** Of an execution that scored something. */
  readonly stats: RunStats | null;
  readonly budgetRows: number | null;
  /** What is known of features and results. */
  readonly columns: readonly ColumnSummary[];
  /** Rows that the output folder holds; null: nothing was published. */
  readonly resultRows: number | null;
  readonly failures: readonly Failure[];
}

export interface Observers {
  /** Called when the plan is made. */
  planned(plan: Plan): void;
  /** Resolves when all have been told, or have been given up. */
  ended(ended: Ended): Promise<void>;
}

export interface ObserverRequest {
  readonly job: Job;
  readonly startedMs: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly observe: (event: RunEvent) => void;
}

/** Tells that the run has begun. */
export function tellObservers({ job, startedMs, environment, observe }: ObserverRequest): Observers {
  const { metrics, pushgateway, lineage = [], namespace } = job.observe;
  const warn = (what: string, problem: string): void =>
    observe({ event: 'warning', text: `${what}: ${problem}; the run is not affected` });
  const lineageRunId = randomUUID();
  const parent = parentRun(environment.OPENLINEAGE_PARENT_ID);
  const root = parentRun(environment.OPENLINEAGE_ROOT_PARENT_ID);
  let plan: Plan | null = null;
  const eventOf = (type: EventType, timeMs: number, ended: Ended | null): object => {
    const { stats, columns, resultRows } = ended ?? { stats: null, columns: [], resultRows: null };
    const published = stats === null || resultRows === null ? null : { stats, resultRows };
    return lineageEvent({
      type,
      timeMs,
      runId: lineageRunId,
      job: { namespace, name: job.name },
      parent,
      root,
      inputs: lineageInputs(job, plan, columns),
      output: lineageOutput(job, plan, published, columns),
      errors: ended === null ? [] : ended.failures.map(describeFailure),
      rejects:
        stats === null || ended === null || ended.budgetRows === null
          ? null
          : { rows: stats.rejected, budgetRows: ended.budgetRows },
    });
  };
  const tell = async (event: object): Promise<void> => {
    await Promise.all(
      lineage.map(async (place) => {
        const problem = await tellLineage(place, event, environment.OPENLINEAGE_API_KEY);
        if (problem !== null) warn('an OpenLineage event was not taken', problem);
      }),
    );
  };
  // Goes out while the run goes on.
  const begun = lineage.length === 0 ? Promise.resolve() : tell(eventOf('START', startedMs, null));
  return {
    planned: (made) => {
      plan = made;
    },
    ended: async (ended) => {
      const endedMs = Date.now();
      const { ending, stats } = ended;
      const execution: Execution = {
        job: job.name,
        ending,
        endedMs,
        wallMs: endedMs - startedMs,
        stats: ending === 'complete' ? stats : null,
      };
      await Promise.all([
        metrics === undefined
          ? undefined
          : writeMetrics(metrics, execution).catch((error: Error) => warn('metrics were not written', error.message)),
        pushgateway === undefined
          ? undefined
          : pushMetrics(pushgateway, execution).then((problem) => {
              if (problem !== null) warn('metrics were not pushed', problem);
            }),
        lineage.length === 0 ? undefined : begun.then(() => tell(eventOf(typeOf[ending], endedMs, ended))),
      ]);
    },
  };
}

const typeOf: Readonly<Record<Ending, EventType>> = {
  complete: 'COMPLETE',
  'already-complete': 'COMPLETE',
  interrupted: 'ABORT',
  'over-budget': 'FAIL',
  failed: 'FAIL',
  refused: 'FAIL',
};
