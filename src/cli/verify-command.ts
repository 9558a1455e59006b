// `scoremill verify DIR`: one line for each group of checks, every problem as an error, and the exit code.
import { resolve } from 'node:path';
import { describeFailure, exitCodeOf, failuresOf } from '../core/failure.ts';
import { counted } from '../report/format-number.ts';
import { progressView } from '../report/progress.ts';
import type { Verification } from '../run/verify-output.ts';
import { verifyFolder } from '../run/verify-slices.ts';
import type { VerifyArguments } from './arguments.ts';
import { failuresJson } from './inspect-json.ts';
import { complain, writeData } from './output.ts';
import { stopSignal } from './stop-signal.ts';

export async function verifyCommand({ folder, rescore, json, quiet, logFormat }: VerifyArguments): Promise<number> {
  const progress = progressView({
    write: (text) => process.stderr.write(text),
    terminal: process.stderr.isTTY === true && logFormat === 'text',
    width: () => process.stderr.columns ?? 80,
    format: logFormat,
    quiet,
  });
  const ticker = setInterval(() => progress.tick(), 1000);
  const stop = stopSignal({ next: 'nothing was changed', quiet });
  const outputPath = resolve(folder);
  let verification: Verification;
  try {
    verification = await verifyFolder({
      outputPath,
      rescore,
      observe: (event) => progress.observe(event),
      signal: stop.signal,
    });
  } catch (error) {
    const failures = failuresOf(error);
    if (json) writeData(`${JSON.stringify(jsonOf({ outputPath, runId: null, checks: [], failures }), null, 2)}\n`);
    if (failures[0].reason !== 'interrupted') throw error;
    complain(`${outputPath} was not checked to the end: interrupted`);
    return stop.received === 'SIGINT' ? 130 : 143;
  } finally {
    clearInterval(ticker);
    stop.dispose();
    progress.clear();
  }
  const { failures } = verification;
  if (json) writeData(`${JSON.stringify(jsonOf(verification), null, 2)}\n`);
  else if (!quiet) writeData(`${linesOf(verification).join('\n')}\n`);
  for (const failure of failures) complain(describeFailure(failure));
  return failures.length === 0 ? 0 : exitCodeOf(failures[0]);
}

function linesOf({ outputPath, checks, failures }: Verification): readonly string[] {
  const lines = checks.map(({ name, wasMade, text, problems }) => {
    if (problems.length > 0) return `FAILED  ${name.padEnd(10)} ${counted(problems.length, 'problem')}: see the errors`;
    return `${wasMade ? 'ok     ' : 'SKIPPED'} ${name.padEnd(10)} ${text}`;
  });
  const areFilesRight = checks.every(({ problems }) => problems.length === 0);
  if (failures.length === 0) return [...lines, `${outputPath} is right`];
  if (areFilesRight) return [...lines, `${outputPath}: the files are right; its rows could not be scored again`];
  return [
    ...lines,
    `${outputPath} is NOT right: do not use it. Put back what is missing or changed, or score again with --if-exists replace`,
  ];
}

/** The documented shape of `--json`: see docs/json-output.md. */
function jsonOf({ outputPath, runId, checks, failures }: Verification): object {
  return {
    output: outputPath,
    runId,
    right: failures.length === 0,
    checks: checks.map(({ name, wasMade, text, problems }) => ({
      check: name,
      right: wasMade ? problems.length === 0 : null,
      text,
      problems,
    })),
    failures: failuresJson(failures),
  };
}
