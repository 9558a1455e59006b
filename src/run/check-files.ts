// Whether the files that a manifest names are there with the bytes that were written, and no others beside them.
import { join } from 'node:path';
import type { OutputState } from '../commit/inspect-output.ts';
import { type OutputLayout, partPath, resultFilePath } from '../commit/layout.ts';
import type { Manifest } from '../commit/manifest.ts';
import { entryAt } from '../core/atomic-file.ts';
import { FailureError } from '../core/failure.ts';
import { sha256OfFile } from '../core/hash.ts';
import { counted, formatBytes } from '../report/format-number.ts';
import type { Check } from './check.ts';

/** Files hashed at the same time: enough to keep a disk busy while a processor hashes. */
const filesInFlight = 4;

export interface CheckedFiles extends Check {
  /** Paths of the files that are there as they should be. */
  readonly right: ReadonlySet<string>;
}

/** _SUCCESS is there, and nothing that a reader would take for part of the result. */
export function checkFolder({ success, foreign }: Extract<OutputState, { readonly kind: 'complete' }>): Check {
  return {
    name: 'folder',
    wasMade: true,
    text: '_SUCCESS is there, and no files that do not belong to the result',
    problems: [
      ...(success ? [] : ['_SUCCESS is missing: a reader that waits for it will wait forever']),
      ...foreign.map(
        (name) => `${name} does not belong to the result, and readers of the folder will take it for data`,
      ),
    ],
  };
}

/** Size and hash of every part. */
export async function checkParts(
  layout: OutputLayout,
  { parts }: Manifest,
  signal: AbortSignal,
): Promise<CheckedFiles> {
  const files = parts.map((part) => ({ ...part, path: partPath(layout, part.name) }));
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  const { problems, right } = await compareFiles(files, signal);
  return {
    name: 'parts',
    wasMade: true,
    text: `${counted(parts.length, 'part')}, ${formatBytes(bytes)}: size and sha256 are those of the manifest`,
    problems,
    right,
  };
}

/** Size and hash of the files beside the manifest. */
export async function checkResultFiles(
  layout: OutputLayout,
  { files }: Manifest,
  signal: AbortSignal,
): Promise<CheckedFiles> {
  const found = await compareFiles(
    files.map((file) => ({ ...file, path: resultFilePath(layout, file.name), name: join('_scoremill', file.name) })),
    signal,
  );
  return { name: 'statistics', wasMade: true, text: files.map(({ name }) => name).join(', '), ...found };
}

interface ExpectedFile {
  readonly path: string;
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

async function compareFiles(
  files: readonly ExpectedFile[],
  signal: AbortSignal,
): Promise<Pick<CheckedFiles, 'problems' | 'right'>> {
  const found: (string | null)[] = [];
  const waiting = files.entries();
  const compareWaiting = async (): Promise<void> => {
    for (const [i, file] of waiting) {
      if (signal.aborted) throw new FailureError({ reason: 'interrupted' });
      found[i] = await problemOf(file);
    }
  };
  await Promise.all(Array.from({ length: filesInFlight }, compareWaiting));
  return {
    problems: found.filter((problem) => problem !== null),
    right: new Set(files.filter((_, i) => found[i] === null).map(({ path }) => path)),
  };
}

async function problemOf({ path, name, bytes, sha256 }: ExpectedFile): Promise<string | null> {
  const entry = await entryAt(path);
  if (entry.kind === 'absent') return `${name} is missing`;
  if (entry.kind !== 'file') return `${name} is a ${entry.kind === 'link' ? 'symbolic link' : entry.kind}, not a file`;
  if (entry.bytes !== bytes) return `${name} has ${entry.bytes} bytes, and ${bytes} were written`;
  try {
    const found = await sha256OfFile(path);
    return found === sha256
      ? null
      : `${name} was changed: its sha256 is ${found.slice(0, 12)}..., and ${sha256.slice(0, 12)}... was written`;
  } catch (error) {
    if (!(error instanceof FailureError)) throw error;
    return error.message;
  }
}
