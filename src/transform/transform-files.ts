// The files that a user's module consists of: itself, and what it imports by relative paths. A result depends on them as on
// the model. Packages are not followed: their versions are the user's to keep.
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { failureOfIo } from '../core/atomic-file.ts';
import { FailureError } from '../core/failure.ts';

const relativeImport = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*(['"])(\.{1,2}\/[^'"]+)\1/g;

/** Absolute paths, the module first. Throws a FailureError when it is not there. */
export async function transformFiles(path: string): Promise<readonly string[]> {
  const found = new Map<string, string | null>([[path, await textOf(path)]]);
  if (found.get(path) === null) throw new FailureError({ reason: 'transform-missing', path });
  // A map's iteration goes on over what is added meanwhile.
  for (const [file, text] of found) {
    for (const [, , specifier] of (text ?? '').matchAll(relativeImport)) {
      const imported = resolve(dirname(file), specifier);
      if (!found.has(imported)) found.set(imported, await textOf(imported));
    }
  }
  return [...found].flatMap(([file, text]) => (text === null ? [] : [file]));
}

/** Null when there is no such file: loading the module will say so. */
async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') return null;
    throw failureOfIo('read', path, error);
  }
}
