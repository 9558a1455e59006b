// Raw vectors of DuckDB chunks: reading as typed-array views over native memory (valid while the chunk lives), writing by
// memory copy. Layouts: https://duckdb.org/docs/stable/clients/c/vector and string_t (16 bytes: length, then 12 bytes inline
// or a 4-byte prefix and a pointer).
import duckdb from '@duckdb/node-bindings';
import type { Chunk, Vector } from './duckdb.ts';

export type NumberArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array;

type NumberArrayConstructor = {
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): NumberArray;
  new (length: number): NumberArray;
  readonly BYTES_PER_ELEMENT: number;
};

/** The array that views a fixed-width SQL type's memory; BOOLEAN is one byte, 0 or 1. */
export const numberArrays: Readonly<Record<string, NumberArrayConstructor>> = {
  BOOLEAN: Uint8Array,
  TINYINT: Int8Array,
  SMALLINT: Int16Array,
  INTEGER: Int32Array,
  BIGINT: BigInt64Array,
  UTINYINT: Uint8Array,
  USMALLINT: Uint16Array,
  UINTEGER: Uint32Array,
  UBIGINT: BigUint64Array,
  FLOAT: Float32Array,
  DOUBLE: Float64Array,
};

export const rowsOf = (chunk: Chunk): number => duckdb.data_chunk_get_size(chunk);
export const vectorOf = (chunk: Chunk, column: number): Vector => duckdb.data_chunk_get_vector(chunk, column);

/** `count` values of a fixed-width vector, as a view; nulls hold arbitrary bits. */
export function numbersOf(vector: Vector, type: string, count: number): NumberArray {
  const NumberArrayOfType = numberArrays[type];
  const bytes = duckdb.vector_get_data(vector, count * NumberArrayOfType.BYTES_PER_ELEMENT);
  return new NumberArrayOfType(bytes.buffer, bytes.byteOffset, count);
}

/** Validity bits, 64 rows to a word, or null when every value is there. */
export function validityOf(vector: Vector, count: number): Uint8Array | null {
  return duckdb.vector_get_validity(vector, Math.ceil(count / 64) * 8);
}

export const isValid = (validity: Uint8Array | null, row: number): boolean =>
  validity === null || (validity[row >> 3] & (1 << (row & 7))) !== 0;

// A byte order mark inside data is a letter like any other.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Bytes of each VARCHAR or BLOB value; null where the value is null. Views: copy what must outlive the chunk. */
export function bytesOf(vector: Vector, count: number): (Uint8Array | null)[] {
  const validity = validityOf(vector, count);
  const data = duckdb.vector_get_data(vector, count * 16);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return Array.from({ length: count }, (_, row) => {
    if (!isValid(validity, row)) return null;
    const length = view.getUint32(row * 16, true);
    if (length <= 12) return data.subarray(row * 16 + 4, row * 16 + 4 + length);
    return duckdb.get_data_from_pointer(data.buffer as ArrayBuffer, data.byteOffset + row * 16 + 8, length);
  });
}

/** VARCHAR values; null where the value is null. */
export function stringsOf(vector: Vector, count: number): (string | null)[] {
  return bytesOf(vector, count).map((bytes) => (bytes === null ? null : decoder.decode(bytes)));
}

export interface ListView {
  readonly validity: Uint8Array | null;
  /** Where row i begins in the child, and how many values it has. */
  readonly startOf: (row: number) => number;
  readonly lengthOf: (row: number) => number;
  readonly child: Vector;
  readonly childCount: number;
}

/** A LIST vector: each row is a range of the child vector. */
export function listOf(vector: Vector, count: number): ListView {
  const bytes = duckdb.vector_get_data(vector, count * 16);
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, count * 4);
  return {
    validity: validityOf(vector, count),
    startOf: (row) => words[row * 4] + words[row * 4 + 1] * 2 ** 32,
    lengthOf: (row) => words[row * 4 + 2] + words[row * 4 + 3] * 2 ** 32,
    child: duckdb.list_vector_get_child(vector),
    childCount: duckdb.list_vector_get_size(vector),
  };
}

/** An ARRAY (fixed-size list) vector: row i is the `size` values of the child from i * size. */
export function arrayOf(vector: Vector, count: number, size: number): ListView {
  return {
    validity: validityOf(vector, count),
    startOf: (row) => row * size,
    lengthOf: () => size,
    child: duckdb.array_vector_get_child(vector),
    childCount: count * size,
  };
}

export const structChildOf = (vector: Vector, index: number): Vector => duckdb.struct_vector_get_child(vector, index);
export const listChildOf = (vector: Vector): Vector => duckdb.list_vector_get_child(vector);
export const arrayChildOf = (vector: Vector): Vector => duckdb.array_vector_get_child(vector);

/** An empty chunk of the given types (see Connection.logicalType); fill its vectors, then set its rows. */
export const createChunk = (types: readonly duckdb.LogicalType[]): Chunk => duckdb.create_data_chunk(types);

export function setRows(chunk: Chunk, rows: number): void {
  duckdb.data_chunk_set_size(chunk, rows);
}

export const resetChunk = (chunk: Chunk): void => duckdb.data_chunk_reset(chunk);

/** Copies fixed-width values to the start of a vector. */
export function writeNumbers(vector: Vector, values: NumberArray): void {
  duckdb.copy_data_to_vector(vector, 0, values.buffer as ArrayBuffer, values.byteOffset, values.byteLength);
}

/** Marks the rows whose flag is 0 as null. */
export function writeValidity(vector: Vector, flags: Uint8Array): void {
  if (!flags.includes(0)) return;
  const bits = new Uint8Array(Math.ceil(flags.length / 64) * 8);
  for (let row = 0; row < flags.length; row++) if (flags[row] !== 0) bits[row >> 3] |= 1 << (row & 7);
  duckdb.vector_ensure_validity_writable(vector);
  duckdb.copy_data_to_vector_validity(vector, 0, bits.buffer, 0, bits.byteLength);
}

export function writeString(vector: Vector, row: number, text: string): void {
  duckdb.vector_assign_string_element_len(vector, row, Buffer.from(text, 'utf8'));
}

export function writeBytes(vector: Vector, row: number, bytes: Uint8Array): void {
  duckdb.vector_assign_string_element_len(vector, row, bytes);
}

/** Lays out a LIST vector whose row i has `lengths[i]` values, one row after the other; returns the child to fill. */
export function writeLists(vector: Vector, lengths: ArrayLike<number>): Vector {
  const starts = new Float64Array(lengths.length);
  let total = 0;
  for (let row = 0; row < lengths.length; row++) {
    starts[row] = total;
    total += lengths[row];
  }
  return writeListRanges(vector, starts, lengths, total);
}

/** Lays out a LIST vector whose row i is the `lengths[i]` values from `starts[i]` of a child of `childCount`; returns the child to fill. */
export function writeListRanges(
  vector: Vector,
  starts: ArrayLike<number>,
  lengths: ArrayLike<number>,
  childCount: number,
): Vector {
  const entries = new BigUint64Array(lengths.length * 2);
  for (let row = 0; row < lengths.length; row++) {
    entries[row * 2] = BigInt(starts[row]);
    entries[row * 2 + 1] = BigInt(lengths[row]);
  }
  duckdb.copy_data_to_vector(vector, 0, entries.buffer, 0, entries.byteLength);
  duckdb.list_vector_reserve(vector, childCount);
  duckdb.list_vector_set_size(vector, childCount);
  return duckdb.list_vector_get_child(vector);
}

/** Copies validity bits, 0 where a row is null, to the start of a vector. */
export function writeValidityBits(vector: Vector, bits: Uint8Array): void {
  duckdb.vector_ensure_validity_writable(vector);
  duckdb.copy_data_to_vector_validity(vector, 0, bits.buffer as ArrayBuffer, bits.byteOffset, bits.byteLength);
}

/**
 * Copies texts to the start of a VARCHAR vector, given as DuckDB lays them out but for the pointer of one of more than 12 bytes,
 * for which its place in `long` stands. Places ascend. All of them go into the vector's memory by one call.
 */
export function writeTextSlots(vector: Vector, slots: Uint8Array, long: Uint8Array): void {
  const words = new Uint32Array(slots.buffer, slots.byteOffset, slots.length / 4);
  let first = -1;
  let end = 0;
  for (let at = 0; at < words.length; at += 4) {
    if (words[at] <= 12) continue;
    if (first === -1) first = words[at + 2];
    end = words[at + 2] + words[at];
  }
  if (first === -1) {
    duckdb.copy_data_to_vector(vector, 0, slots.buffer as ArrayBuffer, slots.byteOffset, slots.byteLength);
    return;
  }
  duckdb.vector_assign_string_element_len(vector, 0, long.subarray(first, end));
  const assigned = duckdb.vector_get_data(vector, 16);
  const base = Number(new DataView(assigned.buffer, assigned.byteOffset).getBigUint64(8, true));
  const pointed = words.slice();
  for (let at = 0; at < words.length; at += 4) {
    if (words[at] <= 12) continue;
    const pointer = base + words[at + 2] - first;
    pointed[at + 2] = pointer % 2 ** 32;
    pointed[at + 3] = Math.floor(pointer / 2 ** 32);
  }
  duckdb.copy_data_to_vector(vector, 0, pointed.buffer, 0, pointed.byteLength);
}
