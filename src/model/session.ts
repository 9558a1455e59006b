// A loaded model: the one owner of onnxruntime-node, which is loaded on first use. The runtime computes on the thread that
// calls it and blocks it; it writes nothing to the log. Its native session is called directly: the package's own `run` waits
// a turn of the event loop for each call, which cost 14 % of the inference stage of a logistic model (2,048 rows x 30).
import { dirname, resolve } from 'node:path';
import type { InferenceSession, OnnxValue, Tensor } from 'onnxruntime-node';
import type { Binding } from 'onnxruntime-node/dist/binding.js';
import type { Dtype } from '../core/dtype.ts';
import type { NumberArray } from '../core/duckdb-vectors.ts';
import { FailureError } from '../core/failure.ts';
import type { Model } from './model-file.ts';
import { cleanMessage, failureOfRefusal } from './runtime-message.ts';

/** A tensor in row-major order. float16 is its 16 bits in a Uint16Array, bool is 0 or 1 in a Uint8Array. */
export interface TensorData {
  readonly dtype: Dtype;
  readonly dims: readonly number[];
  readonly data: TensorValues;
}

export type TensorValues = NumberArray | string[];

export interface SessionOptions {
  readonly threads: number;
  /** Called after every run, failed ones too. */
  readonly onCall?: () => void;
}

/** Loads a model on the CPU. Fails with what the runtime has against it. One session for a thread's whole life: closing leaks. */
export async function openSession(model: Model, { threads, onCall = () => {} }: SessionOptions): Promise<Session> {
  const { Tensor, binding } = await loadRuntime();
  const { path } = model.identity;
  const options: InferenceSession.SessionOptions = {
    executionProviders: ['cpu'],
    executionMode: 'sequential',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
  };
  // Loaded from memory, the runtime looks for external data in the working directory unless it is told the model's folder.
  const extra = { session: { model_external_initializers_file_folder_path: dirname(resolve(path)) } };
  const session = new binding.InferenceSession();
  try {
    if (model.bytes === null) session.loadModel(path, options);
    else {
      const { buffer, byteOffset, byteLength } = model.bytes;
      session.loadModel(buffer as ArrayBuffer, byteOffset, byteLength, { ...options, extra });
    }
    return new Session(path, session, Tensor, onCall);
  } catch (error) {
    throw new FailureError(failureOfRefusal(path, (error as Error).message));
  }
}

export class Session implements AsyncDisposable {
  readonly #path: string;
  readonly #session: Binding.InferenceSession;
  readonly #Tensor: typeof Tensor;
  readonly #onCall: () => void;

  constructor(path: string, session: Binding.InferenceSession, TensorClass: typeof Tensor, onCall: () => void) {
    this.#path = path;
    this.#session = session;
    this.#Tensor = TensorClass;
    this.#onCall = onCall;
  }

  /** Computes the outputs named in `fetches`. Every required input must be in `feeds`. Fails with `inference-failed`. */
  run(feeds: Readonly<Record<string, TensorData>>, fetches: readonly string[]): Readonly<Record<string, TensorData>> {
    const tensors: Record<string, Tensor> = {};
    for (const [name, { dtype, data, dims }] of Object.entries(feeds)) {
      tensors[name] = new this.#Tensor(dtype, data, dims);
    }
    let results: Readonly<Record<string, OnnxValue>>;
    try {
      results = this.#session.run(tensors, Object.fromEntries(fetches.map((name) => [name, null])), {});
    } catch (error) {
      throw new FailureError({
        reason: 'inference-failed',
        path: this.#path,
        message: cleanMessage((error as Error).message),
      });
    } finally {
      this.#onCall();
    }
    const outputs: Record<string, TensorData> = {};
    for (const name of fetches) outputs[name] = toTensorData(results[name] as Tensor);
    return outputs;
  }

  async close(): Promise<void> {
    this.#session.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function toTensorData({ type, dims, data }: Tensor): TensorData {
  // From Node 24 on the runtime returns a Float16Array: the same bits under another name.
  const { buffer, byteOffset, length } = data as Uint16Array;
  const values = type === 'float16' ? new Uint16Array(buffer, byteOffset, length) : (data as TensorValues);
  return { dtype: type as Dtype, dims, data: values };
}

/** The version of ONNX Runtime. */
export async function runtimeVersion(): Promise<string> {
  const { env } = await loadRuntime();
  return env.versions.common;
}

/**
 * Since 1.30 the runtime would report what it is used for to its makers: as it starts it makes a database in the home folder and
 * a thread that uploads. It looks at this variable once, before anything of that is made.
 */
process.env.ORT_DISABLE_TELEMETRY = '1';

/** Loads the native code once a process; a process with worker threads does so in its main thread before they start. */
export async function loadRuntime(): Promise<
  typeof import('onnxruntime-node') & typeof import('onnxruntime-node/dist/binding.js')
> {
  const [runtime, native] = await Promise.all([import('onnxruntime-node'), import('onnxruntime-node/dist/binding.js')]);
  runtime.env.logLevel = 'fatal';
  native.initOrt();
  return { ...runtime, ...native };
}
