// The text of `scoremill explain`: what an exit code or a failure means and what to do. It is made of the one table of
// failures, so it cannot fall behind.
import { nearest } from '../core/edit-distance.ts';
import { FailureError, failureKinds } from '../core/failure.ts';
import { didYouMean } from '../core/failures/failure-kind.ts';

/** Every exit code there is, in the words of sysexits.h where it has one. */
export const exitCodes: Readonly<Record<number, string>> = {
  0: 'done, or the output is already complete',
  64: 'the command line is wrong',
  65: 'more rejects than the budget allows, or data that cannot be read',
  66: 'an input is missing',
  69: 'a remote service is unavailable',
  70: 'an internal error: a bug in scoremill',
  73: 'the output cannot be created',
  74: 'reading or writing failed',
  75: 'the output folder is locked by another run; try again later',
  77: 'no permission',
  78: 'the job file is wrong, or the model and the data do not fit each other',
  80: 'a check failed: the output is staged and not published, or a published one is not what it was',
  130: 'interrupted (SIGINT): workers finished their batches; the same command resumes',
  143: 'ended (SIGTERM): workers finished their batches; the same command resumes',
};

interface Explained {
  readonly reason: string;
  readonly exitCode: number;
  readonly explain: string;
}

const failures: readonly Explained[] = Object.entries(failureKinds)
  .map(([reason, { exitCode, explain }]) => ({ reason, exitCode, explain }))
  .toSorted((a, b) => a.exitCode - b.exitCode || a.reason.localeCompare(b.reason));

/** What an exit code or the reason of a failure means; without a code, all of them. Throws `usage` for an unknown one. */
export function explain(code?: string): string {
  if (code === undefined)
    return Object.keys(exitCodes)
      .map((exitCode) => explainExitCode(Number(exitCode)))
      .join('\n\n');
  if (/^\d+$/.test(code) && exitCodes[Number(code)] !== undefined) return explainExitCode(Number(code));
  const failure = failures.find(({ reason }) => reason === code.toLowerCase());
  if (failure !== undefined)
    return `${failure.reason} (exit code ${failure.exitCode})\n\n${folded(failure.explain, '')}`;
  throw new FailureError({ reason: 'usage', message: unknownCode(code) });
}

function explainExitCode(exitCode: number): string {
  const reasons = failures.filter((failure) => failure.exitCode === exitCode);
  const lines = reasons.map(({ reason, explain }) => `  ${reason}\n${folded(explain, '    ')}`);
  return [`exit code ${exitCode}: ${exitCodes[exitCode]}`, ...lines].join('\n');
}

function unknownCode(code: string): string {
  const start = `unknown code "${code}"`;
  if (/^\d+$/.test(code)) return `${start}; scoremill exits with ${Object.keys(exitCodes).join(', ')}`;
  const suggestion = nearest(
    code,
    failures.map(({ reason }) => reason),
  );
  return suggestion === undefined ? `${start}; scoremill explain lists them all` : `${start}.${didYouMean(suggestion)}`;
}

/** The text in lines of at most 100 characters. */
function folded(text: string, indentation: string): string {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < 100) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`${indentation}${word}`);
  }
  return lines.join('\n');
}
