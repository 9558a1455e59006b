// A reader that looks at an output folder all the time while runs are killed in it: what it sees must be whole, of one
// result, and announced by `_SUCCESS` only when all of it is there.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The parts of a result by name, with their SHA-256. */
export type PartHashes = ReadonlyMap<string, string>;

export interface Watch {
  /** How often it has looked. */
  readonly looks: () => number;
  /** Looks once more, stops, and gives everything that was wrong. */
  readonly end: () => readonly string[];
}

const everyMs = 3;

/** The parts that a run has published, as a watch takes them. */
export const partsIn = (out: string): PartHashes =>
  new Map(
    namesOf(out)
      .filter(isPart)
      .map((name) => [name, sha256Of(join(out, name))]),
  );

/**
 * Watches a folder in which nothing may be seen but these results, one at a time. Without `_SUCCESS` the parts of `between` may lie
 * there, too: new ones that no manifest names yet, beside old ones that the manifest names until it changes in one step.
 */
export function watchOutput(out: string, results: readonly PartHashes[], between: readonly PartHashes[] = []): Watch {
  const problems = new Set<string>();
  /** Files that were read before and found right: what is published is never written to again. */
  const known = new Set<string>();
  let looks = 0;

  const checkPart = (name: string): void => {
    const path = join(out, name);
    try {
      const { ino, size, mtimeMs } = statSync(path);
      const identity = `${name} ${ino} ${size} ${mtimeMs}`;
      if (known.has(identity)) return;
      const hash = sha256Of(path);
      if (results.some((parts) => parts.get(name) === hash)) known.add(identity);
      else problems.add(`${name} was seen with ${size} bytes that no result has`);
    } catch (error) {
      // Removed or replaced since its name was read: the next look sees what there is.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  };

  /** Who goes by the manifest finds all that it names, also in the middle of a publication. */
  const checkNamed = (): void => {
    const manifest = manifestOf(out);
    const missing = namedIn(manifest).filter((name) => !existsSync(join(out, name)));
    if (missing.length > 0 && manifest === manifestOf(out)) problems.add(`the manifest names ${missing.join(', ')}`);
  };

  const look = (): void => {
    looks++;
    const before = successOf(out);
    const names = namesOf(out);
    const parts = names.filter(isPart);
    for (const name of names) if (!isExpected(name)) problems.add(`${name} does not belong there`);
    for (const name of parts) checkPart(name);
    if (![...results, ...between].some((result) => parts.every((name) => result.has(name)))) {
      problems.add(`parts of two results side by side: ${parts.join(', ')}`);
    }
    if (between.length > 0) checkNamed();
    // The names were read while `_SUCCESS` stood there unchanged.
    if (before === null || before !== successOf(out)) return;
    if (!results.some((result) => parts.length === result.size && parts.every((name) => result.has(name)))) {
      problems.add(`_SUCCESS beside ${parts.length} parts: ${parts.join(', ')}`);
    }
    if (!existsSync(join(out, '_scoremill/manifest.json')) && before === successOf(out)) {
      problems.add('_SUCCESS without a manifest');
    }
  };

  const timer = setInterval(look, everyMs);
  return {
    looks: () => looks,
    end: () => {
      clearInterval(timer);
      look();
      return [...problems];
    },
  };
}

const isPart = (name: string): boolean => name.startsWith('part-');
const isExpected = (name: string): boolean =>
  isPart(name) || ['_SUCCESS', '_SUCCESS.writing', '_scoremill'].includes(name);

const namesOf = (folder: string): readonly string[] => (existsSync(folder) ? readdirSync(folder).sort() : []);

function manifestOf(out: string): string {
  const path = join(out, '_scoremill/manifest.json');
  return existsSync(path) ? readFileSync(path, 'utf8') : '{"parts":[]}';
}

const namedIn = (manifest: string): readonly string[] =>
  (JSON.parse(manifest) as { readonly parts: readonly { readonly name: string }[] }).parts.map(({ name }) => name);

/** Which `_SUCCESS` is there, or null. */
function successOf(out: string): string | null {
  const entry = statSync(join(out, '_SUCCESS'), { bigint: true, throwIfNoEntry: false });
  return entry === undefined ? null : `${entry.ino} ${entry.birthtimeNs}`;
}

const sha256Of = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');
