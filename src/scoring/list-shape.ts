// The shape that a row's lists get in the tensor. A flat list is laid out as the input says; nested lists must have the
// input's own sizes, save that axes of size 1 may be left out: an image of one channel is a list of lists.

/** The shape of a row with these list sizes, outermost first, or what is wrong with them. */
export function shapeOfLists(
  rowShape: readonly (number | null)[],
  sizes: readonly number[],
): readonly number[] | string {
  if (sizes.length === 1 && rowShape.length !== 1) return shapeOfFlat(rowShape, sizes[0]);
  const isWhole = sizes.length === rowShape.length;
  const axes = [...rowShape.keys()].filter((axis) => isWhole || rowShape[axis] !== 1);
  const given = sizes.filter((size) => isWhole || size !== 1);
  // What is inside an empty list has no size of its own.
  const isInEmpty = (level: number): boolean => given.slice(0, level).includes(0);
  const fits = axes.every((axis, level) => [null, given[level]].includes(rowShape[axis]) || isInEmpty(level));
  if (axes.length !== given.length || !fits) return `expected ${shown(rowShape)} values, got ${shown(sizes)}`;
  return rowShape.map((size, axis) => size ?? given[axes.indexOf(axis)]);
}

function shapeOfFlat(rowShape: readonly (number | null)[], count: number): readonly number[] | string {
  const known = rowShape.filter((size) => size !== null).reduce((product, size) => product * size, 1);
  const open = rowShape.filter((size) => size === null).length;
  if (open === 0) return count === known ? (rowShape as readonly number[]) : `expected ${known} values, got ${count}`;
  if (open > 1) return `expected ${rowShape.length} levels of lists, got 1`;
  if (known === 0 || count % known !== 0) return `expected a multiple of ${known} values, got ${count}`;
  return rowShape.map((size) => size ?? count / known);
}

const shown = (sizes: readonly (number | null)[]): string => sizes.map((size) => size ?? '?').join(' x ');
