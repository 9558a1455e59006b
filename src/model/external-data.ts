// The files beside a model that hold its weights: which they are, and whether they are there, whole, and where the
// runtime will open them (inside the model's folder; links are left for the runtime to judge).
import { stat } from 'node:fs/promises';
import { dirname, join, normalize, relative } from 'node:path';
import { failureOfIo } from '../core/atomic-file.ts';
import type { Failure } from '../core/failure.ts';
import { sha256OfFile } from '../core/hash.ts';
import type { OnnxGraph, OnnxModel, OnnxSparseTensor, OnnxTensor } from './onnx.ts';
import { graphsOf } from './operators.ts';

export interface ExternalFile {
  /** Relative to the model's folder. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

interface Wanted {
  readonly tensor: string;
  readonly neededBytes: number;
}

// Bits of one element by TensorProto.DataType; text (8) cannot be external.
const elementBits = [0, 32, 8, 8, 16, 16, 32, 64, 0, 8, 16, 64, 32, 64, 64, 128, 16, 8, 8, 8, 8, 4, 4, 4, 8, 2, 2];
const external = 1;

/** Where each external file must end at least, and the first tensor that wants it, by the path that the model gives. */
function wantedFiles(model: OnnxModel): ReadonlyMap<string, Wanted> {
  const wanted = new Map<string, Wanted>();
  for (const tensor of tensorsOf(model)) {
    if (tensor.dataLocation !== external) continue;
    const entries = new Map((tensor.externalData ?? []).map(({ key = '', value = '' }) => [key, value]));
    const location = entries.get('location') ?? '';
    const elements = (tensor.dims ?? []).reduce((product, size) => product * size.toNumber(), 1);
    const tensorBytes = Math.ceil((elements * (elementBits[tensor.dataType ?? 0] ?? 0)) / 8);
    const end = Number(entries.get('offset') ?? 0) + Math.max(Number(entries.get('length') ?? 0), tensorBytes);
    const known = wanted.get(location);
    wanted.set(location, {
      tensor: known?.tensor ?? tensor.name ?? '',
      neededBytes: Math.max(known?.neededBytes ?? 0, end),
    });
  }
  return wanted;
}

function* tensorsOf(model: OnnxModel): Generator<OnnxTensor> {
  const functionBodies: OnnxGraph[] = (model.functions ?? []).map(({ node }) => ({ node }));
  for (const top of [model.graph, ...functionBodies]) {
    for (const graph of graphsOf(top)) {
      yield* graph.initializer ?? [];
      yield* inSparse(graph.sparseInitializer);
      for (const node of graph.node ?? []) {
        for (const { t, tensors = [], sparseTensor, sparseTensors = [] } of node.attribute ?? []) {
          if (t) yield t;
          yield* tensors;
          yield* inSparse(sparseTensor ? [sparseTensor, ...sparseTensors] : sparseTensors);
        }
      }
    }
  }
}

function* inSparse(sparse: readonly OnnxSparseTensor[] = []): Generator<OnnxTensor> {
  for (const { values, indices } of sparse) {
    if (values) yield values;
    if (indices) yield indices;
  }
}

/** Why the external files of a model cannot be used; nothing when all are there and long enough. */
export async function checkExternalData(path: string, model: OnnxModel): Promise<readonly Failure[]> {
  const failures: Failure[] = [];
  for (const [file, { tensor, neededBytes }] of wantedFiles(model)) {
    if (leavesFolder(file)) {
      failures.push({ reason: 'external-data-outside', path, file, tensor });
      continue;
    }
    const found = await stat(join(dirname(path), file)).catch(() => undefined);
    if (!found?.isFile()) failures.push({ reason: 'external-data-missing', path, file, tensor });
    else if (found.size < neededBytes) {
      failures.push({ reason: 'external-data-cut', path, file, fileBytes: found.size, neededBytes });
    }
  }
  return failures;
}

/** The external files with their hashes, sorted by path. They must have passed `checkExternalData`. */
export async function hashExternalFiles(path: string, model: OnnxModel): Promise<readonly ExternalFile[]> {
  const files: ExternalFile[] = [];
  for (const file of [...wantedFiles(model).keys()].sort()) {
    const place = join(dirname(path), file);
    files.push({ path: file, bytes: (await stat(place)).size, sha256: await sha256OfFile(place) });
  }
  return files;
}

/** Files that describe a model, with their hashes, in the given order. Fails with `io` or `permission-denied`. */
export async function hashSidecars(modelPath: string, paths: readonly string[]): Promise<readonly ExternalFile[]> {
  const files: ExternalFile[] = [];
  for (const path of new Set(paths)) {
    const { size } = await stat(path).catch((error: unknown) => {
      throw failureOfIo('read', path, error);
    });
    files.push({ path: relative(dirname(modelPath), path), bytes: size, sha256: await sha256OfFile(path) });
  }
  return files;
}

const leavesFolder = (file: string): boolean => /^([/\\]|[a-z]:)/i.test(file) || /^\.\.([/\\]|$)/.test(normalize(file));
