// Copies DuckDB vectors into Apache Arrow arrays, as the functions of users get them: what arrow-to-duckdb does, the other way.
// Layouts: https://arrow.apache.org/docs/format/Columnar.html
import {
  Binary,
  Bool,
  type Data,
  type DataType,
  DateDay,
  Decimal,
  Field,
  FixedSizeList,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  List,
  makeData,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
  Uint8,
  Uint16,
  Uint32,
  Uint64,
  Utf8,
} from 'apache-arrow';
import type { Vector } from './duckdb.ts';
import { arrayOf, bytesOf, isValid, listOf, type NumberArray, numbersOf, validityOf } from './duckdb-vectors.ts';

/** How values of one of DuckDB's types become Arrow's. */
export interface ArrowReader {
  readonly type: DataType;
  /** DuckDB's type to ask for: that of the column, or one that holds the same values and can be read. */
  readonly sqlType: string;
  /** The array of the values at `rows` of a vector of `count` values. */
  readonly read: (vector: Vector, count: number, rows: Int32Array) => Data;
}

const fixedWidth: Readonly<Record<string, readonly [DataType, stored: string]>> = {
  TINYINT: [new Int8(), 'TINYINT'],
  SMALLINT: [new Int16(), 'SMALLINT'],
  INTEGER: [new Int32(), 'INTEGER'],
  BIGINT: [new Int64(), 'BIGINT'],
  UTINYINT: [new Uint8(), 'UTINYINT'],
  USMALLINT: [new Uint16(), 'USMALLINT'],
  UINTEGER: [new Uint32(), 'UINTEGER'],
  UBIGINT: [new Uint64(), 'UBIGINT'],
  FLOAT: [new Float32(), 'FLOAT'],
  DOUBLE: [new Float64(), 'DOUBLE'],
  DATE: [new DateDay(), 'INTEGER'],
  TIMESTAMP: [new TimestampMicrosecond(), 'BIGINT'],
  TIMESTAMP_S: [new TimestampSecond(), 'BIGINT'],
  TIMESTAMP_MS: [new TimestampMillisecond(), 'BIGINT'],
  TIMESTAMP_NS: [new TimestampNanosecond(), 'BIGINT'],
  'TIMESTAMP WITH TIME ZONE': [new TimestampMicrosecond('UTC'), 'BIGINT'],
};

/** How a type is read; null for one that is not: structs, maps, times of day, intervals, integers of 128 bits. */
export function arrowReader(sqlType: string): ArrowReader | null {
  const nested = /^(.*)\[(\d*)\]$/.exec(sqlType);
  if (nested !== null) return nestedReader(nested[1], nested[2] === '' ? null : Number(nested[2]));
  const plain = fixedWidth[sqlType];
  if (plain !== undefined) return { type: plain[0], sqlType, read: numbersReader(...plain) };
  const decimal = /^DECIMAL\((\d+),(\d+)\)$/.exec(sqlType);
  // As doubles they are what a model is fed, too, and what JavaScript can calculate with; the nearest ones.
  if (decimal !== null && Number(decimal[1]) <= 15) return { ...arrowReader('DOUBLE')!, sqlType: 'DOUBLE' };
  // In 38 digits DuckDB stores what Arrow does: 16 bytes, the lower ones first.
  if (decimal !== null) {
    const type = new Decimal(Number(decimal[2]), 38, 128);
    return { type, sqlType: `DECIMAL(38,${decimal[2]})`, read: decimalsReader(type) };
  }
  if (sqlType === 'BOOLEAN') return { type: new Bool(), sqlType, read: readBooleans };
  if (sqlType === 'BLOB') return { type: new Binary(), sqlType, read: bytesReader(new Binary()) };
  if (/^(VARCHAR|UUID|ENUM\(.*\))$/s.test(sqlType))
    return { type: new Utf8(), sqlType: 'VARCHAR', read: bytesReader(new Utf8()) };
  return null;
}

function nestedReader(item: string, size: number | null): ArrowReader | null {
  const inner = arrowReader(item);
  if (inner === null) return null;
  const field = new Field('item', inner.type, true);
  const type = size === null ? new List(field) : new FixedSizeList(size, field);
  return {
    type,
    sqlType: `${inner.sqlType}[${size ?? ''}]`,
    read: (vector, count, rows) => {
      const list = size === null ? listOf(vector, count) : arrayOf(vector, count, size);
      const items: number[] = [];
      const valueOffsets = new Int32Array(rows.length + 1);
      for (const [place, row] of rows.entries()) {
        const length = size ?? (isValid(list.validity, row) ? list.lengthOf(row) : 0);
        const start = length === 0 ? 0 : list.startOf(row);
        for (let item = 0; item < length; item++) items.push(start + item);
        valueOffsets[place + 1] = items.length;
      }
      const child = inner.read(list.child, list.childCount, Int32Array.from(items));
      const own = size === null ? { valueOffsets } : {};
      return arrayOfType({ type, ...presence(list.validity, rows), ...own, child });
    },
  };
}

const numbersReader =
  (type: DataType, stored: string): ArrowReader['read'] =>
  (vector, count, rows) => {
    const values = numbersOf(vector, stored, count);
    const data = new (values.constructor as new (length: number) => NumberArray)(rows.length);
    for (const [place, row] of rows.entries()) data[place] = values[row];
    return arrayOfType({ type, ...presence(validityOf(vector, count), rows), data });
  };

const decimalsReader =
  (type: DataType): ArrowReader['read'] =>
  (vector, count, rows) => {
    const values = numbersOf(vector, 'BIGINT', count * 2) as BigInt64Array;
    const halves = new BigInt64Array(rows.length * 2);
    for (const [place, row] of rows.entries()) halves.set(values.subarray(row * 2, row * 2 + 2), place * 2);
    const data = new Uint32Array(halves.buffer);
    return arrayOfType({ type, ...presence(validityOf(vector, count), rows), data });
  };

const readBooleans: ArrowReader['read'] = (vector, count, rows) => {
  const values = numbersOf(vector, 'UTINYINT', count);
  const data = new Uint8Array(Math.ceil(rows.length / 8));
  for (const [place, row] of rows.entries()) if (values[row] !== 0) data[place >> 3] |= 1 << (place & 7);
  return arrayOfType({ type: new Bool(), ...presence(validityOf(vector, count), rows), data });
};

const bytesReader =
  (type: DataType): ArrowReader['read'] =>
  (vector, count, rows) => {
    const values = bytesOf(vector, count);
    const valueOffsets = new Int32Array(rows.length + 1);
    for (const [place, row] of rows.entries())
      valueOffsets[place + 1] = valueOffsets[place] + (values[row]?.byteLength ?? 0);
    const data = new Uint8Array(valueOffsets[rows.length]);
    for (const [place, row] of rows.entries()) data.set(values[row] ?? [], valueOffsets[place]);
    return arrayOfType({ type, ...presence(validityOf(vector, count), rows), valueOffsets, data });
  };

function presence(validity: Uint8Array | null, rows: Int32Array) {
  const nullBitmap = new Uint8Array(Math.ceil(rows.length / 8));
  let nullCount = 0;
  for (const [place, row] of rows.entries()) {
    if (isValid(validity, row)) nullBitmap[place >> 3] |= 1 << (place & 7);
    else nullCount++;
  }
  return { length: rows.length, nullCount, ...(nullCount === 0 ? {} : { nullBitmap }) };
}

/** apache-arrow types each kind of array apart; here the parts are known to fit the type. */
const arrayOfType = (parts: object): Data => makeData(parts as never);
