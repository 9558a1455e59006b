// The values of a dictionary-encoded Arrow array as one array, also where they came in several dictionary batches (deltas).
import { Binary, type Data, DataType, makeData, Utf8, type Vector } from 'apache-arrow';
import { bytesReader, isBytes, isText } from './arrow-bytes.ts';

const merged = new WeakMap<Vector, Data>();

/** The dictionary of an array; throws a RangeError for deltas of nested values. */
export function dictionaryOf(data: Data): Data {
  const dictionary = data.dictionary;
  if (dictionary === undefined) throw new RangeError('a dictionary is missing');
  if (dictionary.data.length === 1) return dictionary.data[0];
  let whole = merged.get(dictionary);
  if (whole === undefined) {
    whole = merge(dictionary.data);
    merged.set(dictionary, whole);
  }
  return whole;
}

function merge(parts: readonly Data[]): Data {
  const { type } = parts[0];
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const nullBitmap = new Uint8Array(Math.ceil(length / 8));
  let row = 0;
  for (const part of parts) {
    for (let i = 0; i < part.length; i++, row++) if (part.getValid(i)) nullBitmap[row >> 3] |= 1 << (row & 7);
  }
  if (isFixedWidth(type))
    return makeData({ type, length, nullCount: -1, nullBitmap, data: joinedValues(parts) } as never);
  if (!isBytes(type)) throw new RangeError(`dictionary deltas of ${type} cannot be read`);
  const values = parts.flatMap((part) => {
    const bytesAt = bytesReader(part);
    return Array.from({ length: part.length }, (_, i) => (part.getValid(i) ? bytesAt(i) : new Uint8Array()));
  });
  const valueOffsets = new Int32Array(length + 1);
  for (const [i, { byteLength }] of values.entries()) valueOffsets[i + 1] = valueOffsets[i] + byteLength;
  const plain = isText(type) ? new Utf8() : new Binary();
  return makeData({
    type: plain,
    length,
    nullCount: -1,
    nullBitmap,
    valueOffsets,
    data: Buffer.concat(values),
  } as never);
}

const isFixedWidth = (type: DataType): boolean =>
  DataType.isInt(type) ||
  DataType.isFloat(type) ||
  DataType.isDate(type) ||
  DataType.isTime(type) ||
  DataType.isTimestamp(type) ||
  DataType.isDecimal(type) ||
  DataType.isFixedSizeBinary(type);

function joinedValues(parts: readonly Data[]): Uint8Array {
  const arrays = parts.map(({ values, length, stride }) => {
    const own = values.subarray(0, length * stride);
    return new Uint8Array(own.buffer, own.byteOffset, own.byteLength);
  });
  // A copy of its own: Buffer.concat may hand out a slice of a shared pool that is not aligned to the values.
  return Uint8Array.from(Buffer.concat(arrays));
}
