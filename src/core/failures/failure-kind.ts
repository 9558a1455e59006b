// The shape of one way to fail. `explain` says what it means and `remedy` what to do, for `scoremill explain` and
// docs/troubleshooting.md; `text` is the sentence of one occurrence.

export interface FailureKind<Facts> {
  readonly exitCode: number;
  readonly explain: string;
  readonly remedy: string;
  readonly text: (facts: Facts) => string;
}

export function kind<Facts>(
  exitCode: number,
  explain: string,
  remedy: string,
  text: (facts: Facts) => string,
): FailureKind<Facts> {
  return { exitCode, explain, remedy, text };
}

/** ` Did you mean "x"?`; without a suggestion ` OTHERWISE`, or nothing. */
export function didYouMean(suggestion: string | undefined, otherwise = ''): string {
  if (suggestion !== undefined) return ` Did you mean "${suggestion}"?`;
  return otherwise === '' ? '' : ` ${otherwise}`;
}

/** `a, b, c and 4 more`. */
export function listed(names: readonly string[], most = 12): string {
  if (names.length <= most) return names.join(', ');
  return `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
}
