// The page that says why a run published nothing. It lies beside the ledger and goes with it: a name of its own, so that the
// report of a result that is still there stays the report of that result.
import { removeFolder, writeFileDurably } from '../core/atomic-file.ts';
import { FailureError } from '../core/failure.ts';
import type { OutputLayout } from './layout.ts';

/** Needs the lock. What went wrong, or null: nothing depends on the page. */
export async function writeUnpublishedPage(
  layout: OutputLayout,
  html: string,
  requireHeld: () => Promise<void>,
): Promise<string | null> {
  try {
    await writeFileDurably(layout.unpublished, html, requireHeld);
    return null;
  } catch (error) {
    if (!(error instanceof FailureError) || error.failures[0].reason === 'lock-lost') throw error;
    return error.message;
  }
}

/** Once a run goes on, what the page says is no longer so. Whatever has its name goes. Needs the lock. */
export const removeUnpublishedPage = (layout: OutputLayout): Promise<void> => removeFolder(layout.unpublished);
