// Single strings.
import type { Vector } from '../core/duckdb.ts';
import { writeString } from '../core/duckdb-vectors.ts';
import type { ColumnBuffer, RowRange } from './column-buffer.ts';
import type { CallOutput, ScoredBatch } from './score-batch.ts';

export class TextBuffer implements ColumnBuffer {
  bytes = 0;
  readonly #texts: string[];
  readonly #index: number;

  constructor(index: number, capacity: number) {
    this.#index = index;
    this.#texts = new Array<string>(capacity).fill('');
  }

  add({ callOf, placeOf }: ScoredBatch, calls: readonly CallOutput[], { from, count, to }: RowRange): void {
    for (let row = from; row < from + count; row++) {
      const call = calls[callOf[row]];
      const text =
        call === undefined ? '' : (call.tensor.data as string[])[placeOf[row] * call.rowValues + this.#index];
      this.#texts[to + row - from] = text;
      this.bytes += text.length;
    }
  }

  write(vector: Vector, rows: number): void {
    for (let row = 0; row < rows; row++) writeString(vector, row, this.#texts[row]);
    this.bytes = 0;
  }
}
