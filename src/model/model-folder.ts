// What a model's folder says about the model in it, as plain data: the layout, the names of classes and features, and the
// files that preprocessing is described in. A path that names the .onnx file itself is taken at its word: of the files
// around it only those of preprocessing are found, which have no effect until a job asks for them.
import { basename, dirname, join, relative } from 'node:path';
import { namesIn } from '../core/atomic-file.ts';
import { FailureError } from '../core/failure.ts';
import { type ClassLabels, readConfigLabels, readLabelFile } from './class-labels.ts';
import { variantsIn, versionFolders } from './locate-model.ts';
import type { Mlmodel } from './mlmodel.ts';
import { readTritonConfig, type TritonConfig } from './triton-config.ts';

export interface ModelFolder {
  /** file: the path is that of the .onnx file. plain: a folder that says nothing but which file it is. */
  readonly layout: 'file' | 'plain' | 'versions' | 'triton' | 'mlflow' | 'hugging-face';
  /** What was given: the folder, or the file. */
  readonly path: string;
  /** The .onnx file. */
  readonly modelPath: string;
  /** Of the file; null where it lies in no version folder, or is the plain model. */
  readonly version: number | null;
  readonly variant: string | null;
  /** That can be chosen, in order. */
  readonly versions: readonly number[];
  readonly variants: readonly string[];
  readonly triton: TritonConfig | null;
  readonly mlflow: Mlmodel | null;
  /** Class labels by the name of an output (Triton). */
  readonly labels: Readonly<Record<string, ClassLabels>>;
  /** Class labels of the output that they fit (Hugging Face). */
  readonly classLabels: ClassLabels | null;
  /** tokenizer.json beside the model, or in the folder above it. */
  readonly tokenizerPath: string | null;
  readonly tokenizerConfigPath: string | null;
  /** preprocessor_config.json, in the same places. */
  readonly preprocessorPath: string | null;
}

/**
 * Reads what the folder at `path` says about the model at `modelPath`, which `locateModel` found in it; both are the same for
 * a file. Fails with `model-folder-unreadable` for a file that is not of its format.
 */
export async function readModelFolder(path: string, modelPath: string): Promise<ModelFolder> {
  const folder = dirname(modelPath);
  const around = await finderIn([folder, dirname(folder)]);
  const beside = {
    tokenizerPath: around('tokenizer.json'),
    tokenizerConfigPath: around('tokenizer_config.json'),
    preprocessorPath: around('preprocessor_config.json'),
  };
  if (path === modelPath) {
    const choices = { version: null, variant: null, versions: [], variants: [] };
    const descriptions = { triton: null, mlflow: null, labels: {}, classLabels: null };
    return { layout: 'file', path, modelPath, ...choices, ...descriptions, ...beside };
  }
  const within = await finderIn(describingFolders(path, folder));
  const [tritonPath, mlmodelPath, configPath] = ['config.pbtxt', 'MLmodel', 'config.json'].map(within);
  const triton = tritonPath === null ? null : await readTritonConfig(tritonPath);
  const mlflow = mlmodelPath === null ? null : await (await import('./mlmodel.ts')).readMlmodel(mlmodelPath);
  const classLabels = configPath === null ? null : await readConfigLabels(configPath);
  const version = /^\d+$/.exec(relative(path, modelPath).split('/')[0])?.[0];
  const variants = await variantsIn(join(path, version ?? '.'));
  const isHuggingFace = classLabels !== null || (configPath !== null && beside.tokenizerPath !== null);
  return {
    layout: layoutOf({
      triton: triton !== null,
      mlflow: mlflow !== null,
      version: version !== undefined,
      isHuggingFace,
    }),
    path,
    modelPath,
    version: version === undefined ? null : Number(version),
    variant: [...variants].find(([, file]) => file === modelPath)?.[0] ?? null,
    versions: versionFolders(await namesIn(path)).map(Number),
    variants: [...variants.keys()].sort(),
    triton,
    mlflow,
    labels: triton === null ? {} : await labelsOf(triton),
    classLabels,
    ...beside,
  };
}

/** Every file that was read, or may be for preprocessing: a result may depend on each. */
export function filesOfFolder(folder: ModelFolder): readonly string[] {
  const { triton, mlflow, labels, classLabels, tokenizerPath, tokenizerConfigPath, preprocessorPath } = folder;
  const described = [triton, mlflow, ...Object.values(labels), classLabels].map((one) => one?.path ?? null);
  return [...described, tokenizerPath, tokenizerConfigPath, preprocessorPath].filter((path) => path !== null);
}

/** Where the folder's own description of the model may lie, the nearest to the model first. */
function describingFolders(path: string, modelFolder: string): readonly string[] {
  const isInside = (folder: string): boolean => folder === path || folder.startsWith(`${path}/`);
  const isPartOfAnother = /^(\d+|onnx)$/.test(basename(path));
  return [...[modelFolder, dirname(modelFolder)].filter(isInside), path, ...(isPartOfAnother ? [dirname(path)] : [])];
}

/** Finds a name in the first of some folders that has it. */
async function finderIn(folders: readonly string[]): Promise<(name: string) => string | null> {
  const names = await Promise.all(folders.map(namesIn));
  return (name) => {
    const index = names.findIndex((those) => those.includes(name));
    return index === -1 ? null : join(folders[index], name);
  };
}

function layoutOf(has: {
  readonly triton: boolean;
  readonly mlflow: boolean;
  readonly version: boolean;
  readonly isHuggingFace: boolean;
}): ModelFolder['layout'] {
  if (has.triton) return 'triton';
  if (has.mlflow) return 'mlflow';
  if (has.isHuggingFace) return 'hugging-face';
  return has.version ? 'versions' : 'plain';
}

async function labelsOf({ path, outputs }: TritonConfig): Promise<ModelFolder['labels']> {
  const labels: [string, ClassLabels][] = [];
  for (const { name, labelFile } of outputs) {
    if (labelFile === null) continue;
    const file = join(dirname(path), labelFile);
    if (!(await namesIn(dirname(file))).includes(basename(file))) {
      const message = `the labels of output "${name}" are in ${labelFile}, which is not in the folder of the model`;
      throw new FailureError({ reason: 'model-folder-unreadable', path, message });
    }
    labels.push([name, await readLabelFile(file)]);
  }
  return Object.fromEntries(labels);
}
