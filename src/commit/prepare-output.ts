// Makes an output folder ready to be written to, and refuses one that would lead the run elsewhere: a file in the way, or a
// symbolic link under a name that is ours. The output folder itself may be a link; that is the user's choice of place.
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  entryAt,
  failureOfIo,
  makeFolder,
  namesIn,
  removeFile,
  removeFolder,
  syncFolder,
} from '../core/atomic-file.ts';
import { FailureError } from '../core/failure.ts';
import type { OutputLayout } from './layout.ts';

/**
 * Creates the output folder and its `_scoremill/staging`; what they hold is left alone. Comes before the lock. Fails with
 * `output-not-a-folder`, `output-symlink`, `permission-denied` or `io`.
 */
export async function prepareOutput(layout: OutputLayout): Promise<void> {
  await requireUsable(layout);
  await makeFolder(layout.staging);
}

/** The checks of `prepareOutput` alone; nothing is created. */
export async function requireUsable(layout: OutputLayout): Promise<void> {
  await requireFolder(layout, layout.root);
  for (const path of [layout.metaFolder, layout.staging]) {
    const { kind } = await entryAt(path);
    if (kind === 'link') throw new FailureError({ reason: 'output-symlink', path });
    if (kind !== 'folder' && kind !== 'absent') throw notAFolder(layout, path);
  }
  for (const path of [layout.ledger, layout.lock, layout.manifest, layout.replacedManifest]) {
    if ((await entryAt(path)).kind === 'link') throw new FailureError({ reason: 'output-symlink', path });
  }
}

/**
 * Removes what interrupted attempts left in the staging folder: everything but the plain files named in `keep`. To be done
 * under the lock, before workers write.
 */
export async function removeStrays(layout: OutputLayout, keep: ReadonlySet<string>): Promise<void> {
  for (const name of await namesIn(layout.staging)) {
    const path = join(layout.staging, name);
    const { kind } = await entryAt(path);
    if (kind === 'folder') await removeFolder(path);
    else if (kind !== 'file' || !keep.has(name)) await removeFile(path);
  }
  await syncFolder(layout.staging);
}

/** The nearest name above a path that exists must be a folder, or the path cannot be one. */
async function requireFolder(layout: OutputLayout, path: string): Promise<void> {
  let found: { isDirectory(): boolean };
  try {
    found = await stat(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw failureOfIo('look at', path, error);
    // A link that leads nowhere is there all the same.
    if (code === 'ENOENT' && (await entryAt(path)).kind === 'link') throw notAFolder(layout, path);
    return requireFolder(layout, dirname(path));
  }
  if (!found.isDirectory()) throw notAFolder(layout, path);
}

const notAFolder = (layout: OutputLayout, path: string): FailureError =>
  new FailureError({ reason: 'output-not-a-folder', output: layout.root, path });
