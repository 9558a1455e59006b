// An input that gets the same values in every call: its shape in the tensor, told from what the model declares and from how
// many values are given.
import type { Failure } from '../core/failure.ts';
import type { InputSpec } from '../job/input-schema.ts';
import type { ModelInput } from '../model/signature.ts';
import type { ConstantInput } from '../scoring/binding.ts';
import { misfitOf } from './fit-value.ts';

/**
 * The constant, or why its values do not fit the input. One value stands for every element. `rowSizes` are the names that other
 * inputs give to the number of rows.
 */
export function constantInput(
  input: ModelInput,
  value: NonNullable<InputSpec['value']>,
  shape: InputSpec['shape'],
  rowSizes: readonly string[] = [],
): ConstantInput | Failure {
  const { name, dtype } = input;
  const values = Array.isArray(value)
    ? (value as readonly (number | string | boolean)[])
    : [value as number | string | boolean];
  const invalid = (message: string): Failure => ({ reason: 'value-misfit', input: name, message });
  const problem = values.map((one) => misfitOf(dtype, one)).find((message) => message !== null);
  if (problem) return invalid(`${problem}; the input takes ${dtype}`);
  const dims = dimsOf(input, values.length, shape, rowSizes);
  const sizes = dims.filter((size) => size !== null);
  const wanted = sizes.reduce((product, size) => product * size, 1);
  if (values.length !== 1 && values.length !== wanted) {
    return invalid(
      `${values.length} values are given and the model takes ${wanted}${dims.length > sizes.length ? ' a row' : ''}; give as many, or one for all`,
    );
  }
  return { name, dtype, dims, values };
}

/**
 * An open first axis counts rows, unless it is the only one and several values are given. Behind a fixed first axis ([2, N, 64],
 * as a recurrent state has it) the axis that is named as other inputs name their rows does, or the only open one without a name.
 * Another open one takes what is left.
 */
function dimsOf(
  { shape: declared }: ModelInput,
  values: number,
  shape: InputSpec['shape'],
  rowSizes: readonly string[],
): readonly (number | null)[] {
  const sizes = declared.map((size) => (typeof size === 'number' ? size : null));
  const open = [...declared.keys()].filter((axis) => typeof declared[axis] !== 'number');
  const isRows = (axis: number): boolean => declared[axis] === null || rowSizes.includes(declared[axis] as string);
  if (shape === undefined && open.length === 1 && open[0] > 0 && isRows(open[0])) return sizes;
  if (shape !== undefined) return sizes.length === shape.length + 1 ? [sizes[0], ...shape] : shape;
  if (sizes.length === 1 && values > 1) return [sizes[0] ?? values];
  const [first, ...rest] = sizes;
  if (first === undefined) return [];
  const known = rest.reduce<number>((product, size) => product * (size ?? 1), 1);
  const last = rest.indexOf(null);
  return [first, ...rest.map((size, axis) => size ?? (axis === last ? Math.max(1, Math.floor(values / known)) : 1))];
}
