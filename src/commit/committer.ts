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
import {
  entryAt,
  namesIn,
  removeFile,
  renameDurably,
  renameIfPresent,
  syncFolder,
  writeFileDurably,
} from '../core/atomic-file.ts';
import { FailureError } from '../core/failure.ts';
import { canonicalJson, sha256OfFile } from '../core/hash.ts';
import type { StagedFile } from '../core/outcome.ts';
import { removeTraces } from './clean-up.ts';
import {
  isPartOfRun,
  type OutputLayout,
  partPath,
  type ResultFileName,
  resultFileNames,
  resultFilePath,
  stagedPath,
} from './layout.ts';
import type { LedgerContents } from './ledger.ts';
import { type Manifest, readManifest, writeManifest } from './manifest.ts';

export interface StagedPart {
  /** Under `staging`. */
  readonly stagedName: string;
  /** Under the output folder, from `partName`. */
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface Publication {
  readonly layout: OutputLayout;
  readonly parts: readonly StagedPart[];
  /** Staged files that go beside the manifest; exactly the ones that `manifest.files` names. */
  readonly files: readonly { readonly stagedName: string; readonly name: ResultFileName }[];
  readonly manifest: Manifest;
  /** The older result that may be replaced; null when none may. */
  readonly replaces: Manifest | null;
  /** Fails when the lock is another's by now. Asked before every step: a run whose machine was suspended may wake at any of them. */
  readonly requireHeld: () => Promise<void>;
}

/**
 * Makes a staged run the content of the output folder. Needs the lock. Parts that are in place already count as staged when
 * their content is right. Fails with `parts-lost` or `output-complete` before anything is changed, with `io` or
 * `permission-denied` at any step.
 */
export async function publish({ layout, parts, files, manifest, replaces, requireHeld }: Publication): Promise<void> {
  await requireStaged(layout, parts, files, manifest);
  const current = await readManifest(layout.manifest);
  if (current === null || !isSameResult(current, manifest)) {
    if (current !== null && replaces === null) throw alreadyComplete(layout, current);
    await retire(layout, current, requireHeld);
    await clearReplaced(layout, new Set(parts.map((part) => part.name)), requireHeld);
  }
  for (const part of parts) {
    await requireHeld();
    await renameIfPresent(stagedPath(layout, part.stagedName), partPath(layout, part.name));
  }
  await syncFolder(layout.root);
  await requireHeld();
  await placeFiles(layout, files);
  await requireInPlace(layout, manifest);
  await writeManifest(layout.manifest, manifest, requireHeld);
  await writeFileDurably(layout.success, '', requireHeld);
  await requireHeld();
  await removeTraces(layout);
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

/** What is wrong with a part that a split of an earlier execution wrote; null when it is staged or in place, byte for byte. */
export function problemOfPart(layout: OutputLayout, part: StagedPart): Promise<string | null> {
  return problemOf(stagedPath(layout, part.stagedName), partPath(layout, part.name), part, { readStaged: true });
}

/** Whether a file that an earlier execution staged is still there, byte for byte. */
export async function isStaged(layout: OutputLayout, file: StagedFile): Promise<boolean> {
  const path = stagedPath(layout, file.name);
  const { kind, bytes } = await entryAt(path);
  return kind === 'file' && bytes === file.bytes && (await sha256OfFile(path)) === file.sha256;
}

async function requireStaged(
  layout: OutputLayout,
  parts: readonly StagedPart[],
  files: Publication['files'],
  manifest: Manifest,
): Promise<void> {
  const problems: string[] = [];
  for (const part of parts) {
    const problem = await problemOf(stagedPath(layout, part.stagedName), partPath(layout, part.name), part);
    if (problem !== null) problems.push(`${part.name}: ${problem}`);
  }
  for (const file of manifest.files) {
    const stagedName = files.find(({ name }) => name === file.name)?.stagedName;
    if (stagedName === undefined)
      throw new Error(`the manifest names ${file.name}, which is not among the files to publish`);
    const problem = await problemOf(stagedPath(layout, stagedName), resultFilePath(layout, file.name), file);
    if (problem !== null) problems.push(`${file.name}: ${problem}`);
  }
  if (problems.length > 0) throw new FailureError({ reason: 'parts-lost', output: layout.root, problems });
}

/** What the manifest will vouch for is there: whoever lost the lock before may have had a last word. Only small files are read. */
async function requireInPlace(layout: OutputLayout, { parts, files }: Manifest): Promise<void> {
  const problems: string[] = [];
  for (const { name, bytes } of parts) {
    const found = await entryAt(partPath(layout, name));
    if (found.kind !== 'file' || found.bytes !== bytes) problems.push(`${name}: not what its split wrote`);
  }
  for (const { name, sha256 } of files) {
    const path = resultFilePath(layout, name);
    const isRight = (await entryAt(path)).kind === 'file' && (await sha256OfFile(path)) === sha256;
    if (!isRight) problems.push(`${name}: not what this run wrote`);
  }
  if (problems.length > 0) throw new FailureError({ reason: 'parts-lost', output: layout.root, problems });
}

/**
 * A staged file was hashed by this execution, when its split was done or when it was resumed: its size tells whether it is
 * still all there. A file in place may have its name and size from an older result with the same run id: its content is read.
 */
async function problemOf(
  staged: string,
  inPlace: string,
  { bytes, sha256 }: { readonly bytes: number; readonly sha256: string },
  { readStaged = false }: { readonly readStaged?: boolean } = {},
): Promise<string | null> {
  const waiting = await entryAt(staged);
  if (waiting.kind === 'file' && waiting.bytes === bytes) {
    const isRight = !readStaged || (await sha256OfFile(staged)) === sha256;
    return isRight ? null : 'staged with other bytes than its split wrote';
  }
  if (waiting.kind === 'file') return `${waiting.bytes} bytes staged instead of ${bytes}`;
  if (waiting.kind !== 'absent') return `staged as a ${waiting.kind}, not as a file`;
  const published = await entryAt(inPlace);
  if (published.kind !== 'file') return 'missing';
  return published.bytes === bytes && (await sha256OfFile(inPlace)) === sha256 ? null : 'not what its split wrote';
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

async function placeFiles(layout: OutputLayout, files: Publication['files']): Promise<void> {
  for (const name of resultFileNames) {
    const file = files.find((candidate) => candidate.name === name);
    if (file === undefined) await removeFile(resultFilePath(layout, name));
    else await renameIfPresent(stagedPath(layout, file.stagedName), resultFilePath(layout, name));
  }
  await syncFolder(layout.metaFolder);
}

const alreadyComplete = (layout: OutputLayout, { runId, finishedMs }: Manifest): FailureError =>
  new FailureError({ reason: 'output-complete', output: layout.root, runId, finishedMs });
