// One row of a model output: declared shapes say what it is like, the outputs of a dry batch correct them where they lie.
import type { Dtype } from '../core/dtype.ts';
import type { ModelOutput } from '../model/signature.ts';

/** The values of one row, as they come from the model or as `apply` makes them. */
export interface OutputRow {
  readonly dtype: Dtype;
  /** Sizes; null where each call decides. */
  readonly rowShape: readonly (number | null)[];
  /** What the dry batch gave; undefined when nothing was seen. */
  readonly observed: readonly number[] | undefined;
}

export interface Observation {
  /** Whether outputs have a leading axis of rows. */
  readonly hasRowAxis: boolean;
  /** Whether every row of every input has one shape, so that rows of an output have one, too. */
  readonly isEven: boolean;
  /** The shape of one row of each output as a dry batch gave it; none when there was nothing to try. */
  readonly observed: Readonly<Record<string, readonly number[]>>;
}

export function outputRow(output: ModelOutput, observation: Observation): OutputRow {
  return {
    dtype: output.dtype,
    rowShape: rowShapeOf(output, observation),
    observed: observation.observed[output.name],
  };
}

/** The size of the last axis: undefined when there is none, null when it is open and nothing was seen. */
export function lastSizeOf({ rowShape, observed }: OutputRow): number | null | undefined {
  if (rowShape.length === 0) return undefined;
  return rowShape.at(-1) ?? observed?.at(-1) ?? null;
}

/** How many values a row has; null when that is open and nothing was seen. */
export function valuesOf({ rowShape, observed }: OutputRow): number | null {
  if (observed !== undefined) return observed.reduce((product, size) => product * size, 1);
  return rowShape.reduce((product, size) => (product === null || size === null ? null : product * size), 1);
}

/** The shape of one row: sizes that are declared and borne out are fixed, the others are as each call gives them. */
function rowShapeOf(
  { name, shape }: ModelOutput,
  { hasRowAxis, isEven, observed }: Observation,
): readonly (number | null)[] {
  const declared =
    shape === null
      ? null
      : (hasRowAxis && shape.length > 0 ? shape.slice(1) : shape).map((size) =>
          typeof size === 'number' ? size : null,
        );
  const seen = observed[name];
  if (seen === undefined) return declared ?? [null];
  const values = seen.reduce((product, size) => product * size, 1);
  if (declared === null || declared.length !== seen.length) return isEven && values === 1 ? seen : seen.map(() => null);
  return declared.map((size, axis) => {
    if (size === seen[axis]) return size;
    return isEven && values === 1 ? 1 : null;
  });
}
