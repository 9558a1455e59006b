// List columns into tensors: each row's list, nested or flat, must have as many values as the input's row shape says; where
// the shape is open, each row brings its own.
import { isValid, type NumberArray } from '../core/duckdb-vectors.ts';
import type { InputValues, RowFault } from './batch.ts';
import { convertDigits, convertValues, misfitOfText, valuesFor } from './convert-values.ts';
import type { CopyRow } from './copy-rows.ts';
import { type Leaf, type ListColumn, rangeOf } from './list-column.ts';
import { shapeOfLists } from './list-shape.ts';
import { notANumber } from './not-a-number.ts';

/** Copies rows of a list column; a row whose lists have another shape than the input takes does not fit. */
export const copyLists =
  (values: InputValues, list: ListColumn): CopyRow =>
  (row, target) =>
    copyRow(values, list, row, target);

/** Copies one row, or says why it does not fit. */
function copyRow(values: InputValues, list: ListColumn, row: number, target: number): Omit<RowFault, 'column'> | null {
  const { input, rowValues } = values;
  const range = rangeOf(list, row);
  if (range === 'null') return { reason: 'null', message: 'null' };
  if (typeof range === 'string') return { reason: 'list-shape', message: range };
  const { start, sizes } = range;
  const shape = shapeOfLists(input.rowShape, sizes);
  if (typeof shape === 'string') return { reason: 'list-length', message: shape };
  const count = sizes.reduce((product, size) => product * size, 1);
  const { leaf } = list;
  const hasNull = hasNullIn(leaf, start, count);
  if (hasNull && notANumber(input) === null) return { reason: 'null', message: 'a null in the list' };
  const places = rowValues === null ? valuesFor(input.dtype, count) : values.even;
  const to = rowValues === null ? 0 : target * rowValues;
  if (rowValues === null) values.uneven[target] = { values: places, shape };
  if (input.dtype === 'string') {
    for (let index = 0; index < count; index++) {
      const text = leaf.texts![start + index]!;
      const message = misfitOfText(text);
      if (message !== null) return { reason: 'value-misfit', message: `value ${index} of the list: ${message}` };
      (places as string[])[to + index] = text;
    }
    return null;
  }
  const message = copyNumbers(leaf, { start, count, hasNull }, places as NumberArray, to, input);
  return message === null ? null : { reason: 'value-misfit', message };
}

function hasNullIn({ validity }: Leaf, start: number, count: number): boolean {
  if (validity === null) return false;
  for (let index = start; index < start + count; index++) if (!isValid(validity, index)) return true;
  return false;
}

function copyNumbers(
  { numbers, texts, type, validity }: Leaf,
  { start, count, hasNull }: { readonly start: number; readonly count: number; readonly hasNull: boolean },
  places: NumberArray,
  to: number,
  input: InputValues['input'],
): string | null {
  if (input.dtype === 'string') throw new Error(`${input.name} takes text`);
  let problem: string | null = null;
  const misfit = (index: number, message: string): void => {
    problem ??= `value ${index} of the list: ${message}`;
  };
  const placement = { from: start, count, to, stride: 1 };
  const isThere = hasNull ? (index: number): boolean => isValid(validity, index) : null;
  if (texts !== null) convertDigits(texts, input.dtype, places, placement, misfit);
  else convertValues(numbers!, type, input.dtype, places, placement, isThere, misfit);
  for (let index = 0; hasNull && index < count; index++) {
    if (!isValid(validity, start + index)) (places as Float64Array)[to + index] = notANumber(input)!;
  }
  return problem;
}
