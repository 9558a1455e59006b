// Which files a dataset is made of, in which order. Pure JavaScript, since the supervisor runs it. Decisions: a path that
// exists is taken as it stands before it is read as a glob; shards keep the order of the list, and inside a folder or glob the
// order of their paths by code unit; links are followed under the name they have in the folder.
import { accessSync, constants, readdir, realpath, type Stats, stat, statSync } from 'node:fs';
import { access, stat as statAsync } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { type Failure, FailureError } from '../core/failure.ts';
import type { Format, Shard } from '../core/split.ts';
import { visitFiles } from '../source/few-at-a-time.ts';
import { failureOfFile } from '../source/file-failure.ts';
import { fileKind } from './file-kind.ts';
import { partitionOf } from './partition-folders.ts';

export interface DiscoverRequest {
  /** Absolute paths: files, folders (with everything below them) or globs. */
  readonly paths: readonly string[];
  readonly format: 'auto' | Format;
}

interface Found {
  readonly path: string;
  readonly partition: Readonly<Record<string, string>>;
  readonly fileBytes: number;
  readonly modifiedMs: number;
}

/**
 * Lists the shards of a dataset. Names that begin with `_` or `.` inside folders and globs are not data and are skipped, and so
 * are names without a known suffix when others beside them have one; a file that is named itself is always taken. A file that
 * is listed twice is read once, at its first place. Throws a FailureError for everything that is missing or unclear.
 */
export async function discoverShards({ paths, format }: DiscoverRequest): Promise<readonly Shard[]> {
  const failures: Failure[] = [];
  const found = new Map<string, Found>();
  for (const path of paths.map((each) => resolve(each))) {
    const files = await filesAt(path, format, failures);
    for (const file of files) if (!found.has(file.path)) found.set(file.path, file);
  }
  stopAt(failures);
  const shards = [...found.values()].map((file, index): Shard => {
    const { path, partition, fileBytes, modifiedMs } = file;
    return { index, path, ...fileKind(path, format)!, fileBytes, modifiedMs, partition };
  });
  stopAt([...mixedFormats(shards), ...differingKeys(shards)]);
  return shards;
}

function stopAt(failures: readonly Failure[]): void {
  const [first, ...others] = failures;
  if (first !== undefined) throw new FailureError(first, ...others);
}

/** The files that one path of the list stands for. */
async function filesAt(path: string, format: 'auto' | Format, failures: Failure[]): Promise<readonly Found[]> {
  let files: readonly Found[];
  try {
    files = await lookUp(path, failures);
  } catch (error) {
    failures.push(failureAt(error as NodeJS.ErrnoException, path));
    return [];
  }
  const known = files.filter((file) => fileKind(file.path, format) !== undefined);
  if (files.length > 0 && known.length === 0) {
    failures.push({ reason: 'format-unknown', path, names: files.map((file) => basename(file.path)) });
  }
  return known;
}

async function lookUp(path: string, failures: Failure[]): Promise<readonly Found[]> {
  const stats = await statAsync(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'ENAMETOOLONG') return undefined;
    throw error;
  });
  if (stats?.isFile()) {
    return [found(path, {}, await readableStats(path))];
  }
  if (stats !== undefined && !stats.isDirectory()) {
    failures.push({ reason: 'dataset-not-a-file', path });
    return [];
  }
  const { folder, pattern } = stats === undefined ? await existingFolder(path) : { folder: path, pattern: '**' };
  if (!isDynamicPattern(pattern)) {
    failures.push({ reason: 'dataset-missing', path, folder, lookedFor: 'file' });
    return [];
  }
  const failuresBefore = failures.length;
  const files = await filesBelow(folder, pattern, failures);
  if (files.length === 0 && failures.length === failuresBefore) {
    failures.push({ reason: 'dataset-missing', path, folder, lookedFor: stats === undefined ? 'glob' : 'folder' });
  }
  return files;
}

/** The deepest folder on the way to a path that exists, where the search for a glob begins, and what is left to look for. */
async function existingFolder(path: string): Promise<{ readonly folder: string; readonly pattern: string }> {
  const [, ...names] = path.split(sep);
  let folder: string = sep;
  while (names.length > 1) {
    const [name] = names;
    const spellings = [join(folder, name), join(folder, name.replace(/\\(.)/g, '$1'))];
    const isFolder = await Promise.all(spellings.map(isFolderAt));
    const next = spellings.find((_, i) => isFolder[i]);
    if (next === undefined) break;
    folder = next;
    names.shift();
  }
  return { folder, pattern: names.join(sep) };
}

const isFolderAt = (path: string): Promise<boolean> =>
  statAsync(path).then(
    (stats) => stats.isDirectory(),
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return false;
      throw error;
    },
  );

/** The name that the glob walk knows the folder by: it would read a backslash in a real one as a slash. */
const walked = '/dataset';

/** Files that match a glob, and files below folders that match it. */
async function filesBelow(folder: string, pattern: string, failures: Failure[]): Promise<readonly Found[]> {
  const unreadable = new Map<string, NodeJS.ErrnoException>();
  const names = await glob([pattern, `${pattern}/**`], {
    cwd: walked,
    expandDirectories: false,
    fs: { readdir: readData(folder, unreadable) as never },
  });
  const paths = names.map((name) => join(folder, name));
  for (const [path, error] of unreadable) failures.push(failureAt(error, path));
  paths.sort();
  const foundAt = (path: string, stats: Stats): Found =>
    found(path, partitionOf(relative(folder, dirname(path))), stats);
  return visitFiles(paths, {
    now: (path) => {
      accessSync(path, constants.R_OK);
      return foundAt(path, statSync(path));
    },
    later: async (path) => foundAt(path, await readableStats(path)),
  });
}

const found = (path: string, partition: Found['partition'], { size, mtimeMs }: Stats): Found => ({
  path,
  partition,
  fileBytes: size,
  modifiedMs: mtimeMs,
});

async function readableStats(path: string): Promise<Stats> {
  const [stats] = await Promise.all([statAsync(path), access(path, constants.R_OK)]);
  return stats;
}

type Callback = (error: Error | null, entries: readonly Entry[]) => void;

interface Entry {
  readonly name: string;
  readonly isFile: () => boolean;
  readonly isDirectory: () => boolean;
  readonly isSymbolicLink: () => boolean;
}

/**
 * `fs.readdir` as the glob walk needs it: without hidden names, with links shown as what they lead to, so that paths stay the
 * ones a user sees, and with errors collected, because the walk ignores them and would leave rows out without a word.
 */
const readData =
  (root: string, unreadable: Map<string, NodeJS.ErrnoException>) =>
  (asked: string, options: { readonly withFileTypes: true }, done: Callback): void => {
    const folder = join(root, relative(walked, asked));
    readdir(folder, options, (error, entries) => {
      // The walk begins at the folder that the pattern names, which need not be there.
      if (error !== null && error.code !== 'ENOENT') unreadable.set(folder, error);
      const data = (error === null ? entries : []).filter((entry) => !/^[._]/.test(entry.name));
      const links = data.filter((entry) => entry.isSymbolicLink());
      if (links.length === 0) return done(null, data);
      const resolved: Entry[] = data.filter((entry) => !entry.isSymbolicLink());
      let waiting = links.length;
      for (const { name } of links) {
        followLink(join(folder, name), (failure, entry) => {
          if (failure !== null) unreadable.set(join(folder, name), failure);
          if (entry !== null) resolved.push(entry);
          if (--waiting === 0) done(null, resolved);
        });
      }
    });
  };

/** What a link leads to, under the link's own name; nothing when it leads back to a folder that contains it. */
function followLink(path: string, done: (error: NodeJS.ErrnoException | null, entry: Entry | null) => void): void {
  stat(path, (error, stats) => {
    if (error !== null) return done(error, null);
    const entry: Entry = {
      name: basename(path),
      isFile: () => stats.isFile(),
      isDirectory: () => stats.isDirectory(),
      isSymbolicLink: () => false,
    };
    if (!stats.isDirectory()) return done(null, entry);
    realpath(path, (targetError, target) => {
      realpath(dirname(path), (folderError, folder) => {
        const failure = targetError ?? folderError;
        if (failure !== null) return done(failure, null);
        done(null, `${folder}${sep}`.startsWith(`${target}${sep}`) ? null : entry);
      });
    });
  });
}

/** A name that a folder lists and that is not there is a broken link. */
function failureAt(error: NodeJS.ErrnoException, listedPath: string): Failure {
  const path = error.path ?? listedPath;
  if (error.code === 'ENOENT') return { reason: 'dataset-missing', path, folder: dirname(path), lookedFor: 'link' };
  return failureOfFile(error, path);
}

function mixedFormats(shards: readonly Shard[]): readonly Failure[] {
  const formats = [...new Set(shards.map((shard) => shard.format))].map((format) => {
    const files = shards.filter((shard) => shard.format === format);
    return { format, files: files.length, example: files[0].path };
  });
  return formats.length < 2 ? [] : [{ reason: 'dataset-mixed-formats', formats }];
}

/** One failure for the first shard whose folders name other keys than the first shard's. */
function differingKeys(shards: readonly Shard[]): readonly Failure[] {
  const keysOf = (shard: Shard): string[] => Object.keys(shard.partition).sort();
  const different = shards.find((shard) => keysOf(shard).join('\n') !== keysOf(shards[0]).join('\n'));
  if (different === undefined) return [];
  const [first] = shards;
  return [
    {
      reason: 'partition-keys-differ',
      path: first.path,
      keys: keysOf(first),
      otherPath: different.path,
      otherKeys: keysOf(different),
    },
  ];
}
