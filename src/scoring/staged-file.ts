// A file of the staging folder, synced and measured.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFile } from '../core/atomic-file.ts';
import { sha256OfFile } from '../core/hash.ts';
import type { StagedFile } from '../core/outcome.ts';

export async function stagedFile(folder: string, name: string, rows: number): Promise<StagedFile> {
  const path = join(folder, name);
  await syncFile(path);
  const [{ size }, sha256] = await Promise.all([stat(path), sha256OfFile(path)]);
  return { name, rows, bytes: size, sha256 };
}
