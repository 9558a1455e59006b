// Failures on stderr: each with all that it says or, where stderr becomes a mail (`--quiet`), all of them in one line.
import { describeFailure, exitCodeOf, type Failure } from '../core/failure.ts';
import { complain, say } from './output.ts';

interface Telling {
  readonly quiet: boolean;
  readonly logFormat: 'text' | 'json';
  /** Stands before each line: the day that failed. */
  readonly of?: string | undefined;
}

export function complainAbout(failures: readonly Failure[], { quiet, logFormat, of }: Telling): void {
  if (failures.length === 0) return;
  if (logFormat === 'json') {
    for (const failure of failures) say(failureLine(failure, of));
    return;
  }
  const before = of === undefined ? '' : `${of}: `;
  if (quiet) complain(`${before}${inOneLine(failures)}`);
  else for (const failure of failures) complain(`${before}${describeFailure(failure)}`);
}

/** As an event among those of `--log-format json`. */
function failureLine(failure: Failure, date: string | undefined): string {
  const facts = { reason: failure.reason, exitCode: exitCodeOf(failure), message: describeFailure(failure) };
  return JSON.stringify({ time: new Date().toISOString(), event: 'failure', ...facts, date });
}

/** The first failure, of a list in it the first item, and how many more there are. The stack of a bug stays whole. */
export function inOneLine([first, ...others]: readonly Failure[]): string {
  const text = describeFailure(first);
  const line = first.reason === 'internal' ? text : joined(text.split('\n'));
  if (others.length === 0) return line;
  return `${line} (and ${others.length} more ${others.length === 1 ? 'problem' : 'problems'}; without --quiet all are shown)`;
}

/** Lines that are indented are the items of a list. */
function joined(lines: readonly string[]): string {
  const items = lines.filter((line) => line.startsWith('  ')).map((line) => line.trim());
  const [head, ...rest] = lines.filter((line) => !line.startsWith('  ') && line.trim() !== '');
  const list = items.length < 2 ? items : [`${items[0]}, and ${items.length - 1} more`];
  const end = rest.join(' ').trim();
  return [head, ...list].join(' ') + (end === '' ? '' : `${list.length === 0 ? ' ' : '; '}${end}`);
}
