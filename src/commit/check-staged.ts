// Whether what a run is about to publish is there, byte for byte as its splits wrote it: staged, or in place already.
import { entryAt } from '../core/atomic-file.ts';
import { FailureError } from '../core/failure.ts';
import { sha256OfFile } from '../core/hash.ts';
import type { StagedFile } from '../core/outcome.ts';
import { type OutputLayout, partPath, type ResultFileName, resultFilePath, stagedPath } from './layout.ts';
import type { Manifest } from './manifest.ts';

export interface StagedPart {
  /** Under `staging`. */
  readonly stagedName: string;
  /** Under the output folder, from `partName`. */
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** A staged file and the name that it is published under, beside the manifest. */
export interface StagedResultFile {
  readonly stagedName: string;
  readonly name: ResultFileName;
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

/** Fails with `parts-lost` unless everything that is to be published is there. */
export async function requireStaged(
  layout: OutputLayout,
  parts: readonly StagedPart[],
  files: readonly StagedResultFile[],
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
export async function requireInPlace(
  layout: OutputLayout,
  { parts, files }: Pick<Manifest, 'parts' | 'files'>,
): Promise<void> {
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
