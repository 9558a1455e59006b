// Publishes a run whose splits are all done. Every step can be repeated, so a run that was killed at any of them publishes
// again from the start and ends in the same state. Nothing is deleted but files that a manifest of ours names.
//
// What is true in each state, for a reader of the output folder:
//   staged     The new parts are complete in `staging`. An older result, if there is one, is whole and has `_SUCCESS`.
//   retired    The older result's `_SUCCESS` is gone, and after that its manifest has become `replaced-manifest.json`, which
//              keeps the names of its parts. From here to `published` nothing in the folder claims to be complete.
//   cleared    The parts of the older result are gone: no old part is ever visible next to a new one.
//   renamed    All new parts are in place, then the files beside the manifest.
//   manifested The manifest is in place. It is the authority: the result is complete.
//   published  `_SUCCESS` is there.
//   done       Ledger and staging are gone, the ledger first: while it exists, the run publishes again and needs what is staged.
// A run that finds its own manifest in place (killed between `manifested` and `done`) retires nothing.
// How a run adds to a result instead is in publish-beside.ts.
import { entryAt, namesIn, removeFile, renameDurably, syncFolder, writeFileDurably } from '../core/atomic-file.ts';
import { FailureError } from '../core/failure.ts';
import { canonicalJson } from '../core/hash.ts';
import { requireInPlace, requireStaged, type StagedPart, type StagedResultFile } from './check-staged.ts';
import { removeTraces } from './clean-up.ts';
import { isPartOfRun, type OutputLayout, partPath } from './layout.ts';
import type { LedgerContents } from './ledger.ts';
import { type Manifest, readManifest, writeManifest } from './manifest.ts';
import { placeFiles, placeParts } from './place-files.ts';
import { publishBeside } from './publish-beside.ts';

export interface Publication {
  readonly layout: OutputLayout;
  readonly parts: readonly StagedPart[];
  /** Staged files that go beside the manifest; exactly the ones that `manifest.files` names. */
  readonly files: readonly StagedResultFile[];
  readonly manifest: Manifest;
  /** Whether a report is staged. It goes with the files, and its loss is no reason not to publish. */
  readonly hasReport?: boolean;
  /** The older result that may be replaced; null when none may. */
  readonly replaces: Manifest | null;
  /** Fails when the lock is another's by now. Asked before every step: a run whose machine was suspended may wake at any of them. */
  readonly requireHeld: () => Promise<void>;
  /** The older result that `manifest` adds to, and those of its parts that it takes the place of; null: it stands alone. */
  readonly appends?: { readonly base: Manifest; readonly replaced: readonly string[] } | null;
}

/**
 * Makes a staged run the content of the output folder. Needs the lock. Parts that are in place already count as staged when
 * their content is right. Fails with `parts-lost` or `output-complete` before anything is changed, with `io` or
 * `permission-denied` at any step.
 */
export async function publish(publication: Publication): Promise<{ readonly reportProblem: string | null }> {
  const { layout, parts, files, manifest, replaces, requireHeld, appends = null, hasReport = false } = publication;
  await requireStaged(layout, parts, files, manifest);
  if (appends !== null) {
    const reportProblem = await publishBeside({ layout, parts, files, manifest, ...appends, requireHeld, hasReport });
    return { reportProblem };
  }
  const current = await readManifest(layout.manifest);
  if (current === null || !isSameResult(current, manifest)) {
    if (current !== null && replaces === null) throw alreadyComplete(layout, current);
    await retire(layout, current, requireHeld);
    await clearReplaced(layout, new Set(parts.map((part) => part.name)), requireHeld);
  }
  await placeParts(layout, parts, requireHeld);
  await requireHeld();
  const reportProblem = await placeFiles(layout, files, hasReport);
  await requireInPlace(layout, manifest);
  await writeManifest(layout.manifest, manifest, requireHeld);
  await writeFileDurably(layout.success, '', requireHeld);
  await requireHeld();
  await removeTraces(layout);
  return { reportProblem };
}

/**
 * Starts over (`--fresh`): removes an unfinished run, its ledger last, so that being killed here does no harm. Needs the
 * lock. An older result that is still whole stays, and gets back the `_SUCCESS` that it may have lost; one that was being
 * replaced is removed.
 */
export async function discardUnfinished(
  layout: OutputLayout,
  ledger: LedgerContents,
  requireHeld: () => Promise<void>,
): Promise<void> {
  const current = await readManifest(layout.manifest);
  const kept = new Set(current?.parts.map((part) => part.name));
  await clearReplaced(layout, kept, requireHeld);
  const runId = ledger.header?.runId;
  for (const name of await namesIn(layout.root)) {
    if (runId === undefined || !isPartOfRun(name, runId) || kept.has(name)) continue;
    await requireHeld();
    await removeFile(partPath(layout, name));
  }
  await syncFolder(layout.root);
  if (current !== null) await writeFileDurably(layout.success, '', requireHeld);
  await requireHeld();
  await removeTraces(layout);
}

const isSameResult = (one: Manifest, other: Manifest): boolean =>
  one.runId === other.runId && canonicalJson(one.parts) === canonicalJson(other.parts);

async function retire(layout: OutputLayout, current: Manifest | null, requireHeld: () => Promise<void>): Promise<void> {
  if ((await entryAt(layout.success)).kind !== 'absent') {
    await requireHeld();
    await removeFile(layout.success);
    await syncFolder(layout.root);
  }
  if (current === null) return;
  await requireHeld();
  await renameDurably(layout.manifest, layout.replacedManifest);
}

/** Removes the parts of the retired result, but for names that are taken again (by a run with the same id). */
async function clearReplaced(
  layout: OutputLayout,
  kept: ReadonlySet<string>,
  requireHeld: () => Promise<void>,
): Promise<void> {
  const replaced = await readManifest(layout.replacedManifest);
  for (const { name } of replaced?.parts ?? []) {
    if (kept.has(name)) continue;
    await requireHeld();
    await removeFile(partPath(layout, name));
  }
  await syncFolder(layout.root);
}

const alreadyComplete = (layout: OutputLayout, { runId, finishedMs }: Manifest): FailureError =>
  new FailureError({ reason: 'output-complete', output: layout.root, runId, finishedMs });
