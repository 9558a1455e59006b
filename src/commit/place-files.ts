// Renames what is staged to where it is published. What is there already was renamed by an execution that was killed.
import { removeFile, renameIfPresent, syncFolder } from '../core/atomic-file.ts';
import type { StagedPart, StagedResultFile } from './check-staged.ts';
import { type OutputLayout, partPath, resultFileNames, resultFilePath, stagedPath } from './layout.ts';
import { placeReport } from './place-report.ts';

/** Renames parts into the output folder. */
export async function placeParts(
  layout: OutputLayout,
  parts: readonly StagedPart[],
  requireHeld: () => Promise<void>,
): Promise<void> {
  for (const part of parts) {
    await requireHeld();
    await renameIfPresent(stagedPath(layout, part.stagedName), partPath(layout, part.name));
  }
  await syncFolder(layout.root);
}

/** Puts the files beside the manifest in place, and removes those that the result does not have. Tells what is wrong with the report. */
export async function placeFiles(
  layout: OutputLayout,
  files: readonly StagedResultFile[],
  hasReport: boolean,
): Promise<string | null> {
  for (const name of resultFileNames) {
    const file = files.find((candidate) => candidate.name === name);
    if (file === undefined) await removeFile(resultFilePath(layout, name));
    else await renameIfPresent(stagedPath(layout, file.stagedName), resultFilePath(layout, name));
  }
  const reportProblem = await placeReport(layout, hasReport);
  await syncFolder(layout.metaFolder);
  return reportProblem;
}
