// Takes back the folders of a run that was refused before it had anything to keep.
import { rmdir } from 'node:fs/promises';
import type { OutputLayout } from './layout.ts';
import { removeStrays } from './prepare-output.ts';

/** Empties and removes the staging folder. Needs the lock, and that no ledger counts on what is staged. */
export async function discardStaging(layout: OutputLayout): Promise<void> {
  await removeStrays(layout, new Set());
  await removeIfEmpty(layout.staging);
}

/** Removes the folders of ours, and with `root` the output folder, as far as nothing is in them; comes after the lock. */
export async function discardEmpty(layout: OutputLayout, { root }: { readonly root: boolean }): Promise<void> {
  for (const path of [layout.metaFolder, ...(root ? [layout.root] : [])]) await removeIfEmpty(path);
}

const removeIfEmpty = (path: string): Promise<void> => rmdir(path).catch(() => {});
