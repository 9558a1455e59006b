// Columns of raw bytes into tensors of uint8: the bytes of a row are its values in row-major order, like a flat list of them.
import type { InputValues } from './batch.ts';
import type { CopyRow } from './copy-rows.ts';
import { shapeOfLists } from './list-shape.ts';

/** Copies rows of a BLOB column, given as its bytes; a row with another number of bytes than the input takes does not fit. */
export const copyBlobs =
  ({ input, rowValues, even, uneven }: InputValues, blobs: readonly (Uint8Array | null)[]): CopyRow =>
  (row, target) => {
    const bytes = blobs[row];
    if (bytes === null) return { reason: 'null', message: 'null' };
    const shape = shapeOfLists(input.rowShape, [bytes.length]);
    if (typeof shape === 'string') return { reason: 'list-length', message: shape };
    if (rowValues === null) uneven[target] = { values: bytes.slice(), shape };
    else (even as Uint8Array).set(bytes, target * rowValues);
    return null;
  };
