// Whether the files of a model's folder describe the model that lies in it: names, types and sizes of inputs and outputs. A
// config of another model would give wrong names to right numbers, so it is refused.
import type { Failure } from '../core/failure.ts';
import type { MlflowColumn, Mlmodel } from './mlmodel.ts';
import type { ModelFolder } from './model-folder.ts';
import type { Dimension, ModelInput, ModelOutput, Signature } from './signature.ts';
import { dtypeOfTriton, type TritonConfig, type TritonTensor } from './triton-config.ts';

type Tensor = ModelInput | ModelOutput;

/** Every point in which the folder contradicts the model. */
export function contradictionsOf(signature: Signature, { triton, mlflow, modelPath }: ModelFolder): readonly Failure[] {
  const failure =
    (path: string) =>
    (message: string): Failure => ({ reason: 'model-folder-contradicts', path, model: modelPath, message });
  return [
    ...(triton === null ? [] : tritonProblems(signature, triton).map(failure(triton.path))),
    ...(mlflow === null ? [] : mlflowProblems(signature, mlflow).map(failure(mlflow.path))),
  ];
}

function tritonProblems({ inputs, outputs }: Signature, config: TritonConfig): readonly string[] {
  const named = new Set(config.inputs.map(({ name }) => name));
  // A config without inputs leaves them to the model.
  const unnamed = named.size === 0 ? [] : inputs.filter(({ name, optional }) => !optional && !named.has(name));
  const isOther = config.backend !== null && !config.backend.startsWith('onnxruntime');
  return [
    ...(isOther ? [`it is written for the backend ${config.backend}`] : []),
    ...config.inputs.flatMap((tensor) => tensorProblems('input', tensor, inputs, config)),
    ...unnamed.map(({ name }) => `it leaves out the input "${name}" of the model`),
    ...config.outputs.flatMap((tensor) => tensorProblems('output', tensor, outputs, config)),
  ];
}

function tensorProblems(
  kind: string,
  { name, dataType, dims, optional }: TritonTensor,
  actual: readonly Tensor[],
  { maxBatchSize }: TritonConfig,
): readonly string[] {
  const found = actual.find((tensor) => tensor.name === name);
  if (found === undefined) return optional ? [] : [unknownName(kind, name, actual)];
  if (dtypeOfTriton[dataType] !== found.dtype)
    return [`${kind} "${name}" is ${dataType}, and ${found.dtype} in the model`];
  const declared = dims !== null && maxBatchSize > 0 ? [-1, ...dims] : dims;
  if (declared === null || found.shape === null || isSameShape(declared, found.shape)) return [];
  return [
    `${kind} "${name}" is [${declared.join(', ')}], and [${found.shape.map((size) => size ?? -1).join(', ')}] in the model`,
  ];
}

/** A model that declares no shape contradicts none. */
const isSameShape = (declared: readonly number[], shape: readonly Dimension[]): boolean =>
  shape.length === 0 ||
  (shape.length === declared.length &&
    shape.every((size, axis) => declared[axis] === -1 || typeof size !== 'number' || size === declared[axis]));

function mlflowProblems({ inputs }: Signature, { inputs: columns }: Mlmodel): readonly string[] {
  if (columns === null || columns.length === 0) return [];
  const required = inputs.filter(({ optional }) => !optional);
  const isOneTensor = columns.length === 1 && columns[0].shape !== null;
  const areColumns = columns.every(({ shape }) => shape === null);
  if (required.length === 1 && isOneTensor) return oneTensorProblems(required[0], columns[0]);
  if (required.length === 1 && areColumns) return columnProblems(required[0], columns);
  return columns.flatMap(({ name, type }) => {
    const input = inputs.find((one) => one.name === name);
    if (input === undefined) return [unknownName('input', name ?? '', inputs)];
    return isOfKind(type, input) ? [] : [`input "${name}" is ${type}, and ${input.dtype} in the model`];
  });
}

function oneTensorProblems(input: ModelInput, { name, type, shape }: MlflowColumn): readonly string[] {
  if (name !== null && name !== '' && name !== input.name) return [unknownName('input', name, [input])];
  if (!isOfKind(type, input)) return [`input "${input.name}" is ${type}, and ${input.dtype} in the model`];
  return shape === null || isSameShape(shape, input.shape)
    ? []
    : [
        `input "${input.name}" is [${shape.join(', ')}], and [${input.shape.map((size) => size ?? -1).join(', ')}] in the model`,
      ];
}

/** Columns side by side in one tensor; one alone may hold lists. */
function columnProblems(input: ModelInput, columns: readonly MlflowColumn[]): readonly string[] {
  const misfit = columns.find(({ type }) => !isOfKind(type, input));
  if (misfit !== undefined)
    return [`column "${misfit.name}" is ${misfit.type}, and input "${input.name}" of the model takes ${input.dtype}`];
  const wanted = input.shape.length === 2 ? input.shape[1] : null;
  if (typeof wanted !== 'number' || columns.length === wanted || columns.length === 1) return [];
  return [`it lists ${columns.length} columns, and input "${input.name}" of the model takes ${wanted}`];
}

/** Numbers of one type stand for those of another: MLflow casts them, and scoremill checks each value. */
const isOfKind = (type: string, { dtype }: ModelInput): boolean =>
  /^(string|object|str|<U\d*)$/.test(type) === (dtype === 'string');

const unknownName = (kind: string, name: string, actual: readonly Tensor[]): string =>
  `it names the ${kind} "${name}", and the model has ${actual.map((tensor) => `"${tensor.name}"`).join(', ')}`;
