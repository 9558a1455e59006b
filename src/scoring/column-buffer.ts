// Up to one chunk of values of one result column, gathered row by row from the calls that scored them.
import { sqlTypeOfDtype } from '../core/dtype.ts';
import type { Vector } from '../core/duckdb.ts';
import { arrayChildOf, numberArrays, type NumberArray, writeLists, writeNumbers, writeString } from '../core/duckdb-vectors.ts';
import type { ResultColumn } from '../model/binding.ts';
import { float16Value } from './float16.ts';
import type { CallOutput, ScoredBatch } from './score-batch.ts';

export interface ColumnBuffer {
  /** Memory held beyond what is allocated for good. */
  readonly bytes: number;
  /** Takes rows [from, from + count) of a batch as rows [to, to + count) of the chunk. */
  add(scored: ScoredBatch, calls: readonly CallOutput[], from: number, count: number, to: number): void;
  /** Writes the first `rows` rows and forgets them. Rows that were not scored hold anything. */
  write(vector: Vector, rows: number): void;
}

/** A fixed-size list of up to this many values is stored as one; DuckDB sets aside a chunk's full size for each. */
const mostArrayValues = 1024;

/** The type of a column in the result table: small fixed sizes as arrays, all else as lists; cast when the part is written. */
export function storedType({ dtype, index, rowShape }: ResultColumn): string {
  const leaf = sqlTypeOfDtype[dtype];
  if (index !== null) return leaf;
  return isSmallArray(rowShape) && dtype !== 'string'
    ? leaf + [...rowShape].reverse().map((size) => `[${size}]`).join('')
    : leaf + '[]'.repeat(rowShape.length);
}

function isSmallArray(rowShape: readonly (number | null)[]): rowShape is readonly number[] {
  if (!rowShape.every((size) => size !== null)) return false;
  const values = (rowShape as readonly number[]).reduce((product, size) => product * size, 1);
  return values > 0 && values <= mostArrayValues;
}

export function columnBufferFor(column: ResultColumn, capacity: number): ColumnBuffer {
  const { dtype, index, rowShape } = column;
  if (dtype === 'string') return index === null ? new ListBuffer(column) : new TextBuffer(index, capacity);
  if (index !== null) return new NumberBuffer(column, index, 1, 0, capacity);
  if (!isSmallArray(rowShape)) return new ListBuffer(column);
  return new NumberBuffer(column, 0, rowShape.reduce((product, size) => product * size, 1), rowShape.length, capacity);
}

/** Single numbers, or small arrays of `width` numbers. */
class NumberBuffer implements ColumnBuffer {
  readonly bytes = 0;
  readonly #values: NumberArray;
  readonly #index: number;
  readonly #width: number;
  readonly #levels: number;
  readonly #isFloat16: boolean;

  constructor({ dtype }: ResultColumn, index: number, width: number, levels: number, capacity: number) {
    this.#values = new numberArrays[sqlTypeOfDtype[dtype]](capacity * width);
    this.#index = index;
    this.#width = width;
    this.#levels = levels;
    this.#isFloat16 = dtype === 'float16';
  }

  add({ callOf, placeOf }: ScoredBatch, calls: readonly CallOutput[], from: number, count: number, to: number): void {
    const width = this.#width;
    const values = this.#values as Float64Array;
    for (let row = from; row < from + count; row++) {
      const call = calls[callOf[row]];
      if (call === undefined) continue;
      const source = call.tensor.data as Float64Array;
      const start = placeOf[row] * call.rowValues + this.#index;
      const target = (to + row - from) * width;
      for (let index = 0; index < width; index++) {
        values[target + index] = this.#isFloat16 ? float16Value(source[start + index]) : source[start + index];
      }
    }
  }

  write(vector: Vector, rows: number): void {
    let leaf = vector;
    for (let level = 0; level < this.#levels; level++) leaf = arrayChildOf(leaf);
    writeNumbers(leaf, this.#values.subarray(0, rows * this.#width) as NumberArray);
  }
}

class TextBuffer implements ColumnBuffer {
  bytes = 0;
  readonly #texts: string[];
  readonly #index: number;

  constructor(index: number, capacity: number) {
    this.#index = index;
    this.#texts = new Array<string>(capacity).fill('');
  }

  add({ callOf, placeOf }: ScoredBatch, calls: readonly CallOutput[], from: number, count: number, to: number): void {
    for (let row = from; row < from + count; row++) {
      const call = calls[callOf[row]];
      const text = call === undefined ? '' : (call.tensor.data as string[])[placeOf[row] * call.rowValues + this.#index];
      this.#texts[to + row - from] = text;
      this.bytes += text.length;
    }
  }

  write(vector: Vector, rows: number): void {
    for (let row = 0; row < rows; row++) writeString(vector, row, this.#texts[row]);
    this.bytes = 0;
  }
}

/** Lists of any length and depth. */
class ListBuffer implements ColumnBuffer {
  bytes = 0;
  readonly #column: ResultColumn;
  readonly #rows: { readonly values: ArrayLike<unknown>; readonly shape: readonly number[] }[] = [];

  constructor(column: ResultColumn) {
    this.#column = column;
  }

  add({ callOf, placeOf }: ScoredBatch, calls: readonly CallOutput[], from: number, count: number, to: number): void {
    const empty = { values: [], shape: this.#column.rowShape.map(() => 0) };
    for (let row = from; row < from + count; row++) {
      const call = calls[callOf[row]];
      if (call === undefined) {
        this.#rows[to + row - from] = empty;
        continue;
      }
      const start = placeOf[row] * call.rowValues;
      const values = call.tensor.data.slice(start, start + call.rowValues);
      this.#rows[to + row - from] = { values, shape: call.rowShape };
      this.bytes += call.rowValues * 8;
    }
  }

  write(vector: Vector, rows: number): void {
    const { dtype, rowShape } = this.#column;
    let leaf = vector;
    let above = this.#rows.slice(0, rows).map(() => 1);
    for (let level = 0; level < rowShape.length; level++) {
      const lengths: number[] = [];
      for (const [row, { shape }] of this.#rows.entries()) {
        for (let index = 0; index < above[row]; index++) lengths.push(shape[level]);
        above[row] *= shape[level];
      }
      leaf = writeLists(leaf, lengths);
    }
    const total = above.reduce((sum, count) => sum + count, 0);
    if (dtype === 'string') {
      let place = 0;
      for (const { values } of this.#rows) for (const text of values as string[]) writeString(leaf, place++, text);
    } else {
      const numbers = new numberArrays[sqlTypeOfDtype[dtype]](total) as Float64Array;
      let place = 0;
      for (const { values } of this.#rows) {
        if (dtype === 'float16') for (const bits of values as ArrayLike<number> & Iterable<number>) numbers[place++] = float16Value(bits);
        else {
          numbers.set(values as Float64Array, place);
          place += values.length;
        }
      }
      writeNumbers(leaf, numbers as NumberArray);
    }
    this.#rows.length = 0;
    this.bytes = 0;
    above = [];
  }
}
