// Inputs that are a recurrent state: the model takes its value and gives the next one as an output of the same shape (h0 and hn,
// past_key_values and present). A batch job scores rows independently of each other and carries none from row to row.
import { nearest } from '../core/edit-distance.ts';
import type { Failure } from '../core/failure.ts';
import type { Dimension, ModelInput, ModelOutput, Signature } from '../model/signature.ts';

const stateNames =
  /state|hidden|memory|cache|past|present|(^|[^a-z])([hc](_?(\d+|n|in|out|t|prev|next|new))?)($|[^a-z])/i;

/** The output that gives the next value of an input, or undefined when the input is no state. */
export function stateOf({ name, dtype, shape }: ModelInput, { outputs }: Signature): ModelOutput | undefined {
  if (!dtype.startsWith('float') || shape.length < 2) return undefined;
  const pairs = outputs.filter(
    (output) =>
      output.dtype === dtype &&
      (stateNames.test(name) || stateNames.test(output.name)) &&
      output.shape?.length === shape.length &&
      output.shape.every((size, axis) => canBeSame(size, shape[axis])),
  );
  const names = pairs.map((output) => output.name);
  const chosen = nearest(name, names) ?? names.find((one) => one[0] === name[0]) ?? names[0];
  return pairs.find((output) => output.name === chosen);
}

/** A past that grows has sizes of other names. */
const canBeSame = (one: Dimension, other: Dimension): boolean =>
  one === other || typeof one !== 'number' || typeof other !== 'number';

/** What to say of an input that nothing feeds. */
export function unboundState(failure: Failure, signature: Signature): Failure {
  if (failure.reason !== 'input-unbound') return failure;
  const input = signature.inputs.find(({ name }) => name === failure.input);
  const output = input && stateOf(input, signature);
  if (!output) return failure;
  const shape = `[${input.shape.map((size) => size ?? '?').join(', ')}]`;
  return { reason: 'input-state', input: input.name, output: output.name, shape };
}
