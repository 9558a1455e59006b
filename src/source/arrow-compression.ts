// The two codecs of Arrow IPC, made known to apache-arrow, which brings none.
import { CompressionType, compressionRegistry } from 'apache-arrow';
import { decompress as decompressZstd } from 'fzstd';
import lz4 from 'lz4js';

let isRegistered = false;

/** Makes LZ4 and ZSTD record batches readable in this thread. */
export function registerCodecs(): void {
  if (isRegistered) return;
  compressionRegistry.set(CompressionType.LZ4_FRAME, { decode: (bytes) => lz4.decompress(checkedFrame(bytes)) });
  compressionRegistry.set(CompressionType.ZSTD, { decode: (bytes) => aligned(decompressZstd(bytes)) });
  isRegistered = true;
}

/** Bytes that typed arrays of any width can view: the decoder returns slices of a larger buffer. */
const aligned = (bytes: Uint8Array): Uint8Array => (bytes.byteOffset % 8 === 0 ? bytes : bytes.slice());

/**
 * An LZ4 frame whose blocks lie inside it: the decoder itself follows any length it is told, for hours.
 * Frame format: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
 */
function checkedFrame(frame: Uint8Array): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const flags = view.getUint8(4);
  if ((flags & 0x10) !== 0) throw new RangeError('LZ4 block checksums are not supported');
  let offset = (flags & 0x08) !== 0 ? 15 : 7;
  for (;;) {
    const size = view.getUint32(offset, true);
    if (size === 0) return frame;
    offset += 4 + (size & 0x7fff_ffff);
  }
}
