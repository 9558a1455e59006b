// Which .onnx file is meant by the path of a model: the file itself, or the one in a folder as model stores lay it out.
// Looked for in this order: MLmodel (MLflow), numbered versions (TensorFlow Serving, Triton), model.onnx, onnx/model.onnx
// (Hugging Face), the only .onnx file.
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { failureOfIo } from '../core/atomic-file.ts';
import { FailureError } from '../core/failure.ts';

/** The path of the .onnx file. Fails when nothing is there, when the choice is not clear, or without the wanted version. */
export async function locateModel(path: string, version: 'latest' | number = 'latest'): Promise<string> {
  if (!(await isFolder(path))) return path;
  const names = await namesIn(path);
  const versions = names.filter((name) => /^\d+$/.test(name)).sort((a, b) => Number(a) - Number(b));
  const chosen = version === 'latest' ? versions.at(-1) : versions.find((name) => Number(name) === version);
  if (version !== 'latest' && chosen === undefined) {
    throw new FailureError({ reason: 'model-version-missing', path, version, versions: versions.map(Number) });
  }
  const hasModelOfItsOwn = names.some((name) => name === 'MLmodel' || name.endsWith('.onnx'));
  return chosen !== undefined && (version !== 'latest' || !hasModelOfItsOwn)
    ? fileIn(join(path, chosen))
    : fileIn(path);
}

async function fileIn(folder: string): Promise<string> {
  const names = await namesIn(folder);
  if (names.includes('MLmodel')) {
    const file = onnxFileOf(await readFile(join(folder, 'MLmodel'), 'utf8'));
    if (file !== undefined) return join(folder, file);
  }
  if (names.includes('model.onnx')) {
    // Triton allows a folder of this name, with external data beside the model in it.
    const file = join(folder, 'model.onnx');
    return (await isFolder(file)) ? fileIn(file) : file;
  }
  const found = names.filter((name) => name.endsWith('.onnx'));
  if (found.length === 1) return join(folder, found[0]);
  if (found.length === 0 && names.includes('onnx')) return fileIn(join(folder, 'onnx'));
  throw new FailureError({ reason: 'model-not-in-folder', path: folder, found: found.sort() });
}

/** The file that the `onnx` flavor of an MLmodel file names: `data:` in the block under `onnx:`. */
function onnxFileOf(text: string): string | undefined {
  const block = /^( +)onnx:[^\S\n]*\n((?:\1 +.*\n?)+)/m.exec(text)?.[2];
  return block && /^ +data: *["']?(.+?)["']? *$/m.exec(block)?.[1];
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new FailureError({ reason: 'model-missing', path });
    throw failureOfIo('read', path, error);
  }
}

const namesIn = (folder: string): Promise<readonly string[]> =>
  readdir(folder).catch((error: unknown) => {
    throw failureOfIo('read', folder, error);
  });
