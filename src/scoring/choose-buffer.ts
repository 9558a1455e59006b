// Which buffer gathers a result column, and the type that its values have in the result table.
import { sqlTypeOfDtype } from '../core/dtype.ts';
import type { ResultColumn } from './binding.ts';
import type { ColumnBuffer } from './column-buffer.ts';
import { ListBuffer } from './list-buffer.ts';
import { NumberBuffer } from './number-buffer.ts';
import { TextBuffer } from './text-buffer.ts';

/** A fixed-size list of up to this many values is stored as one; DuckDB sets aside a chunk's full size for each. */
const mostArrayValues = 1024;

/** The type of a column in the result table: small fixed sizes as arrays, all else as lists; cast when the part is written. */
export function storedType({ dtype, index, rowShape }: ResultColumn): string {
  const leaf = sqlTypeOfDtype[dtype];
  if (index !== null) return leaf;
  return isSmallArray(rowShape) && dtype !== 'string'
    ? leaf +
        [...rowShape]
          .reverse()
          .map((size) => `[${size}]`)
          .join('')
    : leaf + '[]'.repeat(rowShape.length);
}

export function chooseBuffer(column: ResultColumn, capacity: number): ColumnBuffer {
  const { dtype, index, rowShape } = column;
  if (dtype === 'string') return index === null ? new ListBuffer(column) : new TextBuffer(index, capacity);
  if (index !== null) return new NumberBuffer({ dtype, index, sizes: [], capacity });
  return isSmallArray(rowShape)
    ? new NumberBuffer({ dtype, index: 0, sizes: rowShape, capacity })
    : new ListBuffer(column);
}

function isSmallArray(rowShape: readonly (number | null)[]): rowShape is readonly number[] {
  if (!rowShape.every((size) => size !== null)) return false;
  const values = rowShape.reduce((product, size) => product * size, 1);
  return values > 0 && values <= mostArrayValues;
}
