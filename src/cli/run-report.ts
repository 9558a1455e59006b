// What one execution of a job came to, and its forms for machines: `--json`, and the result line. See docs/json-output.md.
import type { Manifest } from '../commit/manifest.ts';
import type { Verdict } from '../core/event.ts';
import { describeFailure, exitCodeOf, type Failure } from '../core/failure.ts';
import type { ExecutedRun, RunResult } from '../run/run-result.ts';

export interface RunReport {
  /** YYYY-MM-DD: what `{{ ds }}` stood for. */
  readonly date: string;
  readonly exitCode: number;
  /** null when it was refused before the first inference. */
  readonly result: RunResult | null;
  /** Why nothing was published. */
  readonly failures: readonly Failure[];
}

export const verdictOf = ({ result }: RunReport): Verdict | 'refused' => result?.verdict ?? 'refused';

/** The whole result. */
export function reportJson({ result, failures }: RunReport): object {
  if (result === null) return { verdict: 'refused', failures: failures.map(failureJson) };
  const { verdict, outputPath } = result;
  if (result.verdict === 'already-complete') {
    const { runId, counts, finishedMs, runs } = result.manifest;
    const finishedAt = new Date(finishedMs).toISOString();
    return { verdict, output: outputPath, runId, finishedAt, ...counts, runs: runs.length, gone: result.gone };
  }
  const { stats, manifest, firstRejects, rejectsPath, reportPath } = result;
  return {
    verdict,
    output: outputPath,
    runId: stats.runId,
    ...countsOf(stats),
    parts: partsOf(manifest).map(({ name, rows, bytes, sha256 }) => ({ name, rows, bytes, sha256 })),
    total: totalOf(manifest),
    rejectsPath,
    reportPath,
    firstRejects: firstRejects.map(({ shardPath, row, reason, column, message }) => ({
      shard: shardPath,
      row,
      reason,
      column,
      message,
    })),
    failures: result.failures.map(failureJson),
    stats,
  };
}

/** What a scheduler keeps of it: small, and without lists. */
export function resultLine(report: RunReport): object {
  const { date, exitCode, result } = report;
  const head = { verdict: verdictOf(report), exitCode, date };
  const failure = failureLine(report.failures);
  if (result === null) return { ...head, failure };
  const { outputPath: output } = result;
  if (result.verdict === 'already-complete') {
    const { runId, counts } = result.manifest;
    return { ...head, output, runId, ...countsOf(counts), parts: counts.parts, resumedSplits: 0, wallMs: 0, failure };
  }
  const { stats, manifest } = result;
  return {
    ...head,
    output,
    runId: stats.runId,
    ...countsOf(stats),
    parts: partsOf(manifest).length,
    resumedSplits: stats.resumedSplits,
    wallMs: Math.round(stats.wallMs),
    failure,
  };
}

/** The first failure, which decides the exit code; null when there is none. */
export function failureLine(failures: readonly Failure[]): object | null {
  if (failures.length === 0) return null;
  const [{ reason }] = failures;
  return { reason, message: describeFailure(failures[0]) };
}

/** Those that the run made: earlier ones may have made others. */
const partsOf = (manifest: Manifest | null): Manifest['parts'] =>
  manifest?.parts.filter(({ run }) => run === manifest.runId) ?? [];

/** What a result holds that more than one run made; null: this run made all. */
export const totalOf = (manifest: Manifest | null) =>
  manifest === null || manifest.runs.length === 1 ? null : { ...manifest.counts, runs: manifest.runs.length };

type Counts = Pick<ExecutedRun['stats'], 'rows' | 'scored' | 'rejected' | 'filtered' | 'written'>;

export const countsOf = ({ rows, scored, rejected, filtered, written }: Counts): Counts => ({
  rows,
  scored,
  rejected,
  filtered,
  written,
});

const failureJson = (failure: Failure): object => ({
  reason: failure.reason,
  exitCode: exitCodeOf(failure),
  message: describeFailure(failure),
});
