// Rows by what became of them, over some splits.
import type { RowCounts } from '../engine/questions.ts';

export const measures = ['rows', 'scored', 'rejected', 'filtered', 'written'] as const;

export function countsOf(splits: readonly RowCounts[]): RowCounts {
  const sum = (name: keyof RowCounts): number => splits.reduce((total, split) => total + split[name], 0);
  return {
    rows: sum('rows'),
    scored: sum('scored'),
    rejected: sum('rejected'),
    filtered: sum('filtered'),
    written: sum('written'),
  };
}
