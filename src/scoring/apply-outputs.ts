// What the job computes from the outputs of the model (`apply`), once a call has given them: each result stands beside the
// outputs under its own name, as one more output of the call.
import type { Dtype } from '../core/dtype.ts';
import type { NumberArray } from '../core/duckdb-vectors.ts';
import { FailureError } from '../core/failure.ts';
import { float16Bits, float16Value } from '../core/float16.ts';
import type { ApplyStep } from '../job/output-schema.ts';
import type { TensorValues } from '../model/session.ts';
import { argmax, atLeast, type Floats, largest, sigmoid, softmax } from './apply-steps.ts';
import type { AppliedOutput } from './binding.ts';
import { isShape } from './check-result-shape.ts';
import type { CallOutput, ScoredBatch } from './score-batch.ts';

/** The values of one call that a step has made, as the next step takes them. */
interface Values {
  readonly dtype: Dtype;
  readonly data: TensorValues;
  readonly rowShape: readonly number[];
}

/** The batch with the computed outputs added. Fails with `result-shape` when the model gave rows of a shape that was not planned for. */
export function applyOutputs(scored: ScoredBatch, applied: readonly AppliedOutput[]): ScoredBatch {
  if (applied.length === 0) return scored;
  const outputs: Record<string, readonly CallOutput[]> = { ...scored.outputs };
  for (const one of applied) {
    const made = scored.outputs[one.output].map((call) => ({ call, ...carryOut(call, one) }));
    outputs[one.name] = made.map(({ call, result }) => outputOf(result, call));
    if (one.scoresName !== null) outputs[one.scoresName] = made.map(({ call, scores }) => outputOf(scores!, call));
  }
  return { ...scored, outputs };
}

interface Made {
  readonly result: Values;
  /** Of topk: the values that `result` names. */
  readonly scores?: Values;
}

function carryOut(call: CallOutput, { entry, output, rowShape, steps, labels }: AppliedOutput): Made {
  const { rowShape: found } = call;
  const isOverAxis = steps.some((step) => (typeof step === 'string' ? step !== 'sigmoid' : step.topk !== undefined));
  if (isOverAxis && (!isShape(rowShape, found) || found.at(-1) === 0)) {
    const wanted = `[${rowShape.map((size) => size ?? '?').join(', ')}]`;
    throw new FailureError({ reason: 'result-shape', output, column: entry, wanted, found });
  }
  let made: Made = { result: { dtype: call.tensor.dtype, data: call.tensor.data, rowShape: found } };
  for (const step of steps) made = take(step, made.result, labels);
  return made;
}

function take(step: ApplyStep, values: Values, labels: AppliedOutput['labels']): Made {
  const { rowShape } = values;
  const size = rowShape.at(-1) ?? 1;
  if (typeof step === 'object' && step.threshold !== undefined) {
    const data = atLeast(numbersOf(values), roundedTo(values.dtype, step.threshold));
    return { result: { dtype: 'bool', data, rowShape } };
  }
  const wide = widened(values);
  if (step === 'softmax') return { result: { ...wide, data: softmax(wide.data as Floats, size) } };
  if (step === 'sigmoid') return { result: { ...wide, data: sigmoid(wide.data as Floats) } };
  const numbers = numbersOf(wide);
  if (step === 'argmax') return { result: classesOf(argmax(numbers, size), rowShape.slice(0, -1), labels) };
  const count = Math.min(step.topk!, size);
  const topShape = [...rowShape.slice(0, -1), count];
  const indices = largest(numbers, size, count);
  const scores = numbers.slice(0, indices.length) as Float64Array;
  for (let i = 0; i < indices.length; i++) {
    scores[i] = (numbers as Float64Array)[Math.floor(i / count) * size + indices[i]];
  }
  return { result: classesOf(indices, topShape, labels), scores: { ...wide, data: scores, rowShape: topShape } };
}

const classesOf = (indices: Int32Array, rowShape: readonly number[], labels: AppliedOutput['labels']): Values =>
  labels === null
    ? { dtype: 'int32', data: indices, rowShape }
    : { dtype: 'string', data: Array.from(indices, (index) => labels[index]), rowShape };

/** Half floats as floats; everything else as it is. */
function widened(values: Values): Values {
  if (values.dtype !== 'float16') return values;
  const halves = values.data as Uint16Array;
  const data = new Float32Array(halves.length);
  for (let index = 0; index < halves.length; index++) data[index] = float16Value(halves[index]);
  return { ...values, dtype: 'float32', data };
}

const numbersOf = (values: Values): NumberArray => widened(values).data as NumberArray;

/** As NumPy compares: 0.7 as a float, when the values are floats. */
function roundedTo(dtype: Dtype, threshold: number): number {
  if (dtype === 'float16') return float16Value(float16Bits(threshold));
  return dtype === 'float32' ? Math.fround(threshold) : threshold;
}

function outputOf({ dtype, data, rowShape }: Values, { tensor, rowShape: before }: CallOutput): CallOutput {
  const dims = [...tensor.dims.slice(0, tensor.dims.length - before.length), ...rowShape];
  return { tensor: { dtype, dims, data }, rowShape, rowValues: rowShape.reduce((product, size) => product * size, 1) };
}
