// The bytes of a Parquet file's footer, which stands at the file's end behind everything else.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { FailureError } from '../core/failure.ts';

export interface FooterBytes {
  readonly footer: Uint8Array;
  /** Where the footer begins in the file. */
  readonly dataEnd: number;
}

/** Most footers are shorter, and small files are read whole. */
const tailBytes = 16 * 1024;
const trailerBytes = 8;

export const unreadable = (path: string, message: string): FailureError =>
  new FailureError({ reason: 'shard-unreadable', path, message });

export async function footerBytes(path: string): Promise<FooterBytes> {
  const file = await open(path);
  try {
    const search = searchFooter(path, (await file.stat()).size);
    let step = search.next();
    while (!step.done) {
      const { start, bytes } = step.value;
      for (let filled = 0; filled < bytes.length; ) {
        const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, start + filled);
        if (bytesRead === 0) throw shortened(path);
        filled += bytesRead;
      }
      step = search.next();
    }
    return step.value;
  } finally {
    await file.close();
  }
}

/** As `footerBytes`, at once: a third of the time where the file system answers without delay. */
export function footerBytesNow(path: string): FooterBytes {
  const file = openSync(path, 'r');
  try {
    const search = searchFooter(path, fstatSync(file).size);
    let step = search.next();
    while (!step.done) {
      const { start, bytes } = step.value;
      for (let filled = 0; filled < bytes.length; ) {
        const bytesRead = readSync(file, bytes, filled, bytes.length - filled, start + filled);
        if (bytesRead === 0) throw shortened(path);
        filled += bytesRead;
      }
      step = search.next();
    }
    return step.value;
  } finally {
    closeSync(file);
  }
}

const shortened = (path: string): FailureError => unreadable(path, 'became shorter while it was read');

/** Bytes of the file to fill, from `start` on. */
interface FileRange {
  readonly start: number;
  readonly bytes: Buffer;
}

/** Asks for ranges of the file until it knows the footer. */
function* searchFooter(path: string, fileBytes: number): Generator<FileRange, FooterBytes, undefined> {
  if (fileBytes === 0) throw unreadable(path, 'is empty (0 bytes), not a Parquet file');
  const tailStart = Math.max(0, fileBytes - tailBytes);
  const tail = Buffer.allocUnsafe(fileBytes - tailStart);
  yield { start: tailStart, bytes: tail };
  const head = tailStart === 0 ? tail.subarray(0, 4) : Buffer.allocUnsafe(4);
  if (tailStart > 0) yield { start: 0, bytes: head };
  const [headMagic, tailMagic] = [head.toString('latin1'), tail.subarray(-4).toString('latin1')];
  if (tailMagic === 'PARE') throw unreadable(path, 'is an encrypted Parquet file, which cannot be read');
  if (headMagic !== 'PAR1') throw unreadable(path, 'is not a Parquet file: it does not begin with PAR1');
  if (fileBytes < 12 || tailMagic !== 'PAR1') {
    throw unreadable(path, 'is a Parquet file without its end (PAR1 is missing): it was cut or never finished');
  }
  const footerLength = tail.readUInt32LE(tail.length - trailerBytes);
  const footerEnd = fileBytes - trailerBytes;
  const dataEnd = footerEnd - footerLength;
  if (dataEnd < 4) {
    throw unreadable(path, `is a damaged Parquet file: its footer claims ${footerLength} of its ${fileBytes} bytes`);
  }
  if (dataEnd >= tailStart) return { footer: tail.subarray(dataEnd - tailStart, footerEnd - tailStart), dataEnd };
  const footer = Buffer.allocUnsafe(footerLength);
  yield { start: dataEnd, bytes: footer };
  return { footer, dataEnd };
}
