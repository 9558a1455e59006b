// Copies Apache Arrow values into DuckDB vectors: runs of fixed-width values by memory copy, the rest value by value. Arrays must
// have been checked (see checkArrow): nothing here looks whether an offset lies inside its buffer.
// Layouts: https://arrow.apache.org/docs/format/Columnar.html
import { type Data, DataType, Precision, TimeUnit } from 'apache-arrow';
import { bytesReader, isBytes } from './arrow-bytes.ts';
import { dictionaryOf } from './arrow-dictionary.ts';
import type { Vector } from './duckdb.ts';
import {
  arrayChildOf,
  type NumberArray,
  structChildOf,
  writeBytes,
  writeListRanges,
  writeNumbers,
  writeValidity,
} from './duckdb-vectors.ts';
import { float16Values } from './float16.ts';

/** Which values of an Arrow array become the rows of a vector: `count` from `start`, or those at `rows`, where -1 is a null. */
export interface Selection {
  readonly start: number;
  readonly count: number;
  readonly rows: Int32Array | null;
}

export const rangeOf = (start: number, count: number): Selection => ({ start, count, rows: null });
const picked = (rows: Int32Array): Selection => ({ start: 0, count: rows.length, rows });

/** Writes the selected values to the start of a vector whose type is the one that `sqlTypeOfArrow` gives. */
export function writeArrow(vector: Vector, data: Data, selection: Selection): void {
  const { type } = data;
  if (DataType.isDictionary(type)) {
    writeArrow(vector, dictionaryOf(data), dictionaryRows(data, selection));
    return;
  }
  const flags = presence(data, selection);
  if (DataType.isStruct(type)) {
    const inner = flags === null ? selection : picked(rowsWhere(flags, selection));
    for (const [i, child] of data.children.entries()) writeArrow(structChildOf(vector, i), child, inner);
  } else if (DataType.isList(type) || DataType.isLargeList(type) || DataType.isMap(type)) {
    writeLists(vector, data, selection, flags);
  } else if (DataType.isFixedSizeList(type)) {
    writeArrow(arrayChildOf(vector), data.children[0], arrayRows(type.listSize, selection, flags));
  } else if (isBytes(type)) {
    writeTexts(vector, data, selection, flags);
  } else if (!DataType.isNull(type)) {
    writeNumbers(vector, fixedWidth(data, selection, flags));
  }
  if (flags !== null) writeValidity(vector, flags);
}

const rowAt = ({ start, rows }: Selection, i: number): number => (rows === null ? start + i : rows[i]);

const isPresent = (flags: Uint8Array | null, i: number): boolean => flags === null || flags[i] === 1;

/** 1 where a value is there; null when all are. An array without a bitmap has no nulls, whatever its null count says. */
function presence({ type, nullBitmap }: Data, selection: Selection): Uint8Array | null {
  if (DataType.isNull(type)) return new Uint8Array(selection.count);
  const hasBitmap = nullBitmap !== undefined && nullBitmap !== null && nullBitmap.length > 0;
  if (!hasBitmap && selection.rows === null) return null;
  const flags = new Uint8Array(selection.count);
  for (let i = 0; i < flags.length; i++) {
    const row = rowAt(selection, i);
    flags[i] = row < 0 ? 0 : hasBitmap ? (nullBitmap[row >> 3] >> (row & 7)) & 1 : 1;
  }
  return flags.includes(0) ? flags : null;
}

/** The selected rows, -1 where the value is null: what is inside a null struct is null as well. */
function rowsWhere(flags: Uint8Array, selection: Selection): Int32Array {
  return Int32Array.from(flags, (flag, i) => (flag === 1 ? rowAt(selection, i) : -1));
}

function dictionaryRows(data: Data, selection: Selection): Selection {
  const flags = presence(data, selection);
  const indices = data.values as ArrayLike<number | bigint>;
  const rows = new Int32Array(selection.count);
  for (let i = 0; i < rows.length; i++) rows[i] = isPresent(flags, i) ? Number(indices[rowAt(selection, i)]) : -1;
  return picked(rows);
}

function arrayRows(size: number, selection: Selection, flags: Uint8Array | null): Selection {
  if (flags === null && selection.rows === null) return rangeOf(selection.start * size, selection.count * size);
  const rows = new Int32Array(selection.count * size);
  for (let i = 0; i < selection.count; i++) {
    const first = rowAt(selection, i) * size;
    for (let k = 0; k < size; k++) rows[i * size + k] = isPresent(flags, i) ? first + k : -1;
  }
  return picked(rows);
}

function writeLists(vector: Vector, data: Data, selection: Selection, flags: Uint8Array | null): void {
  const offsets = data.valueOffsets as ArrayLike<number | bigint>;
  const { count } = selection;
  const starts = new Float64Array(count);
  const lengths = new Float64Array(count);
  const base = selection.rows === null && count > 0 ? Number(offsets[selection.start]) : 0;
  let total = 0;
  for (let i = 0; i < count; i++) {
    if (!isPresent(flags, i)) continue;
    const row = rowAt(selection, i);
    const first = Number(offsets[row]);
    lengths[i] = Number(offsets[row + 1]) - first;
    starts[i] = selection.rows === null ? first - base : total;
    total += lengths[i];
  }
  const values = data.children[0];
  if (selection.rows === null) {
    const childCount = count === 0 ? 0 : Number(offsets[selection.start + count]) - base;
    writeArrow(writeListRanges(vector, starts, lengths, childCount), values, rangeOf(base, childCount));
    return;
  }
  const rows = new Int32Array(total);
  for (let i = 0, next = 0; i < count; i++) {
    const first = isPresent(flags, i) ? Number(offsets[selection.rows[i]]) : 0;
    for (let k = 0; k < lengths[i]; k++) rows[next++] = first + k;
  }
  writeArrow(writeListRanges(vector, starts, lengths, total), values, picked(rows));
}

function writeTexts(vector: Vector, data: Data, selection: Selection, flags: Uint8Array | null): void {
  const bytesAt = bytesReader(data);
  for (let i = 0; i < selection.count; i++) {
    if (isPresent(flags, i)) writeBytes(vector, i, bytesAt(rowAt(selection, i)));
  }
}

/** The selected values in DuckDB's own width and unit. */
function fixedWidth(data: Data, selection: Selection, flags: Uint8Array | null): NumberArray {
  const { type } = data;
  if (DataType.isBool(type)) {
    const bits = data.values as Uint8Array;
    return gather(new Uint8Array(selection.count), selection, flags, (row) => (bits[row >> 3] >> (row & 7)) & 1);
  }
  if (DataType.isDecimal(type)) return decimals(data, type.precision, type.bitWidth / 32, selection, flags);
  if (DataType.isFloat(type) && type.precision === Precision.HALF) {
    const halves = data.values as Uint16Array;
    const values = float16Values();
    return gather(new Float32Array(selection.count), selection, flags, (row) => values[halves[row]]);
  }
  const factor = microsecondFactor(type);
  if (factor !== null) {
    const values = data.values as ArrayLike<number | bigint>;
    return gather(new BigInt64Array(selection.count), selection, flags, (row) => factor(BigInt(values[row])));
  }
  return plain(data.values as NumberArray, selection);
}

function plain(values: NumberArray, { start, count, rows }: Selection): NumberArray {
  if (rows === null) return values.subarray(start, start + count);
  const out = new (values.constructor as new (length: number) => NumberArray)(count);
  for (let i = 0; i < count; i++) if (rows[i] >= 0) out[i] = values[rows[i]];
  return out;
}

function gather<Out extends NumberArray>(
  out: Out,
  selection: Selection,
  flags: Uint8Array | null,
  valueAt: (row: number) => Out[number],
): Out {
  for (let i = 0; i < selection.count; i++) if (isPresent(flags, i)) out[i] = valueAt(rowAt(selection, i));
  return out;
}

/**
 * How the values of a type become DuckDB's microseconds; null when they stay as they are. Timestamps without a time zone keep their
 * unit; with one, DuckDB knows microseconds alone, so nanoseconds lose their last three digits, as they do when it reads Parquet.
 */
function microsecondFactor(type: DataType): ((value: bigint) => bigint) | null {
  const isZoned = DataType.isTimestamp(type) && Boolean(type.timezone);
  if (!isZoned && !DataType.isTime(type)) return null;
  switch (type.unit) {
    case TimeUnit.SECOND:
      return (value) => fitting(value * 1_000_000n);
    case TimeUnit.MILLISECOND:
      return (value) => fitting(value * 1000n);
    case TimeUnit.NANOSECOND:
      return isZoned ? (value) => value / 1000n : null;
    default:
      return null;
  }
}

function fitting(microseconds: bigint): bigint {
  if (BigInt.asIntN(64, microseconds) !== microseconds) throw new RangeError(`${microseconds} µs is no possible time`);
  return microseconds;
}

/** Decimals of any width as DuckDB stores them: in 2, 4, 8 or 16 bytes by their precision. */
function decimals(
  data: Data,
  precision: number,
  words: number,
  selection: Selection,
  flags: Uint8Array | null,
): NumberArray {
  const values = data.values as Uint32Array;
  const limit = 10n ** BigInt(precision);
  const valueAt = (row: number): bigint => {
    let value = BigInt(values[row * words + words - 1] | 0);
    for (let word = words - 2; word >= 0; word--) value = (value << 32n) | BigInt(values[row * words + word]);
    if (value >= limit || value <= -limit) throw new RangeError(`${value} has more than ${precision} digits`);
    return value;
  };
  if (precision <= 4) return gather(new Int16Array(selection.count), selection, flags, (row) => Number(valueAt(row)));
  if (precision <= 9) return gather(new Int32Array(selection.count), selection, flags, (row) => Number(valueAt(row)));
  if (precision <= 18) return gather(new BigInt64Array(selection.count), selection, flags, valueAt);
  const out = new BigInt64Array(selection.count * 2);
  for (let i = 0; i < selection.count; i++) {
    if (!isPresent(flags, i)) continue;
    const value = valueAt(rowAt(selection, i));
    out[i * 2] = BigInt.asIntN(64, value);
    out[i * 2 + 1] = value >> 64n;
  }
  return out;
}
