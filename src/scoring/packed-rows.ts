// The rows of one chunk that DuckDB has packed: a view on its memory is the tensor, unless a null must be seen to.
import type { Vector } from '../core/duckdb.ts';
import { isValid, listOf, type NumberArray, numbersOf, validityOf } from '../core/duckdb-vectors.ts';
import type { Batch, InputValues } from './batch.ts';
import type { BoundInput } from './binding.ts';
import { notANumber } from './not-a-number.ts';
import { type Packing, PackingRefused } from './packing.ts';

export interface PackedRows {
  /** Row i has `width` values from i * width. Valid while the chunk lives. */
  readonly values: NumberArray;
  /** Of the values; null when every one is there. */
  readonly validity: Uint8Array | null;
  readonly width: number;
}

/** The packed rows of a chunk. Throws PackingRefused where a value may not be exact or the lists lie otherwise. */
export function packedRowsOf(vector: Vector, rows: number, packing: Packing, { columns }: BoundInput): PackedRows {
  const width = columns.length;
  const lists = listOf(vector, rows);
  // Constants, for one, are stored once for all rows.
  if (lists.childCount !== rows * width) throw new PackingRefused('the lists of a chunk share values');
  for (let row = 0; row < rows; row++) {
    if (lists.startOf(row) !== row * width) throw new PackingRefused('the lists of a chunk are not in row order');
  }
  const packed = {
    values: numbersOf(lists.child, packing.type.slice(0, -2), rows * width),
    validity: validityOf(lists.child, rows * width),
    width,
  };
  requireExact(packed, packing);
  return packed;
}

function requireExact({ values, validity, width }: PackedRows, { checked, exactBelow }: Packing): void {
  const numbers = values as Float64Array;
  for (const column of checked) {
    for (let place = column; place < numbers.length; place += width) {
      if (Math.abs(numbers[place]) >= exactBelow && isValid(validity, place)) {
        throw new PackingRefused(`a whole number of ${numbers[place]} may have been rounded`);
      }
    }
  }
}

/** Makes rows [from, to) those of an empty batch. */
export function takePackedRows(batch: Batch, target: InputValues, rows: PackedRows, from: number, to: number): void {
  const { values, validity, width } = rows;
  const taken = values.subarray(from * width, to * width);
  if (validity === null) {
    target.even = taken;
    return;
  }
  (target.own as Float64Array).set(taken as Float64Array);
  const standIn = notANumber(target.input);
  const { columns } = target.input as BoundInput;
  for (let place = 0; place < taken.length; place++) {
    if (isValid(validity, from * width + place)) continue;
    if (standIn !== null) (target.own as Float64Array)[place] = standIn;
    else batch.fault(Math.floor(place / width), 'null', columns[place % width].label, 'null');
  }
}
