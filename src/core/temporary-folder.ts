// A folder of our own outside of any output, for what one command needs on its way; gone when the command is done with it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failureOfIo } from './atomic-file.ts';

export class TemporaryFolder implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Makes a folder where TMPDIR says. Fails with `io` or `permission-denied`. */
  static async create(): Promise<TemporaryFolder> {
    const folder = tmpdir();
    try {
      return new TemporaryFolder(await mkdtemp(join(folder, 'scoremill-')));
    } catch (error) {
      throw failureOfIo('make a temporary folder in', folder, error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}
