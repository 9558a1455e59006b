// The bytes of single values in Arrow's text and binary arrays, in every layout they have.
import { type Data, DataType } from 'apache-arrow';

export const isText = (type: DataType): boolean =>
  DataType.isUtf8(type) || DataType.isLargeUtf8(type) || DataType.isUtf8View(type);

export const isView = (type: DataType): boolean => DataType.isUtf8View(type) || DataType.isBinaryView(type);

export const isBytes = (type: DataType): boolean =>
  isText(type) ||
  DataType.isBinary(type) ||
  DataType.isLargeBinary(type) ||
  DataType.isBinaryView(type) ||
  DataType.isFixedSizeBinary(type);

/** A function from row to bytes; what it returns is a view. */
export function bytesReader(data: Data): (row: number) => Uint8Array {
  const { type } = data;
  const bytes = data.values as Uint8Array;
  if (DataType.isFixedSizeBinary(type)) {
    return (row) => bytes.subarray(row * type.byteWidth, (row + 1) * type.byteWidth);
  }
  if (isView(type)) {
    const views = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return (row) => {
      const length = views.getInt32(row * 16, true);
      if (length <= 12) return bytes.subarray(row * 16 + 4, row * 16 + 4 + length);
      const buffer = data.variadicBuffers[views.getInt32(row * 16 + 8, true)];
      const start = views.getInt32(row * 16 + 12, true);
      return buffer.subarray(start, start + length);
    };
  }
  const offsets = data.valueOffsets as ArrayLike<number | bigint>;
  return (row) => bytes.subarray(Number(offsets[row]), Number(offsets[row + 1]));
}
