// MLmodel, the YAML file with which MLflow describes a model: which file is the ONNX model, and the columns that it was
// logged with. Format: https://mlflow.org/docs/latest/ml/model/ (a signature is JSON inside the YAML).
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { failureOfIo } from '../core/atomic-file.ts';
import { FailureError } from '../core/failure.ts';

/** One entry of a signature: a column, or a tensor with its shape (-1 is open). */
export interface MlflowColumn {
  /** null for the only tensor of a model, which need not have a name. */
  readonly name: string | null;
  /** `double`, `long`, `string`, ... of a column; `float32`, `int64`, ... of a tensor. */
  readonly type: string;
  /** null for a column. */
  readonly shape: readonly number[] | null;
}

export interface Mlmodel {
  /** Of the MLmodel file. */
  readonly path: string;
  /** The ONNX file, from the folder of MLmodel; null when the model has no flavor `onnx`. */
  readonly modelFile: string | null;
  readonly flavors: readonly string[];
  /** null when the model was logged without a signature. */
  readonly inputs: readonly MlflowColumn[] | null;
}

/** Reads an MLmodel file. Fails with `model-folder-unreadable` when it is no YAML or its signature is none. */
export async function readMlmodel(path: string): Promise<Mlmodel> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw failureOfIo('read', path, error);
  });
  const unreadable = (message: string) => new FailureError({ reason: 'model-folder-unreadable', path, message });
  const document = attempt(
    () => parse(text) as unknown,
    (message) => unreadable(`not YAML: ${message}`),
  );
  if (!isMapping(document)) throw unreadable('it is no mapping of keys to values');
  const flavors = isMapping(document.flavors) ? document.flavors : {};
  const file = isMapping(flavors.onnx) ? flavors.onnx.data : undefined;
  const inputs = isMapping(document.signature) ? document.signature.inputs : undefined;
  return {
    path,
    modelFile: typeof file === 'string' && file !== '' ? file : null,
    flavors: Object.keys(flavors),
    inputs: typeof inputs === 'string' ? columnsOf(inputs, unreadable) : null,
  };
}

function columnsOf(text: string, unreadable: (message: string) => FailureError): readonly MlflowColumn[] {
  const entries = attempt(
    () => JSON.parse(text) as unknown,
    (message) => unreadable(`signature.inputs is not JSON: ${message}`),
  );
  if (!Array.isArray(entries) || !entries.every(isMapping)) throw unreadable('signature.inputs is no list of columns');
  return entries.map((entry, i): MlflowColumn => {
    const { name, type } = entry;
    const spec = entry['tensor-spec'];
    if (isMapping(spec)) {
      const shape = Array.isArray(spec.shape) ? spec.shape.map(Number) : null;
      return { name: typeof name === 'string' ? name : null, type: String(spec.dtype), shape };
    }
    if (typeof type !== 'string') throw unreadable(`signature.inputs: entry ${i + 1} has no type`);
    // Columns without names are numbered, as pandas numbers them.
    return { name: typeof name === 'string' ? name : String(i), type, shape: null };
  });
}

function attempt<Value>(read: () => Value, failure: (message: string) => FailureError): Value {
  try {
    return read();
  } catch (error) {
    throw failure(error instanceof Error ? error.message.split('\n')[0] : String(error));
  }
}

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
