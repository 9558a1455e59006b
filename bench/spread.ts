// What several runs of one thing say: the median and the range, and for two sides the ratio of runs that were next to each
// other. Other work on a machine changes both runs of such a pair alike, so ratios hold where seconds do not.

export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** Of at least one number. */
export function spreadOf(numbers: readonly number[]): Spread {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return {
    median: (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2,
    least: sorted[0],
    most: sorted[sorted.length - 1],
  };
}

/** Theirs over ours, run by run in the order in which they were made: above 1 where ours took less. */
export function ratioOf(theirs: readonly number[], ours: readonly number[]): Spread {
  if (theirs.length !== ours.length) throw new Error(`${theirs.length} runs cannot be paired with ${ours.length}`);
  return spreadOf(theirs.map((amount, round) => amount / ours[round]));
}

export type Verdict = 'faster' | 'slower' | 'no difference shown';

/** Faster or slower only where every pair of runs says the same: chance alone does that in 1 of 2 ^ (pairs - 1) comparisons. */
export function verdictOf({ least, most }: Spread): Verdict {
  if (least > 1) return 'faster';
  return most < 1 ? 'slower' : 'no difference shown';
}
