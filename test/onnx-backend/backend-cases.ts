// The conformance cases of the ONNX project: a model, and tensors that go in and must come out, each in a file of its own.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OnnxValue } from '../../src/model/onnx.ts';
import type { TensorData } from '../../src/model/session.ts';
import { shapeOf } from '../../src/model/signature.ts';
import { corpora } from '../corpora.ts';
import { decodeTensors } from './tensor-proto.ts';

export interface BackendCase {
  /** `group/case`. */
  readonly name: string;
  readonly modelPath: string;
  readonly dataSets: readonly DataSet[];
}

/** The tensors of one run, numbered as the graph's inputs and outputs are; read when they are asked for. */
export interface DataSet {
  /** How many inputs are fed. */
  readonly inputs: number;
  readonly input: (index: number, declared: OnnxValue) => TensorData;
  /** More than one where a sequence is declared. */
  readonly output: (index: number, declared: OnnxValue) => readonly TensorData[];
}

const folder = (...names: string[]): string => corpora.path('onnx-backend', ...names);

/** Every case of the corpora; none when they are absent. */
export const backendCases = (): readonly BackendCase[] =>
  corpora.available ? [...indexedCases(), ...lightCases()] : [];

function indexedCases(): readonly BackendCase[] {
  const [, ...lines] = readFileSync(folder('INDEX.tsv'), 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const [group, name] = line.split('\t');
    const dataSets = readdirSync(folder(group, name))
      .filter((entry) => entry.startsWith('test_data_set_'))
      .sort()
      .map((entry) => dataSetIn(folder(group, name, entry)));
    return { name: `${group}/${name}`, modelPath: folder(group, name, 'model.onnx'), dataSets };
  });
}

function dataSetIn(path: string): DataSet {
  const read = (file: string, { type }: OnnxValue) => decodeTensors(readFileSync(join(path, file)), type);
  return {
    inputs: readdirSync(path).filter((file) => file.startsWith('input_')).length,
    input: (index, declared) => read(`input_${index}.pb`, declared)[0],
    output: (index, declared) => read(`output_${index}.pb`, declared),
  };
}

/** The published architectures without their weights: the input is `arange(n).reshape(shape) / n`. */
function lightCases(): readonly BackendCase[] {
  const models = readdirSync(folder('light')).filter((file) => file.endsWith('.onnx'));
  return models.sort().map((file) => {
    const outputPath = folder('light', file.replace('.onnx', '_output_0.pb'));
    if (!existsSync(outputPath)) throw new Error(`${file} has no expected output`);
    return {
      name: `light/${file.replace('.onnx', '')}`,
      modelPath: folder('light', file),
      dataSets: [
        {
          inputs: 1,
          input: (_, { type }) => ramp(shapeOf(type) as number[]),
          output: (_, { type }) => decodeTensors(readFileSync(outputPath), type),
        },
      ],
    };
  });
}

function ramp(dims: readonly number[]): TensorData {
  const length = dims.reduce((product, size) => product * size, 1);
  return { dtype: 'float32', dims, data: Float32Array.from({ length }, (_, i) => i / length) };
}
