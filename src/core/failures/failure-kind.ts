// The shape of one way to fail. `explain` says what it means and what to do, for `scoremill explain`.

export interface FailureKind<Facts> {
  readonly exitCode: number;
  readonly explain: string;
  readonly text: (facts: Facts) => string;
}

export function kind<Facts>(exitCode: number, explain: string, text: (facts: Facts) => string): FailureKind<Facts> {
  return { exitCode, explain, text };
}

/** ` Did you mean "x"?`, or nothing. */
export const didYouMean = (suggestion: string | undefined): string =>
  suggestion === undefined ? '' : ` Did you mean "${suggestion}"?`;

/** `a, b, c and 4 more`. */
export function listed(names: readonly string[], most = 12): string {
  if (names.length <= most) return names.join(', ');
  return `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
}
