// What is known of a value in a graph while an open batch is traced through it: which of its axes counts rows, its sizes, and,
// of small integers that sizes are made of, the numbers themselves. Axes count from 0 and sizes are those of one declared call.

/** `rows` stands for the number of rows of the call; null for a number that is not known. */
export type Size = number | 'rows' | null;

export interface RowValue {
  /** The axis that counts rows; null when every row gets the same. */
  readonly axis: number | null;
  /** null where even the number of axes is not known. At the axis of rows the size means nothing. */
  readonly dims: readonly (number | null)[] | null;
  /** The values of a small tensor without rows. */
  readonly numbers: readonly Size[] | null;
  /** The value is made from the number of rows. */
  readonly isCounted: boolean;
}

export const fixed = (
  dims: RowValue['dims'],
  numbers: RowValue['numbers'] = null,
  isCounted = numbers?.includes('rows') ?? false,
): RowValue => ({ axis: null, dims, numbers, isCounted });

export const rows = (axis: number, dims: readonly (number | null)[]): RowValue => ({
  axis,
  dims,
  numbers: null,
  isCounted: false,
});

export const isRows = (
  value: RowValue | undefined,
): value is RowValue & { axis: number; dims: readonly (number | null)[] } => value !== undefined && value.axis !== null;

/** A shape of so many axes of which no size is known. */
export const unknown = (rank: number): (number | null)[] => Array.from({ length: rank }, () => null);

export const withoutAxes = <Item>(items: readonly Item[], axes: readonly number[]): Item[] =>
  items.filter((_, axis) => !axes.includes(axis));

/** The value that element by element makes of several by broadcasting, or why rows would meet other rows. */
export function broadcast(values: readonly RowValue[]): RowValue | string {
  const first = values.find(isRows);
  if (first === undefined) return fixed(null);
  const distance = first.dims.length - first.axis;
  let rank = first.dims.length;
  for (const value of values) {
    if (value.isCounted) return 'a value made from the number of rows is computed with';
    if (value.dims === null) return 'a value of unknown shape meets the rows';
    rank = Math.max(rank, value.dims.length);
    if (isRows(value)) {
      if (value.dims.length - value.axis !== distance) return 'two values have their rows on different axes';
    } else if (value.dims.length >= distance && value.dims[value.dims.length - distance] !== 1) {
      return 'a constant has a size of its own on the axis of the rows';
    }
  }
  const dims = Array.from({ length: rank }, (_, axis) => {
    const sizes = values
      .map((value) => value.dims!.at(axis - rank))
      .map((size, i) => (values[i].dims!.length < rank - axis ? 1 : size));
    return sizes.every((size) => typeof size === 'number') ? Math.max(...(sizes as number[])) : null;
  });
  return rows(rank - distance, dims);
}
