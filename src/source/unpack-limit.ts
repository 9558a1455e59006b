// What a compressed text file may become. Its plain copy must leave room on the disk, which other programs need as well; and one
// that grows beyond all reason is taken for what it looks like, a small file made to fill disks (a "decompression bomb").
import { statfs } from 'node:fs/promises';
import { failureOfIo } from '../core/atomic-file.ts';
import { FailureError } from '../core/failure.ts';

/** Data does not compress so well: gzip ends at 1,032, and text of equal rows stays below 300. */
export const mostTimes = 1000;
/** Below this, whatever its size was, a file may unpack to. */
export const alwaysAllowedBytes = 1024 ** 3;
const keptFreeShare = 0.05;
const mostKeptFreeBytes = 1024 ** 3;
const mostBetweenChecks = 8 * 1024 * 1024;

export interface UnpackRequest {
  readonly path: string;
  readonly fileBytes: number;
  /** Where the plain copy goes; null: none is made. */
  readonly copyFolder: string | null;
}

export class UnpackLimit {
  readonly #request: UnpackRequest;
  #unpackedBytes = 0;
  #nextCheckBytes = 0;

  constructor(request: UnpackRequest) {
    this.#request = request;
  }

  /** To be told of every block before it is written. Fails with `shard-unreadable` or `scratch-full`. */
  async take(blockBytes: number): Promise<void> {
    const { path, fileBytes, copyFolder } = this.#request;
    this.#unpackedBytes += blockBytes;
    if (this.#unpackedBytes > Math.max(alwaysAllowedBytes, mostTimes * fileBytes)) {
      const message = `unpacks to more than ${mostTimes.toLocaleString('en')} times its ${fileBytes} bytes, as files do that are made to fill disks; if it is right, unpack it and score the plain file`;
      throw new FailureError({ reason: 'shard-unreadable', path, message });
    }
    if (copyFolder === null || this.#unpackedBytes < this.#nextCheckBytes) return;
    const disk = await statfs(copyFolder).catch((error: unknown) => {
      throw failureOfIo('look at', copyFolder, error);
    });
    const freeBytes = disk.bavail * disk.bsize;
    const keptBytes = Math.min(mostKeptFreeBytes, keptFreeShare * disk.blocks * disk.bsize);
    this.#nextCheckBytes = this.#unpackedBytes + Math.min(mostBetweenChecks, keptBytes / 2);
    if (freeBytes >= keptBytes) return;
    const unpackedBytes = this.#unpackedBytes;
    throw new FailureError({ reason: 'scratch-full', path, folder: copyFolder, unpackedBytes, freeBytes });
  }
}
