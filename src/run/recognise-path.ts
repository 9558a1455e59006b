// What a path is that somebody wants to look at: a model, data, or an output folder. Names decide first, then what is in a
// folder, then the first bytes of a file.
import { open, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { failureOfIo, namesIn } from '../core/atomic-file.ts';
import { FailureError } from '../core/failure.ts';
import type { Format } from '../core/split.ts';
import { locateModel, type ModelChoice } from '../model/locate-model.ts';
import { recognise } from '../model/recognise.ts';
import { discoverShards } from '../plan/discover.ts';

export type RecognisedPath =
  /** `path` is the .onnx file, `folder` what was given: the same, or the folder that it was found in. */
  | { readonly kind: 'model'; readonly path: string; readonly folder: string }
  | { readonly kind: 'dataset'; readonly path: string; readonly format: 'auto' | Format }
  | { readonly kind: 'output'; readonly path: string };

/** The key of ir_version, the first field, which exporters write first. */
const firstByteOfOnnx = 0x08;

/**
 * Recognises an absolute path, or throws the FailureError that says why it is none of the three. `format` is what data would
 * be: said, a path that is neither a model nor an output folder is taken for data.
 */
export async function recognisePath(
  path: string,
  choice: ModelChoice,
  format: 'auto' | Format,
): Promise<RecognisedPath> {
  const kind = await kindOf(path);
  const isPlainModelName = path.endsWith('.onnx') && !/[*?[{]/.test(path);
  if (kind === 'absent' && isPlainModelName) throw new FailureError({ reason: 'model-missing', path });
  const data: RecognisedPath = { kind: 'dataset', path, format };
  if (kind === 'absent') return data;
  try {
    const recognised = await (kind === 'folder' ? recogniseFolder(path, choice) : recogniseFile(path));
    return recognised.kind === 'dataset' && format !== 'auto' ? data : recognised;
  } catch (error) {
    const isUnknown = error instanceof FailureError && error.failures[0].reason === 'path-unknown';
    if (isUnknown && format !== 'auto') return data;
    throw error;
  }
}

async function kindOf(path: string): Promise<'file' | 'folder' | 'absent'> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return 'absent';
    throw failureOfIo('look at', path, error);
  }
}

async function recogniseFolder(path: string, choice: ModelChoice): Promise<RecognisedPath> {
  const names = await namesIn(path);
  if (names.includes('_scoremill')) return { kind: 'output', path };
  if (basename(path) === '_scoremill') return { kind: 'output', path: dirname(path) };
  if (names.length === 0) throw unknown(path, 'the folder is empty');
  try {
    return { kind: 'model', path: await locateModel(path, choice), folder: path };
  } catch (error) {
    if (!(error instanceof FailureError)) throw error;
    const [failure] = error.failures;
    if (failure.reason !== 'model-not-in-folder') throw error;
    if (failure.found.length > 1 && !(await holdsData(path))) throw error;
    return { kind: 'dataset', path, format: 'auto' };
  }
}

const holdsData = (path: string): Promise<boolean> =>
  discoverShards({ paths: [path], format: 'auto' }).then(
    () => true,
    () => false,
  );

async function recogniseFile(path: string): Promise<RecognisedPath> {
  if (path.endsWith('.onnx')) return { kind: 'model', path, folder: path };
  if (await holdsData(path)) return { kind: 'dataset', path, format: 'auto' };
  const head = await firstBytes(path);
  const start = head.toString('latin1');
  if (start.startsWith('PAR1')) return { kind: 'dataset', path, format: 'parquet' };
  if (start.startsWith('ARROW1')) return { kind: 'dataset', path, format: 'arrow' };
  if (head.length === 0) throw unknown(path, 'the file is empty (0 bytes)');
  if (/\.ya?ml$/i.test(path)) {
    throw unknown(path, 'this looks like a job file; "scoremill plan" with it shows what it would do');
  }
  const failure = recognise(path, head);
  if (failure?.reason === 'model-lfs-pointer' || (failure === undefined && head[0] === firstByteOfOnnx)) {
    return { kind: 'model', path, folder: path };
  }
  const isKnown = failure?.reason === 'model-not-onnx' && !failure.found.startsWith('text');
  throw unknown(
    path,
    isKnown ? `this is ${failure.found}` : 'cannot tell by its suffix or its first bytes what this is',
  );
}

async function firstBytes(path: string): Promise<Buffer> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw failureOfIo('read', path, error);
  }
}

const unknown = (path: string, message: string): FailureError =>
  new FailureError({ reason: 'path-unknown', path, message });
