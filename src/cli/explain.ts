// The text of `scoremill explain`: what an exit code, a failure or a reject means and what to do. It is made of the one
// table of each, so it cannot fall behind.
import { nearest } from '../core/edit-distance.ts';
import { FailureError, failureKinds } from '../core/failure.ts';
import { didYouMean } from '../core/failures/failure-kind.ts';
import { rejectReasons } from '../core/reject-reasons.ts';
import { exitCodes } from './exit-codes.ts';

interface Explained {
  readonly reason: string;
  readonly explain: string;
  readonly remedy: string;
}

const failures = Object.entries(failureKinds)
  .map(([reason, { exitCode, explain, remedy }]) => ({ reason, exitCode, explain, remedy }))
  .toSorted((a, b) => a.exitCode - b.exitCode || a.reason.localeCompare(b.reason));
const rejects = Object.entries(rejectReasons).map(([reason, texts]): Explained => ({ reason, ...texts }));

/** What an exit code, or a reason, means and what to do; without a code, all of them. Throws `usage` for an unknown one. */
export function explain(code?: string): string {
  if (code === undefined)
    return [...Object.keys(exitCodes).map(Number).map(explainExitCode), allRejects()].join('\n\n');
  if (/^\d+$/.test(code) && exitCodes[Number(code)] !== undefined) return explainExitCode(Number(code));
  const named = ({ reason }: Explained): boolean => reason === code.toLowerCase();
  const [failure, reject] = [failures.find(named), rejects.find(named)];
  const found = [
    ...(failure === undefined ? [] : [explainOne(`${failure.reason} (exit code ${failure.exitCode})`, failure)]),
    ...(reject === undefined ? [] : [explainOne(`${reject.reason} (the reason of a reject)`, reject)]),
  ];
  if (found.length > 0) return found.join('\n\n');
  throw new FailureError({ reason: 'usage', message: unknownCode(code) });
}

const explainOne = (title: string, { explain, remedy }: Explained): string =>
  `${title}\n\n${folded(explain, '')}\n\nWhat to do: ${folded(remedy, '').trimStart()}`;

function explainExitCode(exitCode: number): string {
  const { meaning, remedy } = exitCodes[exitCode];
  const reasons = failures.filter((failure) => failure.exitCode === exitCode);
  return [`exit code ${exitCode}: ${meaning}`, folded(remedy, ''), ...reasons.map(asItem)].join('\n');
}

const allRejects = (): string => ['rejects: rows that were not scored', ...rejects.map(asItem)].join('\n');

const asItem = ({ reason, explain, remedy }: Explained): string =>
  `  ${reason}\n${folded(explain, '    ')}\n${folded(`-> ${remedy}`, '    ')}`;

function unknownCode(code: string): string {
  const start = `unknown code "${code}"`;
  if (/^\d+$/.test(code)) return `${start}; scoremill exits with ${Object.keys(exitCodes).join(', ')}`;
  const suggestion = nearest(
    code,
    [...failures, ...rejects].map(({ reason }) => reason),
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
