// Removes what is left beside a complete result by a run that was killed after it had published, or that found the result
// complete when it got the lock. Nobody depends on it: a result is complete whatever lies beside it.
import { join } from 'node:path';
import { namesIn, removeFile, removeFolder, syncFolder } from '../core/atomic-file.ts';
import { FailureError } from '../core/failure.ts';
import { inspectOutput } from './inspect-output.ts';
import { type OutputLayout, unpublishedName } from './layout.ts';
import { acquireLock } from './lock.ts';
import { removeUnpublishedPage } from './unpublished-page.ts';

/** Removes the traces of runs from a folder with a complete result; one that is in use, or may not be written to, is left alone. */
export async function cleanUp(layout: OutputLayout): Promise<void> {
  if (!(await namesIn(layout.metaFolder)).some(isTrace)) return;
  try {
    await using _lock = await acquireLock(layout);
    if ((await inspectOutput(layout)).kind === 'complete') await removeTraces(layout);
  } catch (error) {
    if (!(error instanceof FailureError)) throw error;
  }
}

/** The ledger goes first: while it exists, a run publishes again and needs what is staged. Needs the lock. */
export async function removeTraces(layout: OutputLayout): Promise<void> {
  await removeFile(layout.replacedManifest);
  await removeFile(layout.ledger);
  await removeUnpublishedPage(layout);
  for (const name of await namesIn(layout.metaFolder)) {
    if (name.endsWith('.writing')) await removeFile(join(layout.metaFolder, name));
  }
  await syncFolder(layout.metaFolder);
  await removeFolder(layout.staging);
  await syncFolder(layout.metaFolder);
}

const isTrace = (name: string): boolean =>
  ['staging', 'lock', 'replaced-manifest.json', unpublishedName].includes(name) ||
  name.startsWith('lock.') ||
  name.endsWith('.writing');
