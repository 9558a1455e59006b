// config.pbtxt, in which Triton is told what a model takes and gives: the fields that say something about scoring.
// Fields: https://github.com/triton-inference-server/common/blob/main/protobuf/model_config.proto
import { readFile } from 'node:fs/promises';
import { failureOfIo } from '../core/atomic-file.ts';
import type { Dtype } from '../core/dtype.ts';
import { FailureError } from '../core/failure.ts';
import { parseTextFormat, TextFormatError, type TextMessage, type TextValue } from './text-format.ts';

export interface TritonTensor {
  readonly name: string;
  /** As it is written: `TYPE_FP32`. */
  readonly dataType: string;
  /** The shape that the model itself has, without the batch axis where there is one; -1 is open. null: not said. */
  readonly dims: readonly number[] | null;
  readonly optional: boolean;
  /** Relative to the folder of the config. */
  readonly labelFile: string | null;
}

export interface TritonConfig {
  /** Of config.pbtxt. */
  readonly path: string;
  readonly inputs: readonly TritonTensor[];
  readonly outputs: readonly TritonTensor[];
  /** More than 0: every tensor has a first axis of rows that `dims` leave out. */
  readonly maxBatchSize: number;
  readonly modelFile: string | null;
  /** The versions that may be served; null: any. */
  readonly versions: readonly number[] | null;
  /** `onnxruntime`; null when nothing is said. */
  readonly backend: string | null;
}

/** The dtype of a data type's name; undefined for those that no tensor of ours has. */
export const dtypeOfTriton: Readonly<Record<string, Dtype | undefined>> = {
  TYPE_BOOL: 'bool',
  TYPE_UINT8: 'uint8',
  TYPE_UINT16: 'uint16',
  TYPE_UINT32: 'uint32',
  TYPE_UINT64: 'uint64',
  TYPE_INT8: 'int8',
  TYPE_INT16: 'int16',
  TYPE_INT32: 'int32',
  TYPE_INT64: 'int64',
  TYPE_FP16: 'float16',
  TYPE_FP32: 'float32',
  TYPE_FP64: 'float64',
  TYPE_STRING: 'string',
};

/** Reads a config. Fails with `model-folder-unreadable` when it is not of the text format or a field is of another kind. */
export async function readTritonConfig(path: string): Promise<TritonConfig> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw failureOfIo('read', path, error);
  });
  try {
    const config = parseTextFormat(text);
    const policies = messagesOf(config, 'version_policy').flatMap((policy) => messagesOf(policy, 'specific'));
    return {
      path,
      inputs: messagesOf(config, 'input').map(tensorOf),
      outputs: messagesOf(config, 'output').map(tensorOf),
      maxBatchSize: numbersOf(config, 'max_batch_size').at(-1) ?? 0,
      modelFile: textOf(config, 'default_model_filename'),
      versions: policies.length === 0 ? null : policies.flatMap((policy) => numbersOf(policy, 'versions')),
      backend: textOf(config, 'backend') ?? textOf(config, 'platform'),
    };
  } catch (error) {
    if (!(error instanceof TextFormatError)) throw error;
    throw new FailureError({ reason: 'model-folder-unreadable', path, message: error.message });
  }
}

function tensorOf(tensor: TextMessage): TritonTensor {
  const name = textOf(tensor, 'name');
  if (name === null) throw new TextFormatError('an input or output has no name');
  const reshape = messagesOf(tensor, 'reshape').at(-1);
  return {
    name,
    dataType: textOf(tensor, 'data_type') ?? 'TYPE_INVALID',
    dims: reshape ? numbersOf(reshape, 'shape') : tensor.has('dims') ? numbersOf(tensor, 'dims') : null,
    optional: textOf(tensor, 'optional') === 'true',
    labelFile: textOf(tensor, 'label_filename'),
  };
}

const valuesOf = (message: TextMessage, name: string): readonly TextValue[] => message.get(name) ?? [];

function messagesOf(message: TextMessage, name: string): readonly TextMessage[] {
  return valuesOf(message, name).map((value) => {
    if (typeof value === 'string') throw new TextFormatError(`${name} is ${value}, and should be a block { ... }`);
    return value;
  });
}

/** The last value of a field; null when it is not there or empty, which means the same. */
function textOf(message: TextMessage, name: string): string | null {
  const last = valuesOf(message, name).at(-1) ?? '';
  if (typeof last !== 'string') throw new TextFormatError(`${name} is a block, and should be one value`);
  return last === '' ? null : last;
}

function numbersOf(message: TextMessage, name: string): readonly number[] {
  return valuesOf(message, name).map((value) => {
    const number = typeof value === 'string' && value !== '' ? Number(value) : Number.NaN;
    if (!Number.isInteger(number)) {
      throw new TextFormatError(`${name} is ${typeof value === 'string' ? value : 'a block'}, and should be a number`);
    }
    return number;
  });
}
