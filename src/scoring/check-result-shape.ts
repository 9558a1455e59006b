// A model may give a later call another shape than the first, or than it declares: found before a value is taken from the
// wrong place.
import { FailureError } from '../core/failure.ts';
import type { ResultColumn } from './binding.ts';
import type { CallOutput } from './score-batch.ts';

/** Fails with `result-shape` when rows of this shape cannot become the column. */
export function checkResultShape(
  { output, name, index, rowShape }: ResultColumn,
  { rowShape: found, rowValues }: CallOutput,
): void {
  const isOneValue = index === 0 && rowValues === 1 && rowShape.every((size) => size === 1);
  const isAsDeclared = isShape(rowShape, found);
  if (isOneValue || (isAsDeclared && (index === null || index < rowValues))) return;
  const wanted = isAsDeclared ? `at least ${index! + 1} values` : `[${rowShape.map((size) => size ?? '?').join(', ')}]`;
  throw new FailureError({ reason: 'result-shape', output, column: name, wanted, found });
}

/** Whether a shape is as planned; a size that was left open may be any. */
export const isShape = (planned: readonly (number | null)[], found: readonly number[]): boolean =>
  found.length === planned.length && planned.every((size, axis) => size === null || size === found[axis]);
