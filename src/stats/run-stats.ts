// The one row of run.parquet: what a run did, how fast, where its time went and what held it back.
// Counts cover the whole output, resumed splits included; times, rates and stages cover this execution.
import type { Verdict } from '../core/event.ts';
import { type SplitOutcome, type Stage, stages } from '../core/outcome.ts';
import { bucketsOf, merge, percentile } from './histogram.ts';
import {
  type HeldBackBy,
  heldBackBy,
  type ScoringTimes,
  spanOf,
  sumOf,
  type TimeShares,
  timeShares,
} from './time-shares.ts';

/** Plain data: camelCase in JSON, the same names in snake_case as columns. Counts cover the whole output, times this execution. */
export interface RunStats extends TimeShares {
  readonly runId: string;
  readonly job: string;
  readonly verdict: Verdict;
  readonly jobFingerprint: string;
  readonly modelSha256: string;
  readonly inputFingerprint: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly wallMs: number;
  /** The phases add up to wallMs. */
  readonly preflightMs: number;
  readonly scoringMs: number;
  readonly publishMs: number;
  readonly shards: number;
  readonly plannedSplits: number;
  readonly plannedRows: number;
  /** Finished splits; resumed ones among them. */
  readonly splits: number;
  readonly resumedSplits: number;
  readonly resumedRows: number;
  /** rows = scored + rejected + filtered. */
  readonly rows: number;
  readonly scored: number;
  readonly rejected: number;
  readonly filtered: number;
  /** Scored rows that `output.where` does not hold back. */
  readonly written: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
  /** Rows of this execution over its whole wall time, start-up included. */
  readonly rowsPerSecond: number | null;
  /** Rows of this execution over the time from the start of its first split to the end of its last. */
  readonly scoringRowsPerSecond: number | null;
  /** Cores held (workers x threads) times wall time: what the run costs. */
  readonly coreSeconds: number;
  readonly rowsPerCoreSecond: number | null;
  /** Processor time measured over all processes, where the caller measured it. */
  readonly cpuSeconds: number | null;
  /** Stage totals over all workers of this execution. */
  readonly openMs: number;
  readonly readMs: number;
  readonly bindMs: number;
  readonly inferMs: number;
  readonly writeMs: number;
  readonly commitMs: number;
  readonly batches: number;
  readonly batchP50Ms: number | null;
  readonly batchP95Ms: number | null;
  readonly batchP99Ms: number | null;
  readonly batchMaxMs: number | null;
  /** JSON: `[[milliseconds, calls], ...]`: how many calls took at most so long, and longer than the entry before says. */
  readonly batchLatency: string;
  readonly peakMemoryBytes: number;
  /** Null when this execution scored nothing. */
  readonly heldBackBy: HeldBackBy | null;
  /** Columns that feed the model, and that come of it; the summary may have fewer. */
  readonly features: number;
  readonly resultColumns: number;
  /** Scored rows that the summaries of columns looked at; 0 without summary. */
  readonly sampledRows: number;
  readonly workers: number;
  readonly threadsPerWorker: number;
  readonly batchRows: number;
  readonly engineRestarts: number;
  readonly scoremillVersion: string;
  readonly nodeVersion: string;
  readonly onnxruntimeVersion: string;
  readonly duckdbVersion: string;
  readonly cpuModel: string;
  readonly usableCores: number;
  readonly usableMemoryBytes: number;
}

export interface RunFacts extends ScoringTimes {
  readonly runId: string;
  readonly job: string;
  readonly verdict: Verdict;
  readonly jobFingerprint: string;
  readonly modelSha256: string;
  readonly inputFingerprint: string;
  readonly shards: number;
  readonly plannedSplits: number;
  readonly plannedRows: number;
  /** Splits that earlier executions finished. */
  readonly resumed: readonly SplitOutcome[];
  readonly features: number;
  readonly resultColumns: number;
  readonly threadsPerWorker: number;
  readonly batchRows: number;
  readonly engineRestarts: number;
  readonly cpuMs: number | null;
  readonly versions: {
    readonly scoremill: string;
    readonly node: string;
    readonly onnxruntime: string;
    readonly duckdb: string;
  };
  readonly machine: { readonly cpuModel: string; readonly cores: number; readonly memoryBytes: number };
}

export function runStats(facts: RunFacts): RunStats {
  const { outcomes, resumed } = facts;
  const all = [...resumed, ...outcomes];
  const rows = sumOf(all, (outcome) => outcome.rows);
  const resumedRows = sumOf(resumed, (outcome) => outcome.rows);
  const wallMs = facts.preflightMs + facts.scoringMs + facts.publishMs;
  const coreSeconds = (facts.workers * facts.threadsPerWorker * wallMs) / 1000;
  const stageMs = stageTotals(outcomes);
  const { startMs, endMs } = spanOf(outcomes);
  const latency = merge(outcomes.map((outcome) => outcome.batchLatency));
  const shares = timeShares(facts, stageMs);
  return {
    runId: facts.runId,
    job: facts.job,
    verdict: facts.verdict,
    jobFingerprint: facts.jobFingerprint,
    modelSha256: facts.modelSha256,
    inputFingerprint: facts.inputFingerprint,
    startedAt: new Date(facts.startedMs).toISOString(),
    finishedAt: new Date(facts.startedMs + wallMs).toISOString(),
    wallMs,
    preflightMs: facts.preflightMs,
    scoringMs: facts.scoringMs,
    publishMs: facts.publishMs,
    shards: facts.shards,
    plannedSplits: facts.plannedSplits,
    plannedRows: facts.plannedRows,
    splits: all.length,
    resumedSplits: resumed.length,
    resumedRows,
    rows,
    scored: sumOf(all, (outcome) => outcome.scored),
    rejected: sumOf(all, (outcome) => outcome.rejected),
    filtered: sumOf(all, (outcome) => outcome.filtered),
    written: sumOf(all, (outcome) => outcome.written),
    inputBytes: sumOf(all, (outcome) => outcome.readBytes),
    outputBytes: sumOf(all, (outcome) => outcome.part.bytes),
    rowsPerSecond: ratio(rows - resumedRows, wallMs / 1000),
    scoringRowsPerSecond: ratio(rows - resumedRows, (endMs - startMs) / 1000),
    coreSeconds,
    rowsPerCoreSecond: ratio(rows - resumedRows, coreSeconds),
    cpuSeconds: facts.cpuMs === null ? null : facts.cpuMs / 1000,
    openMs: stageMs.open,
    readMs: stageMs.read,
    bindMs: stageMs.bind,
    inferMs: stageMs.infer,
    writeMs: stageMs.write,
    commitMs: stageMs.commit,
    batches: sumOf(outcomes, (outcome) => outcome.batches),
    batchP50Ms: percentile(latency, 0.5),
    batchP95Ms: percentile(latency, 0.95),
    batchP99Ms: percentile(latency, 0.99),
    batchMaxMs: percentile(latency, 1),
    batchLatency: JSON.stringify(bucketsOf(latency)),
    peakMemoryBytes: outcomes.reduce((peak, outcome) => Math.max(peak, outcome.peakMemoryBytes), 0),
    heldBackBy: outcomes.length === 0 ? null : heldBackBy(shares, facts.engineRestarts),
    ...shares,
    features: facts.features,
    resultColumns: facts.resultColumns,
    sampledRows: sumOf(all, ({ sketches }) => (sketches === null ? 0 : (sketches.at(-1)?.rows ?? 0))),
    workers: facts.workers,
    threadsPerWorker: facts.threadsPerWorker,
    batchRows: facts.batchRows,
    engineRestarts: facts.engineRestarts,
    scoremillVersion: facts.versions.scoremill,
    nodeVersion: facts.versions.node,
    onnxruntimeVersion: facts.versions.onnxruntime,
    duckdbVersion: facts.versions.duckdb,
    cpuModel: facts.machine.cpuModel,
    usableCores: facts.machine.cores,
    usableMemoryBytes: facts.machine.memoryBytes,
  };
}

function stageTotals(outcomes: readonly SplitOutcome[]): Record<Stage, number> {
  const totals: Record<Stage, number> = { open: 0, read: 0, bind: 0, infer: 0, write: 0, commit: 0 };
  for (const outcome of outcomes) for (const stage of stages) totals[stage] += outcome.stageMs[stage];
  return totals;
}

/** Null when there is nothing to divide by, or nothing was done. */
const ratio = (amount: number, over: number): number | null => (amount > 0 && over > 0 ? amount / over : null);
