// Single numbers, or small arrays of a fixed shape, in one typed array that is copied into DuckDB's vector as it is.
import { type Dtype, sqlTypeOfDtype } from '../core/dtype.ts';
import type { Vector } from '../core/duckdb.ts';
import { arrayChildOf, type NumberArray, numberArrays, writeNumbers } from '../core/duckdb-vectors.ts';
import { float16Value } from '../core/float16.ts';
import type { ColumnBuffer, RowRange } from './column-buffer.ts';
import type { CallOutput, ScoredBatch } from './score-batch.ts';

export interface NumberBufferOptions {
  readonly dtype: Dtype;
  /** The first value to take of a row. */
  readonly index: number;
  /** The shape of the array; empty for a single number. */
  readonly sizes: readonly number[];
  readonly capacity: number;
}

export class NumberBuffer implements ColumnBuffer {
  readonly bytes = 0;
  readonly #values: NumberArray;
  readonly #index: number;
  readonly #width: number;
  readonly #levels: number;
  readonly #isFloat16: boolean;

  constructor({ dtype, index, sizes, capacity }: NumberBufferOptions) {
    this.#index = index;
    this.#width = sizes.reduce((product, size) => product * size, 1);
    this.#levels = sizes.length;
    this.#isFloat16 = dtype === 'float16';
    this.#values = new numberArrays[sqlTypeOfDtype[dtype]](capacity * this.#width);
  }

  add({ callOf, placeOf }: ScoredBatch, calls: readonly CallOutput[], { from, count, to }: RowRange): void {
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
