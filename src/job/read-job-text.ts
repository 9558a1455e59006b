// A job file's text from the disk, with a clear refusal for what cannot be a job file: a folder, data, a model.
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { failureOfIo } from '../core/atomic-file.ts';
import { nearest } from '../core/edit-distance.ts';
import { FailureError } from '../core/failure.ts';

const mostBytes = 1 << 20;
const dataSuffix = /\.(parquet|csv|tsv|jsonl|ndjson|json|arrow|arrows|feather|ipc)(\.gz|\.zst)?$/i;

/** Reads the file at the absolute `path`; `where` is what a person typed. */
export async function readJobText(path: string, where: string): Promise<string> {
  const bytes = await readWhole(path, where);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!text.includes('\0')) return text;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  throw new FailureError({
    reason: 'job-unreadable',
    path: where,
    problem: `is not a text file in UTF-8${insteadOf(where)}`,
  });
}

async function readWhole(path: string, where: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size <= mostBytes) return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new FailureError({ reason: 'job-missing', path: where, suggestion: await similarName(path) });
    }
    if (code === 'EISDIR') throw new FailureError({ reason: 'job-unreadable', path: where, problem: 'is a folder' });
    throw failureOfIo('read', where, error);
  }
  const problem = `has more than 1 MiB, too much for a job file${insteadOf(where)}`;
  throw new FailureError({ reason: 'job-unreadable', path: where, problem });
}

async function similarName(path: string): Promise<string | undefined> {
  const siblings = await readdir(dirname(path)).catch(() => []);
  return nearest(basename(path), siblings);
}

function insteadOf(where: string): string {
  if (where.endsWith('.onnx')) return `; a model is given with --model`;
  return dataSuffix.test(where) ? `; a dataset is given with --dataset, and its glob in quotes` : '';
}
