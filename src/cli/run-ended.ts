// How a run ended, for everyone who is told: the shell, `--json`, the result line, schedulers.
import type { RunArguments } from './arguments.ts';
import { complainAbout, inOneLine } from './complain-about.ts';
import { say } from './output.ts';
import { linesOf } from './run-once.ts';
import { type RunReport, reportJson, resultLine } from './run-report.ts';

export interface Ended {
  readonly exitCode: number;
  /** Whether what was asked for is there now: an output that was complete before is no failure, whatever its exit code. */
  readonly isRight: boolean;
  /** For `--json`. */
  readonly json: object;
  /** For `--result-line`. */
  readonly line: object;
  /** The most important line first. */
  readonly message: readonly string[];
}

/** How a run for one day ended. */
export function endedOf(report: RunReport): Ended {
  const { exitCode, failures, result } = report;
  const summary = linesOf(result);
  return {
    exitCode,
    isRight: failures.length === 0,
    json: reportJson(report),
    line: resultLine(report),
    message: failures.length === 0 ? summary : [inOneLine(failures), ...summary],
  };
}

/** Tells people on stderr how a run for one day ended. */
export function tell({ result, failures }: RunReport, { quiet, logFormat }: RunArguments, of?: string): void {
  if (!quiet && logFormat === 'text') for (const line of linesOf(result)) say(line);
  complainAbout(failures, { quiet, logFormat, of });
}
