// A file that text is copied into on its way to a reader. Every write is whole: a plain write(2) on a disk that is almost full
// takes a part of its bytes and reports no error.
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { failureOfIo } from '../core/atomic-file.ts';

export class ScratchFile {
  readonly path: string;
  readonly #file: FileHandle;

  private constructor(path: string, file: FileHandle) {
    this.path = path;
    this.#file = file;
  }

  /** Creates the file, or empties the one that is there. All operations fail with `io` or `permission-denied`. */
  static async create(path: string): Promise<ScratchFile> {
    return new ScratchFile(path, await named('create', path, open(path, 'w')));
  }

  write(bytes: Uint8Array): Promise<void> {
    return named('write', this.path, this.#file.writeFile(bytes));
  }

  close(): Promise<void> {
    return named('write', this.path, this.#file.close());
  }

  remove(): Promise<void> {
    return named('remove', this.path, unlink(this.path));
  }
}

async function named<Value>(operation: string, path: string, action: Promise<Value>): Promise<Value> {
  try {
    return await action;
  } catch (error) {
    throw failureOfIo(operation, path, error);
  }
}
