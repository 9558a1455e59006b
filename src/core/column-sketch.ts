// What one split tells of one column, from the rows of the sample that lie in it: plain data of a bounded size that crosses
// the thread, the process and the ledger.

export interface ColumnSketch {
  /** Rows of the sample in which the column was looked at. */
  readonly rows: number;
  /** Rows without a value: nulls, and NaN among numbers. */
  readonly missing: number;
  /** Values that were measured; of a list there are several in a row. Infinite ones are counted apart. */
  readonly values: number;
  readonly infinite: number;
  /** Of the measured numbers: the numbers themselves, the letters of texts, the bytes of blobs. */
  readonly mean: number;
  /** The sum of their squared distances from the mean. */
  readonly squares: number;
  /** Numbers at evenly spaced ranks, the smallest and the largest among them, or all where they are few: doubles in base64. */
  readonly points: string;
  /** The most frequent values with their counts, most frequent first; 0 and 1 stand for false and true. */
  readonly top: readonly (readonly [value: number | string, count: number])[];
  /** Different values; at least so many where it is not exact. */
  readonly distinct: number;
  readonly isDistinctExact: boolean;
  /** For an estimate of the different values over several splits (stats/distinct-registers); empty when `top` has them all. */
  readonly registers: string;
  /** Lists of one short length: the sum of the values at each place. */
  readonly sums: readonly number[];
}
