// Arrays that are a part of another one keep the bits of the whole (validity, booleans) and an offset into them; what is copied
// into DuckDB begins at the first bit.
import type { Data } from 'apache-arrow';
import { DataType } from 'apache-arrow';

/** The same values in an array that begins at its beginning, children included. */
export function withoutOffset(data: Data): Data {
  const children = data.children.map(withoutOffset);
  const isMoved = children.some((child, index) => child !== data.children[index]);
  if (data.offset === 0 && !isMoved) return data;
  const { type, offset, length, nullBitmap, valueOffsets, values, typeIds } = data;
  const hasBitmap = nullBitmap !== undefined && nullBitmap !== null && nullBitmap.length > 0;
  const buffers = [
    valueOffsets,
    DataType.isBool(type) ? bitsFrom(values, offset, length) : values,
    hasBitmap ? bitsFrom(nullBitmap, offset, length) : nullBitmap,
    typeIds,
  ];
  return data.clone(type, 0, length, -1, buffers as never, children);
}

function bitsFrom(bits: Uint8Array, offset: number, length: number): Uint8Array {
  const moved = new Uint8Array(Math.ceil(length / 8));
  for (let i = 0; i < length; i++)
    if ((bits[(offset + i) >> 3] >> ((offset + i) & 7)) & 1) moved[i >> 3] |= 1 << (i & 7);
  return moved;
}
