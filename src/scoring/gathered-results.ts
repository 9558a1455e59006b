// The results of up to one chunk of rows, gathered from the batches that scored them: whether each row was scored, and its
// values column by column.

import type { Vector } from '../core/duckdb.ts';
import { chunkRows } from '../core/duckdb.ts';
import { writeNumbers } from '../core/duckdb-vectors.ts';
import type { ResultColumn } from './binding.ts';
import { checkResultShape } from './check-result-shape.ts';
import { chooseBuffer } from './choose-buffer.ts';
import type { ColumnBuffer, RowRange } from './column-buffer.ts';
import type { ScoredBatch } from './score-batch.ts';

export class GatheredResults {
  readonly #columns: readonly ResultColumn[];
  readonly #buffers: readonly ColumnBuffer[];
  readonly #scored = new Uint8Array(chunkRows);

  constructor(columns: readonly ResultColumn[]) {
    this.#columns = columns;
    this.#buffers = columns.map((column) => chooseBuffer(column, chunkRows));
  }

  /** Memory held beyond what is allocated for good. */
  get bytes(): number {
    return this.#buffers.reduce((total, buffer) => total + buffer.bytes, 0);
  }

  /** Fails with `result-shape` when the model gave rows of a shape that was not planned for. */
  check({ outputs }: ScoredBatch): void {
    for (const column of this.#columns) for (const call of outputs[column.output]) checkResultShape(column, call);
  }

  /** Takes rows of a batch. */
  add(scored: ScoredBatch, range: RowRange): void {
    const { from, count, to } = range;
    for (let row = 0; row < count; row++) this.#scored[to + row] = scored.callOf[from + row] === -1 ? 0 : 1;
    for (const [index, { output }] of this.#columns.entries()) {
      this.#buffers[index].add(scored, scored.outputs[output], range);
    }
  }

  /** Writes the first `rows` rows and forgets them: the flags, then one vector a column. */
  write(flags: Vector, columns: readonly Vector[], rows: number): void {
    writeNumbers(flags, this.#scored.subarray(0, rows));
    for (const [index, buffer] of this.#buffers.entries()) buffer.write(columns[index], rows);
  }
}
