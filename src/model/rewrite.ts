// What is changed in a model so that calls of many rows fit it: plain data that preflight decides and every process carries out.
// Afterwards rows are on axis 0 of every input and output that has them, and there may be any number of them.
import { FailureError } from '../core/failure.ts';
import { axisFirst, moveRows, type RowAxes } from './move-rows.ts';
import { decodeModel } from './onnx.ts';
import { type OpenBatch, openBatch } from './open-batch.ts';
import type { ModelInput, ModelOutput, Signature } from './signature.ts';

export interface ModelRewrite {
  /** The fixed batch that is opened. */
  readonly openBatch?: OpenBatch;
  /** Inputs and outputs whose rows are on another axis than the first. */
  readonly rowAxes?: RowAxes;
}

interface RewrittenModel {
  readonly bytes: Uint8Array;
  readonly signature: Signature;
}

export const isRewritten = (rewrite: ModelRewrite): boolean =>
  rewrite.openBatch !== undefined || rewrite.rowAxes !== undefined;

/** Carries a rewrite out. Fails with `model-batch-fixed` when the batch of the model cannot be opened. */
export function rewriteModel(
  path: string,
  model: RewrittenModel,
  rewrite: ModelRewrite,
): RewrittenModel & { readonly adaptations: readonly string[] } {
  let { bytes, signature } = model;
  const adaptations: string[] = [];
  if (rewrite.openBatch !== undefined) {
    const opened = openBatch(bytes, decodeModel(bytes), rewrite.openBatch);
    const { rows, inputs } = rewrite.openBatch;
    if (!opened.ok) throw new FailureError({ reason: 'model-batch-fixed', path, rows, why: opened.why });
    ({ bytes } = opened);
    signature = {
      ...signature,
      inputs: signature.inputs.map((input) => (inputs.includes(input.name) ? withOpenRows(input) : input)),
      outputs: signature.outputs.map(withOpenRows),
    };
    adaptations.push(
      `batch of ${rows === 1 ? 'one row' : `${rows} rows`} opened: the model takes any number of rows a call`,
    );
  }
  if (rewrite.rowAxes !== undefined) {
    const { inputs, outputs } = rewrite.rowAxes;
    bytes = moveRows(bytes, decodeModel(bytes).graph!, rewrite.rowAxes);
    signature = {
      ...signature,
      inputs: signature.inputs.map((input) => withAxisFirst(input, inputs[input.name])),
      outputs: signature.outputs.map((output) => withAxisFirst(output, outputs[output.name]?.axis)),
    };
    adaptations.push(...said('input', inputs), ...said('output', axesOf(outputs)));
  }
  return { bytes, signature, adaptations };
}

const withOpenRows = <Tensor extends ModelInput | ModelOutput>(tensor: Tensor): Tensor =>
  tensor.shape === null || tensor.shape.length === 0 ? tensor : { ...tensor, shape: [null, ...tensor.shape.slice(1)] };

const withAxisFirst = <Tensor extends ModelInput | ModelOutput>(tensor: Tensor, axis: number | undefined): Tensor =>
  axis === undefined || tensor.shape === null ? tensor : { ...tensor, shape: axisFirst(tensor.shape, axis) };

const axesOf = (outputs: RowAxes['outputs']): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(outputs).map(([name, { axis }]) => [name, axis]));

const said = (kind: string, axes: Readonly<Record<string, number>>): readonly string[] =>
  Object.entries(axes).map(([name, axis]) => `${kind} "${name}": its rows are on axis ${axis} and are moved to axis 0`);
