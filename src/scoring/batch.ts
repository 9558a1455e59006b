// The rows of one place in the grid, as feeds in the making: what read-batches fills and score-batch consumes.
import type { NumberArray } from '../core/duckdb-vectors.ts';
import type { BoundInput } from '../model/binding.ts';
import { valuesFor } from './convert-values.ts';

export interface RowFault {
  readonly reason: string;
  readonly column: string | null;
  readonly message: string;
}

/** The values of one input for up to `capacity` rows: row-major when every row has one shape, else a list a row. */
export interface InputValues {
  readonly input: BoundInput;
  /** Values of one row, or null when rows differ. */
  readonly rowValues: number | null;
  /** rowValues * capacity values, when every row has one shape. */
  readonly even: NumberArray | string[];
  /** Each row's values and shape, when rows differ. */
  readonly uneven: { values: NumberArray | string[]; shape: readonly number[] }[];
}

export class Batch {
  readonly capacity: number;
  readonly inputs: readonly InputValues[];
  readonly faults = new Map<number, RowFault>();
  /** Row numbers within the shard. */
  readonly rowNumbers: Float64Array;
  shard = 0;
  grid = -1;
  rows = 0;

  constructor(inputs: readonly BoundInput[], capacity: number) {
    this.capacity = capacity;
    this.rowNumbers = new Float64Array(capacity);
    this.inputs = inputs.map((input) => {
      const isEven = input.rowShape.every((size) => size !== null);
      const rowValues = isEven
        ? (input.rowShape as readonly number[]).reduce((product, size) => product * size, 1)
        : null;
      const length = (rowValues ?? 0) * capacity;
      return {
        input,
        rowValues,
        even: valuesFor(input.dtype, length),
        uneven: [],
      };
    });
  }

  begin(shard: number, grid: number): void {
    this.shard = shard;
    this.grid = grid;
    this.rows = 0;
    this.faults.clear();
    for (const { uneven } of this.inputs) uneven.length = 0;
  }

  /** The first fault of a row is the one that is reported. */
  fault(row: number, reason: string, column: string | null, message: string): void {
    if (!this.faults.has(row)) this.faults.set(row, { reason, column, message });
  }
}
