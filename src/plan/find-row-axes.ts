// On which axes rows lie where it is not the first: what the declared shapes suggest for inputs, and what two calls with
// different numbers of rows show for outputs.
import type { RowAxes } from '../model/move-rows.ts';
import type { Session } from '../model/session.ts';
import type { Dimension, Signature } from '../model/signature.ts';
import type { Batch } from '../scoring/batch.ts';
import type { Binding } from '../scoring/binding.ts';
import { feedsOf } from '../scoring/feeds.ts';

const rowNames = /^(n|b|bs|none|rows?|batch.*|.*batch(_?size)?)$/i;
const isNamedRows = (size: Dimension): boolean => typeof size === 'string' && rowNames.test(size);

/** The axis that a declared shape suggests: an only open one behind a fixed first one, or one that is named after a batch. */
export function suggestedAxis(shape: readonly Dimension[]): number {
  const open = [...shape.keys()].filter((axis) => typeof shape[axis] !== 'number');
  if (open.includes(0)) {
    const named = open.filter((axis) => isNamedRows(shape[axis]));
    return typeof shape[0] === 'string' && named.length === 1 ? named[0] : 0;
  }
  return open.length === 1 ? open[0] : 0;
}

/** Inputs whose rows seem to be on another axis than the first; those that get constants are left alone. */
export const suggestedInputAxes = (
  { inputs }: Signature,
  constants: readonly string[],
): Readonly<Record<string, number>> =>
  Object.fromEntries(
    inputs
      .filter(({ name, optional }) => !optional && !constants.includes(name))
      .map(({ name, shape }) => [name, suggestedAxis(shape)] as const)
      .filter(([, axis]) => axis > 0),
  );

/** Whether rows of an output may be on another axis than the first, as far as it is declared. */
export const isUnclear = (shape: readonly Dimension[] | null): boolean => shape === null || suggestedAxis(shape) > 0;

/**
 * The outputs whose rows are on another axis than the first, told from a call with two and one with three rows (copies of one
 * good row). Fails with `inference-failed` when the model does not take them.
 */
export function outputAxes(session: Session, binding: Binding, batch: Batch): RowAxes['outputs'] {
  const good = Array.from({ length: batch.rows }, (_, row) => row).find((row) => !batch.faults.has(row));
  if (good === undefined) return {};
  const call = (rows: number) => {
    const outputs = session.run(feedsOf(batch, binding, new Int32Array(rows).fill(good)), binding.fetches);
    return binding.fetches.map((name) => outputs[name].dims);
  };
  const two = call(2);
  const three = call(3);
  const axes: Record<string, { axis: number; rank: number }> = {};
  for (const [i, name] of binding.fetches.entries()) {
    const growing = [...two[i].keys()].filter((axis) => two[i][axis] === 2 && three[i][axis] === 3);
    if (growing.length === 1 && growing[0] > 0) axes[name] = { axis: growing[0], rank: two[i].length };
  }
  return axes;
}
