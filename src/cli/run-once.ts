// One execution of a job for one day: what it came to as a value, and what people are told of it.
import { exitCodeOf, failuresOf } from '../core/failure.ts';
import type { ProgressView } from '../report/progress.ts';
import { alreadyCompleteLines, summaryLines } from '../report/summary.ts';
import { goneNotices } from '../run/comparison-notices.ts';
import { runJob } from '../run/run-job.ts';
import type { RunResult } from '../run/run-result.ts';
import type { RunArguments } from './arguments.ts';
import { type RunReport, totalOf } from './run-report.ts';
import type { StopSignal } from './stop-signal.ts';

export interface OnceRequest {
  readonly command: RunArguments;
  /** YYYY-MM-DD. */
  readonly date: string;
  readonly progress: ProgressView;
  readonly stop: StopSignal;
  /** Whether each event is to say which day it belongs to. */
  readonly datesEvents: boolean;
}

/** Runs the job. Whatever is wrong is in the report. */
export async function runOnce({ command, date, progress, stop, datesEvents }: OnceRequest): Promise<RunReport> {
  const { job, runId, fresh, stealLock, nothingToDoCode } = command;
  const interrupted = { reason: 'interrupted' } as const;
  try {
    const result = await runJob({
      job: { ...job, date, environment: process.env, workingFolder: process.cwd() },
      runId,
      fresh,
      stealLock,
      observe: (event) => {
        const dated = { ...event, date };
        progress.observe(datesEvents ? dated : event);
      },
      signal: stop.signal,
      giveUp: stop.giveUp,
    });
    const { verdict } = result;
    if (verdict === 'already-complete') {
      // Of a result that a killed execution published, nobody may have heard yet.
      return { date, exitCode: result.hasFinished ? 0 : nothingToDoCode, result, failures: [] };
    }
    const failures = verdict === 'interrupted' ? [...result.failures, interrupted] : result.failures;
    const exitCode =
      verdict === 'interrupted' ? exitCodeOfStop(stop) : failures.length > 0 ? exitCodeOf(failures[0]) : 0;
    return { date, exitCode, result, failures };
  } catch (error) {
    const failures = failuresOf(error);
    const isStopped = stop.received !== null && failures[0].reason === 'interrupted';
    return {
      date,
      exitCode: isStopped ? exitCodeOfStop(stop) : exitCodeOf(failures[0]),
      result: null,
      failures: isStopped ? [interrupted] : failures,
    };
  } finally {
    progress.clear();
  }
}

export const exitCodeOfStop = ({ received }: StopSignal): number => (received === 'SIGINT' ? 130 : 143);

/** The summary of an execution, verdict first; nothing for one that was refused. */
export function linesOf(result: RunResult | null): readonly string[] {
  if (result === null) return [];
  const { outputPath } = result;
  if (result.verdict === 'already-complete') {
    const { gone } = result;
    const { runId, finishedMs, counts, runs, dataset } = result.manifest;
    const shards = gone === null ? null : dataset.shards.length - gone.length;
    const complete = { outputPath, runId, finishedMs, runs: runs.length, shards, ...counts };
    return [...alreadyCompleteLines(complete), ...goneNotices(gone ?? [])];
  }
  const { manifest, stats, parts, firstRejects, rejectsPath, reportPath, budgetRows } = result;
  return summaryLines({
    stats,
    outputPath,
    parts,
    rejectsPath,
    reportPath,
    budgetRows,
    total: totalOf(manifest),
    firstRejects: firstRejects.map((reject) => ({ ...reject, shard: reject.shardPath })),
  });
}
