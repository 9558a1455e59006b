// Predictions compared with a reference, row by row and column by column: labels exactly, numbers within a tolerance.
import type { Row } from '../end-to-end/result.ts';

/** How far numbers may be apart: `relative` to the larger of the two, or, with `ofColumn`, to the largest of their column. */
export interface Tolerance {
  readonly relative: number;
  /**
   * For a reference from another processor: where products cancel out, the last bits of the large ones are many bits of a
   * small sum.
   */
  readonly ofColumn: boolean;
}

/** The first ten differences; none when every expected column of every row is there. `row` in `wanted` is the input row. */
export function differences(
  wanted: readonly Row[],
  found: readonly Row[],
  { relative, ofColumn }: Tolerance,
): readonly string[] {
  if (wanted.length !== found.length) return [`${wanted.length} rows expected, ${found.length} found`];
  const names = Object.keys(wanted[0] ?? {}).filter((name) => name !== 'row');
  return names
    .flatMap((name) => {
      const largest = ofColumn ? Math.max(...wanted.map((row) => magnitude(row[name]))) : 0;
      return wanted
        .map((row, index) => ({ row: row.row, value: row[name], given: found[index][name] }))
        .filter(({ value, given }) => !isSame(value, given, relative, largest))
        .map(({ row, value, given }) => `row ${row}: ${name} is ${given}, expected ${value}`);
    })
    .slice(0, 10);
}

function isSame(wanted: unknown, found: unknown, relative: number, largest: number): boolean {
  if (Array.isArray(wanted)) {
    const isList = Array.isArray(found) && wanted.length === found.length;
    return isList && wanted.every((one, i) => isSame(one, found[i], relative, largest));
  }
  if (typeof wanted !== 'number' || typeof found !== 'number') return wanted === found;
  if (wanted === found || (Number.isNaN(wanted) && Number.isNaN(found))) return true;
  return Math.abs(wanted - found) <= relative * Math.max(Math.abs(wanted), Math.abs(found), largest);
}

/** The largest absolute value in a value or a list; 0 for what is no number. */
function magnitude(value: unknown): number {
  if (Array.isArray(value)) return Math.max(0, ...value.map(magnitude));
  return typeof value === 'number' && Number.isFinite(value) ? Math.abs(value) : 0;
}
