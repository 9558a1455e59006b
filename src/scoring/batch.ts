// The rows of one place in the grid, as feeds in the making: what read-batches fills and score-batch consumes.
import type { NumberArray } from '../core/duckdb-vectors.ts';
import type { RawValue } from '../core/preparer.ts';
import type { RejectReason } from '../core/reject-reasons.ts';
import type { Preparation, TensorInput } from './binding.ts';
import { valuesFor } from './convert-values.ts';

export interface RowFault {
  readonly reason: RejectReason;
  readonly column: string | null;
  readonly message: string;
}

/** The values of one input for up to `capacity` rows: row-major when every row has one shape, else a list a row. */
export interface InputValues {
  readonly input: TensorInput;
  /** Values of one row, or null when rows differ. */
  readonly rowValues: number | null;
  /** rowValues * capacity values, when every row has one shape: `own`, or a view on the rows of a chunk. */
  even: NumberArray | string[];
  readonly own: NumberArray | string[];
  /** Each row's values and shape, when rows differ. */
  readonly uneven: { values: NumberArray | string[]; shape: readonly number[] }[];
  /** The length that each row is filled up to, once calls are planned; empty when rows are not filled up. */
  readonly filledTo: Int32Array;
}

export class Batch {
  readonly capacity: number;
  /** Those that columns feed, then those that are prepared. */
  readonly inputs: readonly InputValues[];
  /** By preparation and column: what the rows' tensors are made of. */
  readonly raw: readonly (readonly (RawValue | null)[][])[];
  readonly faults = new Map<number, RowFault>();
  /** Row numbers within the shard. */
  readonly rowNumbers: Float64Array;
  shard = 0;
  grid = -1;
  rows = 0;

  constructor(inputs: readonly TensorInput[], capacity: number, preparations: readonly Preparation[] = []) {
    this.capacity = capacity;
    this.raw = preparations.map(({ columns }) => columns.map(() => []));
    this.rowNumbers = new Float64Array(capacity);
    this.inputs = [...inputs, ...preparations.flatMap((preparation) => preparation.inputs)].map((input) => {
      const isEven = input.rowShape.every((size) => size !== null);
      const rowValues = isEven
        ? (input.rowShape as readonly number[]).reduce((product, size) => product * size, 1)
        : null;
      const own = valuesFor(input.dtype, (rowValues ?? 0) * capacity);
      return {
        input,
        rowValues,
        even: own,
        own,
        uneven: [],
        filledTo: new Int32Array(isEven || input.padding === undefined ? 0 : capacity),
      };
    });
  }

  begin(shard: number, grid: number): void {
    this.shard = shard;
    this.grid = grid;
    this.rows = 0;
    this.faults.clear();
    for (const values of this.inputs) {
      values.uneven.length = 0;
      values.even = values.own;
    }
    for (const columns of this.raw) for (const values of columns) values.length = 0;
  }

  /** One more row, of zeros and empty texts; none where rows may differ in length. Only a batch that was filled once has room. */
  addBlankRow(): void {
    if (this.rows === this.capacity || this.inputs.some(({ rowValues }) => rowValues === null)) return;
    this.rowNumbers[this.rows] = this.rows === 0 ? 0 : this.rowNumbers[this.rows - 1] + 1;
    this.rows++;
  }

  /** The first fault of a row is the one that is reported. */
  fault(row: number, reason: RejectReason, column: string | null, message: string): void {
    if (!this.faults.has(row)) this.faults.set(row, { reason, column, message });
  }
}
