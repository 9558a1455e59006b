// Where the bytes of an image come from: the column itself, a data: URI, or a file. A dataset may come from anywhere, so a path
// in it must not lead the scorer out of the folders that the job names: symbolic links are followed before that is checked.
import { open, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RawValue } from '../core/preparer.ts';
import type { ImagePlan } from './image-plan.ts';
import { type RefusedRow, refused } from './refused-row.ts';

/** No encoded image that is worth decoding is larger. */
const mostFileBytes = 256 * 2 ** 20;

const scheme = /^([a-z][a-z0-9+.-]+):/i;

/** The encoded image, or why there is none. */
export async function imageBytes(
  value: RawValue,
  shardPath: string,
  plan: Pick<ImagePlan, 'root' | 'folders'>,
): Promise<Uint8Array | RefusedRow> {
  if (typeof value !== 'string') {
    return value.length === 0 ? refused('image-undecodable', 'the value is empty: no bytes') : value;
  }
  if (/^data:/i.test(value)) return bytesOfDataUri(value);
  const shardFolder = dirname(shardPath);
  const path = pathOf(value, plan.root ?? shardFolder);
  if (typeof path !== 'string') return path;
  return bytesOfFile(path, plan.root === null ? [...new Set([shardFolder, ...plan.folders])] : plan.folders);
}

/** RFC 2397: `data:[type][;base64],content`. */
function bytesOfDataUri(uri: string): Uint8Array | RefusedRow {
  const comma = uri.indexOf(',');
  if (comma === -1) return refused('image-undecodable', 'the data: URI has no comma, so no content');
  const content = uri.slice(comma + 1);
  try {
    const text = decodeURIComponent(content);
    return Buffer.from(text, /;\s*base64$/i.test(uri.slice(0, comma)) ? 'base64' : 'latin1');
  } catch {
    return refused('image-undecodable', 'the data: URI has a % that is followed by no hexadecimal number');
  }
}

function pathOf(text: string, folder: string): string | RefusedRow {
  if (text.trim() === '') return refused('image-missing', 'the path is empty');
  if (text.includes('\0')) return refused('image-missing', 'the path has a NUL character');
  const [, name] = scheme.exec(text) ?? [];
  if (name === undefined) return resolve(folder, text);
  if (name.toLowerCase() !== 'file') {
    const advice = 'images are read from files only; copy them beside the data and give their paths';
    return refused('image-remote', `${shown(text)}: ${name}: is not read; ${advice}`);
  }
  try {
    return fileURLToPath(text);
  } catch (error) {
    return refused('image-missing', `${shown(text)}: ${(error as Error).message}`);
  }
}

async function bytesOfFile(path: string, folders: readonly string[]): Promise<Uint8Array | RefusedRow> {
  try {
    const found = await realpath(path);
    if (!(await isWithin(found, folders))) {
      const advice = `an image must lie in ${folders.join(' or ')}; name another folder in the job: image: { root: FOLDER }`;
      return refused('image-outside', `${found}: ${advice}`);
    }
    await using file = await open(found, 'r');
    const facts = await file.stat();
    if (!facts.isFile()) return refused('image-missing', `${path} is no file`);
    if (facts.size > mostFileBytes) {
      return refused('image-too-large', `${path} has ${facts.size} bytes; at most ${mostFileBytes} are read`);
    }
    return await file.readFile();
  } catch (error) {
    return refused('image-missing', describe(path, error as NodeJS.ErrnoException));
  }
}

async function isWithin(path: string, folders: readonly string[]): Promise<boolean> {
  for (const folder of folders) {
    const way = relative(await realpath(folder), path);
    if (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)) return true;
  }
  return false;
}

function describe(path: string, { code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT' || code === 'ENOTDIR') return `no file ${path}`;
  if (code === 'EACCES' || code === 'EPERM') return `no permission to read ${path}`;
  if (code === 'EMFILE' || code === 'ENFILE' || code === 'EIO') throw new Error(`${path}: ${message}`);
  return `${path}: ${message}`;
}

const shown = (text: string): string => (text.length <= 100 ? text : `${text.slice(0, 97)}...`);
