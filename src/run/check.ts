// One group of checks on a result: what was found right in one line, or everything that is wrong, and the failures that
// the wrong things amount to.
import type { Failure } from '../core/failure.ts';

export interface Check {
  /** The group, as it is printed and as `check-failed` names it. */
  readonly name: 'manifest' | 'folder' | 'parts' | 'footers' | 'statistics' | 'report' | 'rescore' | 'slices';
  /** What is right, for a person; also where there are problems, what was looked at. */
  readonly text: string;
  /** False when it could not be made, as `text` says. */
  readonly wasMade: boolean;
  /** One sentence each, with the name of the file it is about. */
  readonly problems: readonly string[];
}

/** One failure for each problem, in the order of the checks. */
export const checkFailures = (output: string, checks: readonly Check[]): readonly Failure[] =>
  checks.flatMap(({ name, problems }) =>
    problems.map((problem): Failure => ({ reason: 'check-failed', output, check: name, problem })),
  );
