// The files beside the manifest as it names them: synced, measured and hashed where they are staged.
import { stat } from 'node:fs/promises';
import { type OutputLayout, type ResultFileName, stagedPath } from '../commit/layout.ts';
import type { Manifest } from '../commit/manifest.ts';
import { syncFile } from '../core/atomic-file.ts';
import { sha256OfFile } from '../core/hash.ts';

export async function stagedFiles(layout: OutputLayout, names: readonly ResultFileName[]): Promise<Manifest['files']> {
  const files = [];
  for (const name of names) {
    const path = stagedPath(layout, name);
    await syncFile(path);
    files.push({ name, bytes: (await stat(path)).size, sha256: await sha256OfFile(path) });
  }
  return files;
}
