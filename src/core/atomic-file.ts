// Every file operation of the supervisor that must survive a kill or a power cut. Content is synced before the rename that
// shows it, folders are synced after it, and symbolic links are never followed in the last part of a path.
import { constants } from 'node:fs';
import {
  copyFile,
  type FileHandle,
  link,
  lstat,
  mkdir,
  open,
  readdir,
  rename,
  rm,
  stat,
  unlink,
} from 'node:fs/promises';
import { dirname } from 'node:path';
import { FailureError, ioFailure, isSystemError } from './failure.ts';

const { O_APPEND, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;

/**
 * Replaces a file as a whole: readers see the old content or the new, also after a power cut. `mayReplace` is asked when the
 * new content is on the disk; when it throws, the old one stays.
 */
export async function writeFileDurably(
  path: string,
  content: string | Uint8Array,
  mayReplace: () => Promise<void> = async () => {},
): Promise<void> {
  const temporary = `${path}.writing`;
  await removeFile(temporary);
  await writeNewFile(temporary, content);
  try {
    await mayReplace();
  } catch (error) {
    await removeFile(temporary);
    throw error;
  }
  await renameDurably(temporary, path);
}

/** Writes and syncs a file that must not exist yet. Its name in the folder is durable only once the folder is synced. */
export async function writeNewFile(path: string, content: string | Uint8Array): Promise<void> {
  await attempt('write', path, async () => {
    const file = await open(path, 'wx');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
  });
}

/** Renames within one file system, replacing `to`, and syncs the folders of both names. */
export async function renameDurably(from: string, to: string): Promise<void> {
  await attempt('rename', from, () => rename(from, to));
  await syncFolder(dirname(to));
  if (dirname(from) !== dirname(to)) await syncFolder(dirname(from));
}

/** Renames and tells whether `from` was there; the caller syncs the folders. */
export function renameIfPresent(from: string, to: string): Promise<boolean> {
  return attempt('rename', from, () =>
    unlessAbsent(
      rename(from, to).then(() => true),
      false,
    ),
  );
}

/**
 * Gives a file a second name and tells whether that name was free: the atomic "create with this content". Where the file
 * system has no links it is copied to the free name, and may for a moment be seen empty.
 */
export function linkIfFree(from: string, to: string): Promise<boolean> {
  return attempt('link', to, async () => {
    try {
      await link(from, to).catch((error) => {
        if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(codeOf(error) ?? '')) throw error;
        return copyFile(from, to, constants.COPYFILE_EXCL);
      });
      return true;
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      throw error;
    }
  });
}

/** Opens an existing file for `appendDurably`. The caller closes it. */
export function openForAppend(path: string): Promise<FileHandle> {
  return attempt('open', path, () => open(path, O_WRONLY | O_APPEND | O_NOFOLLOW));
}

/** Resolves when the bytes are on the disk. After a failure nobody knows how many of them are: do not append again. */
export async function appendDurably(file: FileHandle, path: string, bytes: Uint8Array): Promise<void> {
  await attempt('append', path, async () => {
    await file.writeFile(bytes);
    await file.sync();
  });
}

export async function syncFile(path: string): Promise<void> {
  await attempt('sync', path, () => openAndSync(path));
}

/** Makes the names in a folder durable. File systems that cannot sync a folder (some network mounts) are taken at their word. */
export async function syncFolder(path: string): Promise<void> {
  await attempt('sync', path, async () => {
    try {
      await openAndSync(path);
    } catch (error) {
      if (!['EINVAL', 'ENOTSUP', 'EOPNOTSUPP'].includes(codeOf(error) ?? '')) throw error;
    }
  });
}

/** Creates a folder and those above it, each durable in the one that holds it. */
export async function makeFolder(path: string): Promise<void> {
  const first = await attempt('create', path, () => makeMissing(path));
  if (first === undefined) return;
  for (let created = path; created.length >= first.length; created = dirname(created))
    await syncFolder(dirname(created));
}

/** The first folder that it made, or undefined. Node's own recursive mkdir never returns where none can be made, as in /proc. */
async function makeMissing(path: string): Promise<string | undefined> {
  try {
    await mkdir(path);
    return path;
  } catch (error) {
    if (codeOf(error) === 'EEXIST' && (await stat(path)).isDirectory()) return undefined;
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
  }
  const first = await makeMissing(dirname(path));
  await mkdir(path).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw error;
  });
  return first ?? path;
}

/** Removes a file or a symbolic link; one that is absent is fine. The caller syncs the folder. */
export async function removeFile(path: string): Promise<void> {
  await attempt('remove', path, () => unlessAbsent(unlink(path), undefined));
}

/** Removes a folder of our own with everything in it; symbolic links are removed, not followed. */
export async function removeFolder(path: string): Promise<void> {
  await attempt('remove', path, () => rm(path, { recursive: true, force: true }));
}

/** The names in a folder, sorted; none when there is no such folder. */
export async function namesIn(path: string): Promise<readonly string[]> {
  const names = await attempt('list', path, () => unlessAbsent(readdir(path), []));
  return names.sort();
}

/** The bytes of a file, or null when there is none. */
export function readIfPresent(path: string): Promise<Buffer | null> {
  return attempt('read', path, async () => {
    const file = await unlessAbsent(open(path, O_RDONLY | O_NOFOLLOW), null);
    if (file === null) return null;
    try {
      return await file.readFile();
    } finally {
      await file.close();
    }
  });
}

export interface StampedBytes {
  readonly bytes: Buffer;
  /** When they were modified, as their file system says: good for nothing but to be compared with itself. */
  readonly modifiedNs: bigint;
}

/** The same with its time; the file is opened for it, which is what makes network file systems ask anew. */
export function readStamped(path: string): Promise<StampedBytes | null> {
  return attempt('read', path, async () => {
    const file = await unlessAbsent(open(path, O_RDONLY | O_NOFOLLOW), null);
    if (file === null) return null;
    try {
      return { modifiedNs: (await file.stat({ bigint: true })).mtimeNs, bytes: await file.readFile() };
    } finally {
      await file.close();
    }
  });
}

export type EntryKind = 'absent' | 'file' | 'folder' | 'link' | 'other';

/** What a name stands for, without following a link; `bytes` is 0 for all but files. */
export function entryAt(path: string): Promise<{ readonly kind: EntryKind; readonly bytes: number }> {
  return attempt('look at', path, async () => {
    const entry = await unlessAbsent(lstat(path), null);
    if (entry === null) return { kind: 'absent', bytes: 0 };
    if (entry.isFile()) return { kind: 'file', bytes: entry.size };
    return { kind: entry.isDirectory() ? 'folder' : entry.isSymbolicLink() ? 'link' : 'other', bytes: 0 };
  });
}

/** What a failed system call amounts to: `permission-denied` or `io`. Anything else that was thrown is returned as it is. */
export function failureOfIo(operation: string, path: string, error: unknown): unknown {
  if (!isSystemError(error)) return error;
  return new FailureError(ioFailure({ operation, path, code: error.code, message: error.message }));
}

async function attempt<T>(operation: string, path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw failureOfIo(operation, path, error);
  }
}

async function openAndSync(path: string): Promise<void> {
  const file = await open(path, O_RDONLY);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function unlessAbsent<T, A>(result: Promise<T>, absent: A): Promise<T | A> {
  try {
    return await result;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return absent;
    throw error;
  }
}

const codeOf = (error: unknown): string | undefined => {
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  return typeof syscall === 'string' ? code : undefined;
};
