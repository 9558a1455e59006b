// What is known of an execution when its scoring has ended, and the figures that this comes to.
import { cpus } from 'node:os';
import type { OutputLayout } from '../commit/layout.ts';
import type { Manifest } from '../commit/manifest.ts';
import type { Verdict } from '../core/event.ts';
import type { SplitOutcome } from '../core/outcome.ts';
import { usableCores, usableMemoryBytes } from '../core/resources.ts';
import { version } from '../core/version.ts';
import type { Plan } from '../plan/plan.ts';
import { summarisedColumns } from '../scoring/summarised-columns.ts';
import { type RunStats, runStats } from '../stats/run-stats.ts';
import type { AppendWork } from './append-work.ts';
import type { PreparedRun } from './prepare-run.ts';

export interface RunRecord {
  readonly runId: string;
  readonly prepared: PreparedRun;
  readonly plan: Plan;
  readonly layout: OutputLayout;
  /** Of this execution. */
  readonly outcomes: readonly SplitOutcome[];
  /** Of earlier executions. */
  readonly resumed: readonly SplitOutcome[];
  readonly startedMs: number;
  /** When the run was started for the first time. */
  readonly firstStartedMs: number;
  readonly preflightMs: number;
  readonly scoringMs: number;
  readonly workers: number;
  readonly engineRestarts: number;
  readonly attempts: number;
  readonly replaces: Manifest | null;
  /** Of a run of a growing dataset. */
  readonly work: AppendWork | null;
}

export function statsOf(record: RunRecord, verdict: Verdict, publishMs: number): RunStats {
  const { prepared, plan } = record;
  return runStats({
    runId: record.runId,
    job: prepared.job.name,
    verdict,
    jobFingerprint: prepared.loaded.fingerprint,
    modelSha256: prepared.model.sha256,
    inputFingerprint: prepared.inputFingerprint,
    startedMs: record.startedMs,
    preflightMs: record.preflightMs,
    scoringMs: record.scoringMs,
    publishMs,
    shards: plan.shards.length,
    plannedSplits: plan.splits.length,
    plannedRows: plan.rows,
    outcomes: record.outcomes,
    resumed: record.resumed,
    workers: Math.max(1, record.workers),
    ...countsOfColumns(plan),
    threadsPerWorker: plan.threads,
    batchRows: plan.batchRows,
    engineRestarts: record.engineRestarts,
    cpuMs: null,
    versions: { scoremill: version, node: process.versions.node, ...plan.versions },
    machine: { cpuModel: cpus()[0]?.model.trim() ?? 'unknown', cores: usableCores(), memoryBytes: usableMemoryBytes() },
  });
}

const countsOfColumns = ({ binding }: Plan): { readonly features: number; readonly resultColumns: number } => {
  const { features, results } = summarisedColumns(binding);
  return { features, resultColumns: results };
};
