// Lists of any length and depth: each row's values and shape, laid out level by level when they are written.
import { sqlTypeOfDtype } from '../core/dtype.ts';
import type { Vector } from '../core/duckdb.ts';
import { type NumberArray, numberArrays, writeLists, writeNumbers, writeString } from '../core/duckdb-vectors.ts';
import { float16Value } from '../core/float16.ts';
import type { TensorValues } from '../model/session.ts';
import type { ResultColumn } from './binding.ts';
import type { ColumnBuffer, RowRange } from './column-buffer.ts';
import type { CallOutput, ScoredBatch } from './score-batch.ts';

interface RowValues {
  readonly values: TensorValues;
  readonly shape: readonly number[];
}

export class ListBuffer implements ColumnBuffer {
  bytes = 0;
  readonly #column: ResultColumn;
  readonly #rows: RowValues[] = [];

  constructor(column: ResultColumn) {
    this.#column = column;
  }

  add({ callOf, placeOf }: ScoredBatch, calls: readonly CallOutput[], { from, count, to }: RowRange): void {
    const empty: RowValues = { values: [], shape: this.#column.rowShape.map(() => 0) };
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
    const taken = this.#rows.splice(0, rows);
    const leaf = this.#writeLevels(vector, taken);
    if (this.#column.dtype === 'string') writeTexts(leaf, taken);
    else writeNumbers(leaf, this.#numbersOf(taken));
    this.bytes = 0;
  }

  /** Lays out the lists of every level; returns the vector for the values. */
  #writeLevels(vector: Vector, rows: readonly RowValues[]): Vector {
    let leaf = vector;
    const listsOfRow = rows.map(() => 1);
    for (const level of this.#column.rowShape.keys()) {
      const lengths: number[] = [];
      for (const [row, { shape }] of rows.entries()) {
        for (let list = 0; list < listsOfRow[row]; list++) lengths.push(shape[level]);
        listsOfRow[row] *= shape[level];
      }
      leaf = writeLists(leaf, lengths);
    }
    return leaf;
  }

  #numbersOf(rows: readonly RowValues[]): NumberArray {
    const { dtype } = this.#column;
    const total = rows.reduce((sum, { values }) => sum + values.length, 0);
    const numbers = new numberArrays[sqlTypeOfDtype[dtype]](total);
    let place = 0;
    for (const { values } of rows) {
      const source = values as Float64Array;
      (numbers as Float64Array).set(dtype === 'float16' ? Array.from(source, float16Value) : source, place);
      place += values.length;
    }
    return numbers;
  }
}

function writeTexts(vector: Vector, rows: readonly RowValues[]): void {
  let place = 0;
  for (const { values } of rows) for (const text of values as string[]) writeString(vector, place++, text);
}
