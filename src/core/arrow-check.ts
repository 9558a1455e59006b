// Checks that the arrays of a record batch hold what they claim, after decompression and before anything is copied out of them:
// a typed array that is too short reads as zeros, and an offset beyond its buffer as other values, without an error.
import { isUtf8 } from 'node:buffer';
import { type Data, DataType, type Vector } from 'apache-arrow';
import { bytesReader, isText, isView } from './arrow-bytes.ts';
import { dictionaryOf } from './arrow-dictionary.ts';

const checkedDictionaries = new WeakSet<Vector>();

/** Throws a RangeError unless every offset, index and length of the array lies where it must, and its texts are UTF-8. */
export function checkArrow(data: Data): void {
  const { type, length, nullBitmap, children } = data;
  if (nullBitmap !== undefined && nullBitmap.length > 0) atLeast(nullBitmap.length * 8, length, 'validity bits');
  if (DataType.isNull(type)) return;
  if (DataType.isDictionary(type)) checkIndices(data);
  else if (DataType.isStruct(type)) for (const child of children) atLeast(child.length, length, 'values of a struct');
  else if (DataType.isFixedSizeList(type)) atLeast(children[0].length, length * type.listSize, 'values of a list');
  else if (DataType.isList(type) || DataType.isLargeList(type)) checkOffsets(data, children[0].length);
  else if (DataType.isMap(type)) checkMap(data);
  else if (DataType.isBool(type)) atLeast(data.values.length * 8, length, 'values');
  else if (isView(type)) checkViews(data);
  else if (data.valueOffsets !== undefined) checkOffsets(data, data.values.length);
  else atLeast(data.values?.length ?? 0, length * data.stride, 'values');
  if (isText(type)) checkTexts(data);
  for (const child of children) checkArrow(child);
}

function atLeast(found: number, needed: number, what: string): void {
  if (found < needed) throw new RangeError(`an array has ${found} ${what} where ${needed} are needed`);
}

function checkOffsets({ length, valueOffsets }: Data, values: number): void {
  const offsets = valueOffsets as ArrayLike<number | bigint>;
  if (length === 0) return;
  atLeast(offsets.length, length + 1, 'offsets');
  let last = 0;
  for (let i = 0; i <= length; i++) {
    const offset = Number(offsets[i]);
    if (offset < last || offset > values) throw new RangeError(`an offset of ${offset} lies outside ${values} values`);
    last = offset;
  }
}

function checkViews(data: Data): void {
  atLeast(data.values.length, data.length * 16, 'bytes of views');
  const { buffer, byteOffset, byteLength } = data.values as Uint8Array;
  const views = new DataView(buffer, byteOffset, byteLength);
  for (let row = 0; row < data.length; row++) {
    if (!data.getValid(row)) continue;
    const length = views.getInt32(row * 16, true);
    if (length >= 0 && length <= 12) continue;
    const bytes = data.variadicBuffers[views.getInt32(row * 16 + 8, true)]?.length ?? -1;
    const start = views.getInt32(row * 16 + 12, true);
    if (length < 0 || start < 0 || start + length > bytes) throw new RangeError('a view lies outside its buffer');
  }
}

function checkIndices(data: Data): void {
  const values = dictionaryOf(data);
  if (!checkedDictionaries.has(data.dictionary!)) {
    checkArrow(values);
    checkedDictionaries.add(data.dictionary!);
  }
  const indices = data.values as ArrayLike<number | bigint>;
  atLeast(indices.length, data.length, 'indices');
  for (let row = 0; row < data.length; row++) {
    if (!data.getValid(row)) continue;
    const index = Number(indices[row]);
    if (index < 0 || index >= values.length)
      throw new RangeError(`index ${index} is not in a dictionary of ${values.length}`);
  }
}

/** DuckDB takes a key for granted in every entry of a map. */
function checkMap(data: Data): void {
  const [entries] = data.children;
  checkOffsets(data, entries.length);
  const [keys] = entries.children;
  if (keys === undefined) throw new RangeError('a map has no keys');
  if (keys.nullCount === 0) return;
  const offsets = data.valueOffsets as Int32Array;
  for (let row = 0; row < data.length; row++) {
    if (!data.getValid(row)) continue;
    for (let entry = offsets[row]; entry < offsets[row + 1]; entry++) {
      if (!keys.getValid(entry)) throw new RangeError('a map has a null key');
    }
  }
}

/** All bytes at once where they lie side by side: 2 GB/s. They can be cut inside a letter even so, hence the look at each start. */
function checkTexts(data: Data): void {
  const { length, type } = data;
  if (length === 0) return;
  const bytesAt = bytesReader(data);
  if (isView(type)) {
    for (let row = 0; row < length; row++) if (data.getValid(row)) mustBeUtf8(isUtf8(bytesAt(row)));
    return;
  }
  const bytes = data.values as Uint8Array;
  const offsets = data.valueOffsets as ArrayLike<number | bigint>;
  mustBeUtf8(isUtf8(bytes.subarray(Number(offsets[0]), Number(offsets[length]))));
  for (let row = 1; row < length; row++)
    mustBeUtf8((bytes[Number(offsets[row])] & 0xc0) !== 0x80 || Number(offsets[row]) === Number(offsets[length]));
}

function mustBeUtf8(isValid: boolean): void {
  if (!isValid) throw new RangeError('a text is not UTF-8');
}
