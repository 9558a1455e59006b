// A backfill: the job for one day after the other, each into an output folder of its own with its own lock and ledger. A day
// that fails costs no other day; run again, the command leaves complete days alone and goes on with the rest.
import { counted, formatNumber } from '../report/format-number.ts';
import type { RunArguments } from './arguments.ts';
import { inOneLine } from './complain-about.ts';
import { say } from './output.ts';
import { type Ended, tell } from './run-ended.ts';
import { exitCodeOfStop, type OnceRequest, runOnce } from './run-once.ts';
import { countsOf, failureLine, type RunReport, reportJson, verdictOf } from './run-report.ts';

/** Runs the job for each day, in order; `stop` ends it, and so does a failure where `--stop-on-failure` says so. */
export async function runDays(days: readonly string[], context: Omit<OnceRequest, 'date'>): Promise<Ended> {
  const { command, stop } = context;
  const reports: RunReport[] = [];
  for (const [i, date] of days.entries()) {
    if (stop.signal.aborted) break;
    if (isShown(command)) say(`${date} (${i + 1} of ${days.length})`);
    const report = await runOnce({ ...context, date, datesEvents: true });
    reports.push(report);
    tell(report, command, date);
    if (command.stopOnFailure && isFailed(report)) break;
  }
  const counts = countsOfDays(reports, days.length);
  const exitCode = stop.received === null ? exitCodeOfDays(reports, command) : exitCodeOfStop(stop);
  const verdict = verdictOfDays(reports, counts);
  const lines = linesOfDays(reports, counts, days.length);
  if (isShown(command)) for (const line of lines) say(line);
  const notReached = days.slice(reports.length).map((date) => ({ date, verdict: 'not-reached' }));
  const failed = reports.filter(isFailed);
  return {
    exitCode,
    isRight: verdict === 'complete' || verdict === 'already-complete',
    json: {
      verdict,
      exitCode,
      days: [
        ...reports.map((report) => ({ date: report.date, exitCode: report.exitCode, ...reportJson(report) })),
        ...notReached,
      ],
    },
    line: {
      verdict,
      exitCode,
      days: days.length,
      ...counts,
      ...totalsOf(reports),
      failedDays: failed.map(({ date }) => date),
      failure: failureLine(failed[0]?.failures ?? []),
    },
    message: [...failed.map(({ date, failures }) => `${date}: ${inOneLine(failures)}`), ...lines],
  };
}

const isShown = ({ quiet, logFormat }: RunArguments): boolean => !quiet && logFormat === 'text';

const isFailed = ({ failures }: RunReport): boolean => failures.length > 0;

/** Also before it had a plan. */
const isInterrupted = ({ failures }: RunReport): boolean => failures.some(({ reason }) => reason === 'interrupted');

interface DayCounts {
  readonly complete: number;
  readonly alreadyComplete: number;
  readonly failed: number;
  readonly notReached: number;
}

function countsOfDays(reports: readonly RunReport[], days: number): DayCounts {
  const having = (verdict: string): number => reports.filter((report) => verdictOf(report) === verdict).length;
  return {
    complete: having('complete'),
    alreadyComplete: having('already-complete'),
    failed: reports.filter(isFailed).length,
    notReached: days - reports.length,
  };
}

/** That of the first day that failed. */
function exitCodeOfDays(reports: readonly RunReport[], { nothingToDoCode }: RunArguments): number {
  const failed = reports.find(isFailed);
  if (failed !== undefined) return failed.exitCode;
  return reports.every((report) => verdictOf(report) === 'already-complete') ? nothingToDoCode : 0;
}

function verdictOfDays(reports: readonly RunReport[], { failed, complete, notReached }: DayCounts): string {
  if (reports.some(isInterrupted)) return 'interrupted';
  if (failed > 0) return 'failed';
  if (notReached > 0) return 'interrupted';
  return complete > 0 ? 'complete' : 'already-complete';
}

function linesOfDays(reports: readonly RunReport[], counts: DayCounts, days: number): readonly string[] {
  const terms = [
    [counts.complete, 'complete'],
    [counts.alreadyComplete, 'complete before'],
    [counts.failed, 'failed'],
    [counts.notReached, 'not reached'],
  ] as const;
  const listed = terms.flatMap(([count, what]) => (count === 0 ? [] : `${count} ${what}`));
  const failed = reports.filter(isFailed).map(({ date, exitCode }) => `${date} (exit code ${exitCode})`);
  const { rows, scored, rejected, filtered } = totalsOf(reports);
  const ofRows = `${counted(rows, 'row')} in = ${formatNumber(scored)} scored + ${formatNumber(rejected)} rejected${filtered === 0 ? '' : ` + ${formatNumber(filtered)} left out by the filter`}`;
  return [
    `${counted(days, 'day')}: ${listed.join(', ')}; ${ofRows}`,
    ...(failed.length === 0 ? [] : [`  failed   ${failed.join(', ')}`]),
    ...(counts.failed + counts.notReached === 0
      ? []
      : ['  next     the same command again: complete days are left alone, and unfinished ones are resumed']),
  ];
}

/** Rows of the days that are complete. */
function totalsOf(reports: readonly RunReport[]) {
  const zero = { rows: 0, scored: 0, rejected: 0, filtered: 0, written: 0 };
  return reports.reduce((sum, report) => {
    const one = publishedCounts(report);
    return {
      rows: sum.rows + one.rows,
      scored: sum.scored + one.scored,
      rejected: sum.rejected + one.rejected,
      filtered: sum.filtered + one.filtered,
      written: sum.written + one.written,
    };
  }, zero);

  function publishedCounts({ result }: RunReport) {
    if (result?.verdict === 'already-complete') return countsOf(result.manifest.counts);
    return result?.verdict === 'complete' ? countsOf(result.stats) : zero;
  }
}
