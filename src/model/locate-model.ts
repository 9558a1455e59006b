// Which .onnx file is meant by the path of a model: the file itself, or the one in a folder as model stores lay it out.
// Looked for in this order: MLmodel (MLflow), numbered versions (TensorFlow Serving, Triton), model.onnx, onnx/model.onnx
// (Hugging Face), the only .onnx file. A variant is the file model_VARIANT.onnx beside the plain one.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { failureOfIo, namesIn } from '../core/atomic-file.ts';
import { FailureError } from '../core/failure.ts';
import { readMlmodel } from './mlmodel.ts';
import { readTritonConfig } from './triton-config.ts';

export interface ModelChoice {
  readonly version?: 'latest' | number;
  /** Omitted: the plain model. */
  readonly variant?: string | undefined;
}

/** The path of the .onnx file. Fails when nothing is there, or the choice is not clear, or what was chosen is not there. */
export async function locateModel(path: string, { version = 'latest', variant }: ModelChoice = {}): Promise<string> {
  if (!(await isFolder(path))) return path;
  const names = await namesIn(path);
  const config = names.includes('config.pbtxt') ? await readTritonConfig(join(path, 'config.pbtxt')) : null;
  const versions = versionFolders(names);
  const served = versions.filter((name) => config?.versions?.includes(Number(name)) ?? true);
  const chosen = version === 'latest' ? served.at(-1) : versions.find((name) => Number(name) === version);
  if (version !== 'latest' && chosen === undefined) {
    throw new FailureError({ reason: 'model-version-missing', path, version, versions: versions.map(Number) });
  }
  const hasModelOfItsOwn = names.some((name) => name === 'MLmodel' || name.endsWith('.onnx'));
  const folder = chosen !== undefined && (version !== 'latest' || !hasModelOfItsOwn) ? join(path, chosen) : path;
  return variant === undefined ? fileIn(folder, config?.modelFile ?? 'model.onnx') : variantIn(folder, variant);
}

/** The names of version folders, in the order of their numbers. */
export const versionFolders = (names: readonly string[]): readonly string[] =>
  names.filter((name) => /^\d+$/.test(name)).sort((a, b) => Number(a) - Number(b));

/** The files of variants in a folder, and in its folder `onnx`, by the name of the variant. */
export async function variantsIn(folder: string): Promise<ReadonlyMap<string, string>> {
  const variants = new Map<string, string>();
  const names = await namesIn(folder);
  for (const part of ['onnx', '.'].filter((name) => name === '.' || names.includes(name))) {
    for (const name of part === '.' ? names : await namesIn(join(folder, part))) {
      const variant = /^model_(.+)\.onnx$/.exec(name)?.[1];
      if (variant !== undefined) variants.set(variant, join(folder, part, name));
    }
  }
  return variants;
}

async function variantIn(folder: string, variant: string): Promise<string> {
  const variants = await variantsIn(folder);
  const file = variants.get(variant);
  if (file !== undefined) return file;
  const known = [...variants.keys()].sort();
  throw new FailureError({ reason: 'model-variant-missing', path: folder, variant, variants: known });
}

async function fileIn(folder: string, plainName: string): Promise<string> {
  const names = await namesIn(folder);
  const mlmodel = names.includes('MLmodel') ? await readMlmodel(join(folder, 'MLmodel')) : null;
  if (mlmodel?.modelFile) return join(folder, mlmodel.modelFile);
  if (names.includes(plainName)) {
    // Triton allows a folder of this name, with external data beside the model in it.
    const file = join(folder, plainName);
    return (await isFolder(file)) ? fileIn(file, 'model.onnx') : file;
  }
  const found = names.filter((name) => name.endsWith('.onnx'));
  if (found.length === 1) return join(folder, found[0]);
  if (found.length === 0 && names.includes('onnx')) return fileIn(join(folder, 'onnx'), plainName);
  if (found.length === 0 && mlmodel !== null) {
    const message = `the model has no flavor onnx (it has: ${mlmodel.flavors.join(', ') || 'none'}): log it with mlflow.onnx`;
    throw new FailureError({ reason: 'model-folder-unreadable', path: mlmodel.path, message });
  }
  throw new FailureError({ reason: 'model-not-in-folder', path: folder, found: found.sort() });
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
