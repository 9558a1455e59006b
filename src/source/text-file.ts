// Bytes of plain files in large blocks, the next one read while the last is worked on.
import { type FileHandle, open } from 'node:fs/promises';
import { FailureError } from '../core/failure.ts';
import { failureOfFile } from './file-failure.ts';

const blockBytes = 4 * 1024 * 1024;

/** Blocks of `[startByte, endByte)` of a file. A block is valid until the next one is asked for; the next is read meanwhile. */
export async function* fileBlocks(
  path: string,
  startByte = 0,
  endByte = Number.POSITIVE_INFINITY,
): AsyncGenerator<Buffer, void, undefined> {
  const file = await openShard(path);
  try {
    const end = Math.min(endByte, (await file.stat()).size);
    const size = Math.max(1, Math.min(blockBytes, end - startByte));
    const buffers = [Buffer.allocUnsafe(size), Buffer.allocUnsafe(size)];
    let position = startByte;
    const readNext = async (buffer: Buffer): Promise<Buffer> => {
      const wanted = Math.min(size, end - position);
      let filled = 0;
      while (filled < wanted) {
        const { bytesRead } = await file.read(buffer, filled, wanted - filled, position + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      position += filled;
      return buffer.subarray(0, filled);
    };
    let block = await readNext(buffers[0]);
    for (let turn = 1; block.length > 0; turn++) {
      const next = position < end ? readNext(buffers[turn % 2]) : Promise.resolve(Buffer.alloc(0));
      try {
        yield block;
      } finally {
        await next.catch(() => {});
      }
      block = await next;
    }
  } catch (error) {
    throw failed(path, error);
  } finally {
    await file.close();
  }
}

export async function openShard(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    throw failed(path, error);
  }
}

/** A system error as the failure it means; anything else as it is. */
export const failed = (path: string, error: unknown): unknown =>
  isSystemError(error) ? new FailureError(failureOfFile(error, path)) : error;

export const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error && 'errno' in error;
