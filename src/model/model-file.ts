// A model as scoremill uses it: identified by its hashes, checked, adapted, described. No native code: the supervisor, which
// must survive every crash, reads models too. The weights are hashed and passed through, never decoded.
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { failureOfIo } from '../core/atomic-file.ts';
import { type Failure, FailureError } from '../core/failure.ts';
import { adaptOutputs, replaceOutputs } from './adapt.ts';
import { adaptInputs } from './adapt-inputs.ts';
import { applyFolder } from './apply-folder.ts';
import { checkModel, opsetsOf } from './check-model.ts';
import { editGraph, graphParts } from './edit-graph.ts';
import { checkExternalData, type ExternalFile, hashExternalFiles, hashSidecars } from './external-data.ts';
import { type ModelFolder, readModelFolder } from './model-folder.ts';
import { decodeModel, type OnnxModel } from './onnx.ts';
import { countOperators, graphsOf } from './operators.ts';
import { recognise } from './recognise.ts';
import { isRewritten, type ModelRewrite, rewriteModel } from './rewrite.ts';
import { featureNamesOf, type Signature } from './signature.ts';
import { unusedFeatures } from './unused-features.ts';

export interface ModelIdentity {
  readonly path: string;
  readonly fileBytes: number;
  readonly sha256: string;
  readonly externalFiles: readonly ExternalFile[];
  /** Files that describe the model to scoremill: labels, columns, preprocessing. Their paths start at the model's folder, too. */
  readonly sidecars: readonly ExternalFile[];
}

/** All that the model is made of, in bytes. */
export const modelBytesOf = ({
  fileBytes,
  externalFiles,
}: Pick<ModelIdentity, 'fileBytes' | 'externalFiles'>): number =>
  externalFiles.reduce((sum, { bytes }) => sum + bytes, fileBytes);

export interface Model {
  readonly identity: ModelIdentity;
  /** With the labels and feature names that the folder gives. */
  readonly signature: Signature;
  readonly folder: ModelFolder;
  /** The adapted model; null when the file itself can be loaded. */
  readonly bytes: Uint8Array | null;
  /** What was changed or left out, one sentence each. */
  readonly adaptations: readonly string[];
  /** Version by domain; the default domain is `ai.onnx`. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly irVersion: number;
  readonly producer: string;
  /** Occurrences by `domain:operator`, those in subgraphs and functions included, the most frequent first. */
  readonly operators: Readonly<Record<string, number>>;
  /** Places in a row of features that no output depends on, by input. */
  readonly unusedFeatures: Readonly<Record<string, readonly number[]>>;
  /** Elements of all initializers. */
  readonly parameters: number;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface ReadOptions {
  /** From an earlier `identifyModel`: the file is not hashed again. */
  readonly identity?: ModelIdentity;
  /** Optional inputs that will be fed; the runtime would ignore them otherwise. */
  readonly fed?: readonly string[];
  /** What the model's folder says of it; by default nothing but what lies beside the file. */
  readonly folder?: ModelFolder;
  /** What preflight decided to change beyond what every model gets. */
  readonly rewrite?: ModelRewrite;
}

const mostBytes = 2 ** 31 - 1;

/** The hashes of a model file, of its external data and of other files. Fails when one is missing, cut, or no ONNX model. */
export async function identifyModel(path: string, sidecars: readonly string[] = []): Promise<ModelIdentity> {
  const bytes = await readBytes(path);
  const onnx = decode(path, bytes);
  refuse(await checkExternalData(path, onnx));
  return identityOf(path, bytes, onnx, sidecars);
}

/** Reads, checks and adapts a model. Fails with everything that can be found wrong without running it. */
export async function readModel(
  path: string,
  { identity, fed = [], rewrite = {}, ...options }: ReadOptions = {},
): Promise<Model> {
  const bytes = await readBytes(path);
  const onnx = decode(path, bytes);
  const graph = onnx.graph!;
  const inputs = adaptInputs(path, onnx, fed);
  const outputs = adaptOutputs(path, graph, graphParts(bytes));
  refuse([
    ...checkModel(path, onnx),
    ...inputs.failures,
    ...outputs.failures,
    ...(await checkExternalData(path, onnx)),
  ]);
  const { removedInitializers } = inputs;
  const edited = removedInitializers.size > 0 || outputs.replacements.size > 0;
  const featureNames = featureNamesOf(onnx);
  const folder = options.folder ?? (await readModelFolder(path, path));
  const declared = { inputs: inputs.inputs, outputs: outputs.outputs, ...(featureNames && { featureNames }) };
  const { signature, notes, failures } = applyFolder(declared, folder);
  refuse(failures);
  const adapted = edited
    ? editGraph(bytes, (parts) => ({
        ...replaceOutputs(graph, parts, outputs.replacements),
        initializer: parts.initializer.filter((_, i) => !removedInitializers.has(i)),
      }))
    : null;
  const rewritten = rewriteModel(path, { bytes: adapted ?? bytes, signature }, rewrite);
  return {
    identity: identity ?? (await identityOf(path, bytes, onnx)),
    signature: rewritten.signature,
    folder,
    bytes: isRewritten(rewrite) ? rewritten.bytes : adapted,
    adaptations: [...inputs.adaptations, ...outputs.adaptations, ...notes, ...rewritten.adaptations],
    opsets: opsetsOf(onnx),
    irVersion: onnx.irVersion?.toNumber() ?? 0,
    producer: [onnx.producerName, onnx.producerVersion].filter(Boolean).join(' '),
    operators: countOperators(onnx),
    unusedFeatures: unusedFeatures(graph, graphParts(bytes).node),
    parameters: countParameters(onnx),
    metadata: Object.fromEntries((onnx.metadataProps ?? []).map(({ key = '', value = '' }) => [key, value])),
  };
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw new FailureError({ reason: 'model-not-in-folder', path, found: [] });
    if (found.size > mostBytes) throw new FailureError({ reason: 'model-too-large', path, fileBytes: found.size });
    return await readFile(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new FailureError({ reason: 'model-missing', path });
    throw error instanceof FailureError ? error : failureOfIo('read', path, error);
  }
}

function decode(path: string, bytes: Uint8Array): OnnxModel {
  const failure = recognise(path, bytes);
  if (failure) throw new FailureError(failure);
  let onnx: OnnxModel;
  try {
    onnx = decodeModel(bytes);
  } catch {
    throw new FailureError({ reason: 'model-corrupt', path, fileBytes: bytes.length });
  }
  if (!onnx.graph) throw new FailureError({ reason: 'model-no-graph', path });
  return onnx;
}

async function identityOf(
  path: string,
  bytes: Uint8Array,
  onnx: OnnxModel,
  sidecars: readonly string[] = [],
): Promise<ModelIdentity> {
  return {
    path,
    fileBytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    externalFiles: await hashExternalFiles(path, onnx),
    sidecars: await hashSidecars(path, sidecars),
  };
}

function countParameters({ graph }: OnnxModel): number {
  let elements = 0;
  for (const { initializer = [], sparseInitializer = [] } of graphsOf(graph)) {
    for (const tensor of [...initializer, ...sparseInitializer.map(({ values }) => values ?? {})]) {
      elements += (tensor.dims ?? []).reduce((product, size) => product * size.toNumber(), 1);
    }
  }
  return elements;
}

function refuse(failures: readonly Failure[]): void {
  const [first, ...others] = failures;
  if (first) throw new FailureError(first, ...others);
}
