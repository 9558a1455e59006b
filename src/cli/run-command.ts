// `scoremill run`: progress while it goes, a summary at the end, and the exit code.
import { describeFailure, exitCodeOf, type Failure, failuresOf } from '../core/failure.ts';
import { progressView } from '../report/progress.ts';
import { alreadyCompleteLines, summaryLines } from '../report/summary.ts';
import { runJob } from '../run/run-job.ts';
import type { RunResult } from '../run/run-result.ts';
import type { RunArguments } from './arguments.ts';
import { complain, say, writeData } from './output.ts';
import { stopSignal } from './stop-signal.ts';

export async function runCommand({
  job,
  runId,
  fresh,
  stealLock,
  json,
  quiet,
  logFormat,
  nothingToDoCode,
}: RunArguments): Promise<number> {
  const progress = progressView({
    write: (text) => process.stderr.write(text),
    terminal: process.stderr.isTTY === true && logFormat === 'text',
    width: () => process.stderr.columns ?? 80,
    format: logFormat,
    quiet,
  });
  const ticker = setInterval(() => progress.tick(), 1000);
  const stop = stopSignal();
  let result: RunResult;
  try {
    result = await runJob({
      job: { ...job, environment: process.env, workingFolder: process.cwd() },
      runId,
      fresh,
      stealLock,
      observe: (event) => progress.observe(event),
      signal: stop.signal,
      giveUp: stop.giveUp,
    });
  } catch (error) {
    if (json)
      writeData(`${JSON.stringify({ verdict: 'refused', failures: failuresOf(error).map(failureJson) }, null, 2)}\n`);
    if (stop.received !== 'SIGINT' || failuresOf(error)[0].reason !== 'interrupted') throw error;
    complain(describeFailure({ reason: 'interrupted' }));
    return 130;
  } finally {
    clearInterval(ticker);
    stop.dispose();
    progress.clear();
  }
  if (json) writeData(`${JSON.stringify(jsonOf(result), null, 2)}\n`);
  if (!quiet && logFormat === 'text') for (const line of linesOf(result)) say(line);
  if (result.verdict === 'already-complete') return nothingToDoCode;
  for (const failure of result.failures) complain(describeFailure(failure));
  if (result.verdict === 'interrupted') {
    complain(describeFailure({ reason: 'interrupted' }));
    return stop.received === 'SIGINT' ? 130 : 143;
  }
  return result.failures.length > 0 ? exitCodeOf(result.failures[0]) : 0;
}

function linesOf(result: RunResult): readonly string[] {
  const { outputPath } = result;
  if (result.verdict === 'already-complete') {
    const { manifest } = result;
    return alreadyCompleteLines({
      outputPath,
      runId: manifest.runId,
      finishedMs: manifest.finishedMs,
      ...manifest.counts,
    });
  }
  const { stats, parts, firstRejects, rejectsPath, budgetRows } = result;
  return summaryLines({
    stats,
    outputPath,
    parts,
    rejectsPath,
    budgetRows,
    firstRejects: firstRejects.map((reject) => ({ ...reject, shard: reject.shardPath })),
  });
}

/** The documented shape of `--json`: see docs/json-output.md. */
function jsonOf(result: RunResult): object {
  const { verdict, outputPath } = result;
  if (result.verdict === 'already-complete') {
    const { runId, counts, finishedMs } = result.manifest;
    return { verdict, output: outputPath, runId, finishedAt: new Date(finishedMs).toISOString(), ...counts };
  }
  const { stats, manifest, failures, firstRejects, rejectsPath } = result;
  return {
    verdict,
    output: outputPath,
    runId: stats.runId,
    rows: stats.rows,
    scored: stats.scored,
    rejected: stats.rejected,
    filtered: stats.filtered,
    written: stats.written,
    parts: manifest?.parts.map(({ name, rows, bytes, sha256 }) => ({ name, rows, bytes, sha256 })) ?? [],
    rejectsPath,
    firstRejects: firstRejects.map(({ shardPath, row, reason, column, message }) => ({
      shard: shardPath,
      row,
      reason,
      column,
      message,
    })),
    failures: failures.map(failureJson),
    stats,
  };
}

const failureJson = (failure: Failure): object => ({
  reason: failure.reason,
  exitCode: exitCodeOf(failure),
  message: describeFailure(failure),
});
