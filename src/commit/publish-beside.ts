// Publishes a run that adds to a result (`output.ifExists: append`): the older manifest and its parts stay where they are until
// the new manifest, which names both, takes its place.
//
// What is true in each state, for a reader of the output folder:
//   staged     The new parts are complete in `staging`. The older result is whole and has `_SUCCESS`.
//   reopened   `_SUCCESS` is gone. The manifest is still the older one, and all of its parts are there.
//   renamed    The new parts are in place, which no manifest names yet. The files beside the manifest are the older ones, from
//              which this run, killed here, makes its own once more.
//   manifested The new manifest has taken the place of the older one in one step; all of its parts are there. From here the run
//              is published: whoever finds this state only finishes it (`finishAppend`).
//   cleared    The parts that the new manifest no longer names, those of shards that changed, are gone; the files beside the
//              manifest are the ones that it names.
//   published  `_SUCCESS` is there.
//   done       Ledger and staging are gone, the ledger first.
import { removeFile, syncFolder, writeFileDurably } from '../core/atomic-file.ts';
import { requireInPlace, type StagedPart, type StagedResultFile } from './check-staged.ts';
import { removeTraces } from './clean-up.ts';
import { type OutputLayout, partPath } from './layout.ts';
import { type Manifest, readManifest, sha256OfManifest, writeManifest } from './manifest.ts';
import { placeFiles, placeParts } from './place-files.ts';

export interface Addition {
  readonly layout: OutputLayout;
  /** The new parts. */
  readonly parts: readonly StagedPart[];
  /** Staged under their own names, under which whoever finishes a killed run finds them. */
  readonly files: readonly StagedResultFile[];
  /** Of the older result and the addition. */
  readonly manifest: Manifest;
  readonly base: Manifest;
  /** Parts of `base` that the new ones take the place of. */
  readonly replaced: readonly string[];
  readonly requireHeld: () => Promise<void>;
  readonly hasReport: boolean;
}

/** Makes staged parts an addition to the result `base`. Needs the lock, and that everything is staged (`requireStaged`). */
export async function publishBeside({
  layout,
  parts,
  files,
  manifest,
  base,
  replaced,
  requireHeld,
  hasReport,
}: Addition): Promise<string | null> {
  const current = await readManifest(layout.manifest);
  if (current === null || sha256OfManifest(current) !== sha256OfManifest(base))
    throw new Error('the result that is added to is another one than when the run began');
  if (files.some(({ stagedName, name }) => stagedName !== name))
    throw new Error('files are staged under names that nobody finds who finishes the run');
  await requireHeld();
  await removeFile(layout.success);
  await syncFolder(layout.root);
  await placeParts(layout, parts, requireHeld);
  await syncFolder(layout.staging);
  await requireInPlace(layout, { parts: manifest.parts, files: [] });
  await writeManifest(layout.manifest, manifest, requireHeld);
  return finishAppend(layout, manifest, replaced, { requireHeld, hasReport });
}

/**
 * The steps of a run that adds to a result after its manifest is in place. `replaced` are the parts that go. Needs the lock, and
 * nothing else: neither the input nor the model of the run.
 */
export async function finishAppend(
  layout: OutputLayout,
  { files }: Manifest,
  replaced: readonly string[],
  { requireHeld, hasReport = true }: { readonly requireHeld: () => Promise<void>; readonly hasReport?: boolean },
): Promise<string | null> {
  for (const name of replaced) {
    await requireHeld();
    await removeFile(partPath(layout, name));
  }
  if (replaced.length > 0) await syncFolder(layout.root);
  await requireHeld();
  const staged = files.map(({ name }) => ({ stagedName: name, name }));
  const reportProblem = await placeFiles(layout, staged, hasReport);
  await writeFileDurably(layout.success, '', requireHeld);
  await requireHeld();
  await removeTraces(layout);
  return reportProblem;
}
