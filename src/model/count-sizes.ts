// Small integers that a graph computes shapes from, followed where the number of rows is among them: Shape -> Gather -> Concat
// -> Reshape is how exporters write "as many rows as came in".
import type { Attribute } from './node-detail.ts';
import { fixed, isRows, type RowValue, rows, type Size, unknown } from './row-value.ts';

interface CountingNode {
  readonly operator: string;
  readonly inputs: readonly (RowValue | undefined)[];
  readonly attributes: ReadonlyMap<string, Attribute>;
}

/** The sizes of a value, as the operator Shape gives them. */
export function sizesOf({ dims, axis }: RowValue, attributes: ReadonlyMap<string, Attribute>): RowValue {
  if (dims === null) return fixed([null]);
  const start = attributes.get('start')?.i?.toNumber() ?? 0;
  const end = attributes.get('end')?.i?.toNumber() ?? dims.length;
  const sizes = dims.map((size, i): Size => (i === axis ? 'rows' : size)).slice(start, end);
  return fixed([sizes.length], sizes);
}

/** What a node makes of values without rows, or undefined when it makes something else of the number of rows. */
export function countSizes({ operator, inputs, attributes }: CountingNode): RowValue | undefined {
  const isCounted = inputs.some((one) => one?.isCounted);
  const [first, second, third, fourth, fifth] = inputs;
  const numbers = first?.numbers;
  const made = (values: readonly Size[] | null | undefined, dims: readonly number[] | null): RowValue =>
    fixed(dims, values ?? null, isCounted);
  switch (operator) {
    case 'Cast':
    case 'Identity':
      return made(numbers, first?.dims as readonly number[] | null);
    case 'Unsqueeze':
    case 'Squeeze':
      return made(
        numbers,
        numbers == null ? null : operator === 'Squeeze' && numbers.length === 1 ? [] : [numbers.length],
      );
    case 'Concat': {
      const all = inputs.map((one) => one?.numbers ?? unknown(one?.dims?.[0] ?? 0));
      const isKnown = inputs.every((one) => one?.numbers != null || (one?.dims?.length === 1 && one.dims[0] !== null));
      return isKnown ? made(all.flat(), [all.flat().length]) : made(null, null);
    }
    case 'Gather': {
      const places = second?.numbers as readonly number[] | null | undefined;
      if (numbers == null || places == null || second?.dims == null) return made(null, null);
      return made(
        places.map((place) => numbers.at(place) ?? null),
        second.dims as readonly number[],
      );
    }
    case 'Slice': {
      const [start, end, axis, step] = [second, third, fourth, fifth].map(
        (one) => one?.numbers?.[0] as number | undefined,
      );
      const from = start ?? attributes.get('starts')?.ints?.[0]?.toNumber();
      const to = end ?? attributes.get('ends')?.ints?.[0]?.toNumber();
      const isPlain = (axis ?? 0) === 0 && (step ?? 1) === 1 && from !== undefined && to !== undefined;
      if (numbers == null || !isPlain) return made(null, null);
      const cut = numbers.slice(from, to);
      return made(cut, [cut.length]);
    }
    case 'Add':
    case 'Sub':
    case 'Mul':
    case 'Div': {
      const length = Math.max(numbers?.length ?? 1, second?.numbers?.length ?? 1);
      return isCounted
        ? made(unknown(length), first?.dims?.length === 0 && second?.dims?.length === 0 ? [] : [length])
        : undefined;
    }
    case 'ConstantOfShape':
      return isCounted ? ofSizes(numbers) : made(null, (numbers as readonly number[] | null | undefined) ?? null);
    case 'Expand':
      return isCounted ? ofSizes(second?.numbers) : undefined;
    default:
      return undefined;
  }
}

/** A value that is the same for every row, in as many copies as there are rows. */
function ofSizes(sizes: readonly Size[] | null | undefined): RowValue | undefined {
  const axis = sizes?.indexOf('rows') ?? -1;
  if (sizes == null || axis === -1 || sizes.lastIndexOf('rows') !== axis) return undefined;
  const made = rows(
    axis,
    sizes.map((size) => (typeof size === 'number' && size > 0 ? size : null)),
  );
  return isRows(made) ? made : undefined;
}
