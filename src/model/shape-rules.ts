// Rules for operators that cut, join, look up and reorder: they compute nothing, and move the axis of the rows or leave it.

import { integer, integers, numbersOf, ofFirst, positive, type Rule, reduced } from './row-rule.ts';
import { broadcast, fixed, isRows, rows, unknown } from './row-value.ts';

export const concat: Rule = (node) => {
  const { inputs } = node;
  const [first] = inputs;
  if (!isRows(first)) return 'its rows are not in all of its inputs';
  const same = inputs.every((one) => isRows(one) && one.axis === first.axis && one.dims.length === first.dims.length);
  if (!same) return 'its rows are not in all of its inputs';
  const axis = positive(integer(node, 'axis', 1), first.dims.length);
  if (axis === first.axis) return 'it works along the axis of the rows';
  return [
    rows(
      first.axis,
      first.dims.map((size, i) => (i === axis ? null : size)),
    ),
  ];
};

export const split: Rule = ofFirst((value, node) => {
  const axis = positive(integer(node, 'axis', 0), value.dims.length);
  if (axis === value.axis) return 'it works along the axis of the rows';
  const part = rows(
    value.axis,
    value.dims.map((size, i) => (i === axis ? null : size)),
  );
  return Array.from({ length: node.outputs }, () => part);
});

const toTheEnd = 2 ** 31 - 1;

export const slice: Rule = ofFirst((value, node) => {
  const starts = integers(node, 'starts') ?? numbersOf(node.inputs[1]);
  const ends = integers(node, 'ends') ?? numbersOf(node.inputs[2]);
  const given =
    integers(node, 'axes') ?? (node.inputs[3] === undefined ? starts?.map((_, i) => i) : numbersOf(node.inputs[3]));
  const steps = node.inputs[4] === undefined ? starts?.map(() => 1) : numbersOf(node.inputs[4]);
  if (!starts || !ends || !given || !steps) return 'what it cuts is not known';
  const axes = given.map((axis) => positive(axis, value.dims.length));
  const place = axes.indexOf(value.axis);
  if (place !== -1 && ends[place] < toTheEnd) {
    if (ends[place] !== node.declaredRows || node.inputs[2] === undefined) return 'it cuts rows off';
    node.replaceInput(2, ends.with(place, toTheEnd));
  }
  if (place !== -1 && (starts[place] !== 0 || steps[place] !== 1)) return 'it cuts rows off';
  return [
    rows(
      value.axis,
      value.dims.map((size, i) => (axes.includes(i) ? null : size)),
    ),
  ];
});

export const gather: Rule = (node) => {
  const [data, indices] = node.inputs;
  if (data?.dims == null || indices?.dims == null) return 'it reads a value of unknown shape';
  const axis = positive(integer(node, 'axis', 0), data.dims.length);
  const dims = [...data.dims.slice(0, axis), ...indices.dims, ...data.dims.slice(axis + 1)];
  if (isRows(data) && isRows(indices)) return 'it looks rows up by rows';
  if (isRows(indices)) return data.isCounted ? 'it looks rows up' : [rows(axis + indices.axis, dims)];
  if (!isRows(data) || data.axis === axis) return 'it works along the axis of the rows';
  return [rows(data.axis + (axis < data.axis ? indices.dims.length - 1 : 0), dims)];
};

export const gatherElements: Rule = (node) => {
  const [data, indices] = node.inputs;
  if (!isRows(data) || !isRows(indices) || data.axis !== indices.axis) return 'its rows are not in all of its inputs';
  const axis = positive(integer(node, 'axis', 0), data.dims.length);
  return axis === data.axis ? 'it works along the axis of the rows' : [indices];
};

export const squeeze: Rule = ofFirst((value, node) => {
  const given = integers(node, 'axes') ?? numbersOf(node.inputs[1]);
  if (given === undefined) return 'it takes out whatever axis has one element, that of the rows included';
  const axes = given.map((axis) => positive(axis, value.dims.length));
  return axes.includes(value.axis) ? 'it takes the axis of the rows out' : reduced(value, axes, false);
});

export const unsqueeze: Rule = ofFirst((value, node) => {
  const given = integers(node, 'axes') ?? numbersOf(node.inputs[1]);
  if (given === undefined) return 'its axes are not known';
  const rank = value.dims.length + given.length;
  const axes = given.map((axis) => positive(axis, rank));
  const rest = value.dims.map((size, axis) => ({ size, isRow: axis === value.axis }));
  const made = Array.from({ length: rank }, (_, axis) =>
    axes.includes(axis) ? { size: 1, isRow: false } : rest.shift()!,
  );
  return [
    rows(
      made.findIndex(({ isRow }) => isRow),
      made.map(({ size }) => size),
    ),
  ];
});

export const flatten: Rule = ofFirst((value, node) => {
  const axis = positive(integer(node, 'axis', 1), value.dims.length);
  // Of one row, [1, ...] in front of axis 0 and of axis 1 come to the same.
  const isOfOneRow = axis === 0 && node.declaredRows === 1;
  if (value.axis !== 0 || (axis !== 1 && !isOfOneRow)) return 'it puts the axis of the rows together with others';
  if (isOfOneRow) node.setAttribute('axis', 1);
  return [rows(0, unknown(2))];
});

/** A first size of 0 takes over the number of rows; row-major order then keeps every row's elements together. */
export const reshape: Rule = (node) => {
  const [value, { numbers: sizes = null } = fixed(null)] = node.inputs;
  if (!isRows(value) || value.axis !== 0) return 'it reshapes what has no rows on axis 0';
  if (sizes === null) return 'its shape is computed';
  const made = [
    rows(
      0,
      sizes.map((size) => (typeof size === 'number' && size > 0 ? size : null)),
    ),
  ];
  if (sizes[0] === 'rows') return made;
  if (sizes[0] === 0 && integer(node, 'allowzero', 0) === 0) return made;
  const numbers = numbersOf(node.inputs[1]);
  const isOfRows = sizes[0] === -1 || sizes[0] === node.declaredRows;
  if (numbers === undefined || !isOfRows || integer(node, 'allowzero', 0) === 1) return 'its shape is of one call';
  node.replaceInput(1, [0, ...numbers.slice(1)]);
  return made;
};

export const transpose: Rule = ofFirst((value, node) => {
  const perm = integers(node, 'perm') ?? value.dims.map((_, axis) => value.dims.length - 1 - axis);
  return [
    rows(
      perm.indexOf(value.axis),
      perm.map((axis) => value.dims[axis]),
    ),
  ];
});

export const pad: Rule = ofFirst((value, node) => {
  const rank = value.dims.length;
  const pads = integers(node, 'pads') ?? numbersOf(node.inputs[1]);
  if (pads?.length !== 2 * rank || node.inputs[3] !== undefined) return 'what it adds is not known';
  if (pads[value.axis] !== 0 || pads[value.axis + rank] !== 0) return 'it adds rows';
  return [rows(value.axis, unknown(rank))];
});

/** Factors by axis, that of the rows being 1. */
export const scaled = (input: number): Rule =>
  ofFirst((value, node) => {
    const factors = node.attributes.get('scales')?.floats ?? numbersOf(node.inputs[input]);
    if (factors?.length !== value.dims.length || factors[value.axis] !== 1) return 'it may scale the axis of the rows';
    return [rows(value.axis, unknown(value.dims.length))];
  });

export const expand: Rule = (node) => {
  const [value] = node.inputs;
  const sizes = node.inputs[1]?.numbers;
  if (!isRows(value)) return 'its rows are not in its first input';
  if (!sizes) return 'its shape is computed';
  const made = broadcast([value, fixed(sizes.map((size) => (size === 'rows' ? 1 : size)))]);
  return typeof made === 'string' ? made : [made];
};

export const oneHot: Rule = ofFirst((value, node) => {
  const rank = value.dims.length + 1;
  const axis = positive(integer(node, 'axis', -1), rank);
  return [rows(value.axis + (axis <= value.axis ? 1 : 0), unknown(rank))];
});

export const topK: Rule = ofFirst((value, node) => {
  const axis = positive(integer(node, 'axis', -1), value.dims.length);
  if (axis === value.axis) return 'it works along the axis of the rows';
  const best = rows(
    value.axis,
    value.dims.map((size, i) => (i === axis ? null : size)),
  );
  return Array.from({ length: node.outputs }, () => best);
});
