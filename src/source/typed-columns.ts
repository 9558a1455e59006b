// The rows of one split as typed arrays, one for each column, that are copied into DuckDB's vectors as they are.
import type { Chunk, Vector } from '../core/duckdb.ts';
import {
  type NumberArray,
  numberArrays,
  vectorOf,
  writeNumbers,
  writeTextSlots,
  writeValidityBits,
} from '../core/duckdb-vectors.ts';

/** Bytes of a text's slot: its length, then up to 12 bytes; of a longer one its first 4, and where it begins in `long`. */
export const slotBytes = 16;
export const mostInlineBytes = 12;

export class TypedColumn {
  readonly type: string;
  /** The values of every type but VARCHAR. */
  readonly numbers: NumberArray | null;
  /** The slots of VARCHAR. */
  readonly slots: Uint8Array | null;
  /** Texts of more than `mostInlineBytes`, one after the other. */
  long = Buffer.alloc(0);
  longBytes = 0;
  /** A bit for each row, 0 where it has no value; null: all have one. */
  #validity: Uint8Array | null = null;
  readonly #rows: number;

  constructor(type: string, rows: number) {
    this.type = type;
    this.#rows = rows;
    this.numbers = type === 'VARCHAR' ? null : new numberArrays[type](rows);
    this.slots = type === 'VARCHAR' ? new Uint8Array(rows * slotBytes) : null;
  }

  setNull(row: number): void {
    this.#validity ??= new Uint8Array(Math.ceil(this.#rows / 64) * 8).fill(0xff);
    this.#validity[row >> 3] &= ~(1 << (row & 7));
  }

  setText(row: number, bytes: Uint8Array, start: number, end: number): void {
    const slots = this.slots!;
    const length = end - start;
    const at = row * slotBytes;
    slots[at] = length;
    if (length <= mostInlineBytes) {
      for (let i = 0; i < length; i++) slots[at + 4 + i] = bytes[start + i];
      return;
    }
    if (this.longBytes + length > this.long.length) this.#grow(length);
    this.long.set(bytes.subarray(start, end), this.longBytes);
    const view = new DataView(slots.buffer, slots.byteOffset + at, slotBytes);
    view.setUint32(0, length, true);
    view.setUint32(8, this.longBytes, true);
    for (let i = 0; i < 4; i++) slots[at + 4 + i] = bytes[start + i];
    this.longBytes += length;
  }

  /** Makes a row as if nothing had been set. */
  clear(row: number): void {
    this.slots?.fill(0, row * slotBytes, (row + 1) * slotBytes);
    if (this.#validity !== null) this.#validity[row >> 3] |= 1 << (row & 7);
  }

  /** Rows `[from, to)` into a vector; `from` is a multiple of 8. */
  write(vector: Vector, from: number, to: number): void {
    if (this.numbers !== null) writeNumbers(vector, this.numbers.subarray(from, to) as NumberArray);
    else writeTextSlots(vector, this.slots!.subarray(from * slotBytes, to * slotBytes), this.long);
    if (this.#validity !== null) writeValidityBits(vector, this.#validity.subarray(from >> 3, (to + 7) >> 3));
  }

  #grow(length: number): void {
    const grown = Buffer.allocUnsafe(Math.max(64 * 1024, this.long.length * 2, this.longBytes + length));
    this.long.copy(grown, 0, 0, this.longBytes);
    this.long = grown;
  }
}

export const hasTypedColumn = (type: string): boolean => type === 'VARCHAR' || type in numberArrays;

/** Fills the vectors of a chunk with rows of the columns at `places`; others are left alone. */
export function writeColumns(
  chunk: Chunk,
  columns: readonly TypedColumn[],
  places: readonly number[],
  from: number,
  to: number,
): void {
  for (const [index, place] of places.entries()) columns[place]?.write(vectorOf(chunk, index), from, to);
}
