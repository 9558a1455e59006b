// The one file of a result that nothing depends on: when it cannot be put in place, the result is published without it.
import { removeFile, renameIfPresent } from '../core/atomic-file.ts';
import { FailureError } from '../core/failure.ts';
import { type OutputLayout, reportName, stagedPath } from './layout.ts';

/** Shows the staged report; what goes wrong is told, and no reason to stop. Without one, that of an older result is removed. */
export async function placeReport(layout: OutputLayout, hasReport: boolean): Promise<string | null> {
  if (!hasReport) {
    await removeFile(layout.report);
    return null;
  }
  try {
    await renameIfPresent(stagedPath(layout, reportName), layout.report);
    return null;
  } catch (error) {
    if (!(error instanceof FailureError)) throw error;
    return error.message;
  }
}
