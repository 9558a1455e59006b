// Which axis of a declared input shape counts rows, and what is left for one row, told from the shape and from what the
// data gives a row. Models declare a batch as open, as 1, as a fixed number, or not at all; the values of a row decide.
import type { Failure } from '../core/failure.ts';
import type { Dimension, ModelInput } from '../model/signature.ts';
import { shapeOfLists } from '../scoring/list-shape.ts';

/** What the data gives one row of an input: single values side by side, or a list with the sizes of its levels. */
export interface GivenRow {
  readonly columns: readonly string[];
  readonly isList: boolean;
  /** Sizes of a list's levels, null where rows may differ; `[F]` for F single values, `[]` for one. */
  readonly sizes: readonly (number | null)[];
  /** The sizes of the first row's list, where there is one. */
  readonly firstRow: readonly number[] | null;
  /** The shape that the job gives. */
  readonly shape: readonly number[] | undefined;
}

export interface InputLayout {
  /** Rows of a call: any number, the declared number, or 'one' without an axis for them. */
  readonly rows: 'any' | 'one' | number;
  readonly rowShape: readonly (number | null)[];
}

const product = (sizes: readonly number[]): number => sizes.reduce((total, size) => total * size, 1);
const isKnown = (sizes: readonly (number | null)[]): sizes is readonly number[] => sizes.every((size) => size !== null);
const asSize = (dimension: Dimension): number | null => (typeof dimension === 'number' ? dimension : null);

/** How the rows of an input lie in its tensor, or why they do not fit it. */
export function layoutOf(input: ModelInput, given: GivenRow): InputLayout | Failure {
  const shape = input.shape.map(asSize);
  const count = valuesGiven(given);
  if (shape.length === 0) return fitted(input, 'one', [], given, count);
  const [first, ...rest] = shape;
  if (first === null) return fitted(input, 'any', rest, given, count);
  const fitsRest = !isKnown(rest) || count === null || product(rest) === count;
  const fitsWhole = isKnown(rest) && count !== null && first * product(rest) === count;
  if (first === 1 || (fitsRest && !(rest.length === 0 && count === null)))
    return fitted(input, first, rest, given, count);
  if (fitsWhole || shape.length === 1) return fitted(input, 'one', shape, given, count);
  return fitted(input, first, rest, given, count);
}

/** Values that one row has, or null where rows may differ. */
function valuesGiven({ sizes, firstRow, shape }: GivenRow): number | null {
  if (isKnown(sizes)) return product(sizes);
  if (shape !== undefined) return product(shape);
  return firstRow === null ? null : product(firstRow);
}

function fitted(
  input: ModelInput,
  rows: InputLayout['rows'],
  declared: readonly (number | null)[],
  given: GivenRow,
  count: number | null,
): InputLayout | Failure {
  const rowShape = given.shape ?? declared;
  const isNested = given.isList && given.sizes.length > 1;
  const wrongCount = (): Failure => ({
    reason: 'feature-count',
    input: input.name,
    wanted: isKnown(rowShape) ? (isNested ? rowShape.join(' x ') : String(product(rowShape))) : describeShape(input),
    given: isNested ? given.sizes.map((size) => size ?? '?').join(' x ') : (count ?? 0),
    columns: given.columns,
  });
  if (isKnown(rowShape)) {
    if (!isKnown(given.sizes)) return { rows, rowShape };
    const fits = given.isList
      ? typeof shapeOfLists(rowShape, given.sizes) !== 'string'
      : product(given.sizes) === product(rowShape);
    return fits ? { rows, rowShape } : wrongCount();
  }
  const open = rowShape.filter((size) => size === null).length;
  const fixed = product(rowShape.filter((size) => size !== null));
  if (given.sizes.length === rowShape.length) {
    const merged = rowShape.map((size, axis) => size ?? given.sizes[axis]);
    const clashes = rowShape.some(
      (size, axis) => size !== null && given.sizes[axis] !== null && size !== given.sizes[axis],
    );
    return clashes ? wrongCount() : { rows, rowShape: merged };
  }
  if (open > 1) return { reason: 'shape-open', input: input.name, shape: describeShape(input), values: count ?? 0 };
  if (!isKnown(given.sizes)) return { rows, rowShape };
  if (product(given.sizes) % fixed !== 0) return wrongCount();
  return { rows, rowShape: rowShape.map((size) => size ?? product(given.sizes as readonly number[]) / fixed) };
}

/** A declared shape as it is read: `[N, 4]`, with ? for what is open. */
export const describeShape = ({ shape }: Pick<ModelInput, 'shape'>): string =>
  `[${shape.map((size) => size ?? '?').join(', ')}]`;
