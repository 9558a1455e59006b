// List columns into tensors: each row's list, nested or flat, must have as many values as the input's row shape says; where
// the shape is open, each row brings its own.
import type { Vector } from '../core/duckdb.ts';
import { arrayOf, isValid, type ListView, listOf, type NumberArray, numbersOf, stringsOf, validityOf } from '../core/duckdb-vectors.ts';
import type { BoundColumn } from '../model/binding.ts';
import type { Batch, InputValues } from './batch.ts';
import { arrayFor, convertValues } from './convert-values.ts';

/** The values of all rows of a chunk's list vector, flat, and what is needed to find a row's own. */
interface Leaf {
  readonly type: string;
  readonly validity: Uint8Array | null;
  readonly numbers: NumberArray | null;
  readonly texts: readonly (string | null)[] | null;
}

/** A list column of one chunk: its levels from the outermost, and the values at the bottom. */
export interface ListColumn {
  readonly levels: readonly ListView[];
  readonly leaf: Leaf;
}

export function listColumnOf(vector: Vector, listType: string, rows: number): ListColumn {
  const levels: ListView[] = [];
  let type = listType;
  let child = vector;
  let count = rows;
  for (let match = /\[(\d*)\]$/.exec(type); match !== null; match = /\[(\d*)\]$/.exec(type)) {
    const level: ListView = match[1] === '' ? listOf(child, count) : arrayOf(child, count, Number(match[1]));
    levels.push(level);
    child = level.child;
    count = level.childCount;
    type = type.slice(0, match.index);
  }
  const isText = type === 'VARCHAR';
  const leaf: Leaf = {
    type,
    validity: validityOf(child, count),
    numbers: isText ? null : numbersOf(child, type, count),
    texts: isText ? stringsOf(child, count) : null,
  };
  return { levels, leaf };
}

/** Copies rows [from, to) of a list column to the end of the batch; a row that does not fit becomes a fault. */
export function copyLists(
  batch: Batch,
  values: InputValues,
  column: BoundColumn,
  { levels, leaf }: ListColumn,
  from: number,
  to: number,
): void {
  for (let row = from; row < to; row++) copyRow(batch, values, column, levels, leaf, row, batch.rows + row - from);
}

function copyRow(
  batch: Batch,
  values: InputValues,
  column: BoundColumn,
  levels: readonly ListView[],
  leaf: Leaf,
  row: number,
  target: number,
): void {
  const { input } = values;
  const fault = (reason: string, message: string): void => {
    batch.fault(target, reason, column.label, message);
    if (values.rowValues === null) values.uneven.push({ values: [], shape: [] });
  };
  if (!isValid(levels[0].validity, row)) return fault('null', 'null');
  const range = rangeOf(levels, row);
  if (typeof range === 'string') return fault(range === 'null' ? 'null' : 'list-shape', range);
  const { start, sizes } = range;
  const count = sizes.reduce((product, size) => product * size, 1);
  const shape = shapeFor(input.rowShape, sizes, count);
  if (typeof shape === 'string') return fault('list-length', shape);
  const { dtype } = input;
  const becomesNaN = input.nulls === 'nan' && dtype.startsWith('float');
  const isThere = (index: number): boolean => isValid(leaf.validity, index);
  let hasNull = false;
  if (leaf.validity !== null) for (let index = start; index < start + count && !hasNull; index++) hasNull = !isThere(index);
  if (hasNull && !becomesNaN) return fault('null', 'a null in the list');
  const isEven = values.rowValues !== null;
  const offset = isEven ? target * count : 0;
  if (leaf.texts !== null) {
    const texts = leaf.texts.slice(start, start + count).map((text) => text ?? '');
    if (isEven) for (const [index, text] of texts.entries()) (values.even as string[])[offset + index] = text;
    else values.uneven.push({ values: texts, shape });
    return;
  }
  if (leaf.numbers === null || dtype === 'string') return;
  const places = isEven ? (values.even as NumberArray) : arrayFor(dtype, count);
  convertValues(
    leaf.numbers,
    leaf.type,
    dtype,
    places,
    { from: start, count, to: offset, stride: 1 },
    hasNull ? isThere : null,
    (index, message) => batch.fault(target, 'value-misfit', column.label, `value ${index} of the list: ${message}`),
  );
  if (hasNull) {
    const notANumber = dtype === 'float16' ? 0x7e00 : Number.NaN;
    for (let index = 0; index < count; index++) {
      if (!isThere(start + index)) (places as Float64Array)[offset + index] = notANumber;
    }
  }
  if (!isEven) values.uneven.push({ values: places, shape });
}

/** Where a row's values lie in the leaf and the size of each level, or why its lists have no one shape. */
function rangeOf(levels: readonly ListView[], row: number): { readonly start: number; readonly sizes: readonly number[] } | string {
  let start = levels[0].startOf(row);
  let count = levels[0].lengthOf(row);
  const sizes = [count];
  for (const level of levels.slice(1)) {
    if (count === 0) {
      sizes.push(0);
      continue;
    }
    const size = level.lengthOf(start);
    const first = level.startOf(start);
    for (let index = 0; index < count; index++) {
      if (!isValid(level.validity, start + index)) return 'null';
      if (level.lengthOf(start + index) !== size) return 'the inner lists differ in length';
      if (level.startOf(start + index) !== first + index * size) return 'the inner lists are not stored one after the other';
    }
    start = first;
    count *= size;
    sizes.push(size);
  }
  return { start, sizes };
}

/** The tensor shape of a row with these list sizes, or what is wrong with them. */
function shapeFor(rowShape: readonly (number | null)[], sizes: readonly number[], count: number): readonly number[] | string {
  const known = rowShape.filter((size) => size !== null).reduce((product, size) => product * size, 1);
  const open = rowShape.filter((size) => size === null).length;
  if (open === 0) return count === known ? (rowShape as readonly number[]) : `expected ${known} values, got ${count}`;
  if (sizes.length === rowShape.length) {
    const fits = rowShape.every((size, axis) => size === null || size === sizes[axis]);
    return fits ? sizes : `expected lists of [${rowShape.map((size) => size ?? '?').join(', ')}] values, got [${sizes.join(', ')}]`;
  }
  if (open > 1) return `expected ${rowShape.length} levels of lists, got ${sizes.length}`;
  if (known === 0 || count % known !== 0) return `expected a multiple of ${known} values, got ${count}`;
  return rowShape.map((size) => size ?? count / known);
}
