// What a rule for an operator is: it is given what is known of a node's inputs, and answers what its outputs are, or why its rows do
// not stay by themselves.
import type { Attribute } from './node-detail.ts';
import { isRows, type RowValue, rows, withoutAxes } from './row-value.ts';

/** A node as a rule sees it. */
export interface RuledNode {
  readonly operator: string;
  readonly inputs: readonly (RowValue | undefined)[];
  /** How many outputs are in use. */
  readonly outputs: number;
  readonly attributes: ReadonlyMap<string, Attribute>;
  readonly opset: number;
  /** Rows of one call as declared. */
  readonly declaredRows: number;
  /** Gives the node another constant for one of its inputs. */
  readonly replaceInput: (index: number, numbers: readonly number[]) => void;
  readonly setAttribute: (name: string, value: number) => void;
}

/** The values that a node makes, or why its rows do not stay by themselves. */
export type Rule = (node: RuledNode) => readonly RowValue[] | string;

export type Rows = RowValue & { axis: number; dims: readonly (number | null)[] };

export const integer = ({ attributes }: RuledNode, name: string, otherwise: number): number =>
  attributes.has(name) ? (attributes.get(name)?.i?.toNumber() ?? 0) : otherwise;
export const integers = ({ attributes }: RuledNode, name: string): readonly number[] | undefined =>
  attributes.get(name)?.ints?.map((one) => one.toNumber());
export const numbersOf = (value: RowValue | undefined): readonly number[] | undefined =>
  value?.numbers?.every((one) => typeof one === 'number') ? (value.numbers as readonly number[]) : undefined;
export const positive = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);
export const othersHaveRows = ({ inputs }: RuledNode): boolean =>
  inputs.slice(1).some((one) => isRows(one) || one?.isCounted);

/** For operators that have rows in their first input alone. */
export const ofFirst =
  (rule: (value: Rows, node: RuledNode) => readonly RowValue[] | string): Rule =>
  (node) => {
    const [first] = node.inputs;
    if (!isRows(first)) return 'its rows are not in its first input';
    return othersHaveRows(node) ? 'rows are in its other inputs, too' : rule(first, node);
  };

export function reduced({ axis, dims }: Rows, axes: readonly number[], isKept: boolean): readonly RowValue[] | string {
  if (axes.includes(axis)) return 'it works along the axis of the rows';
  if (isKept)
    return [
      rows(
        axis,
        dims.map((size, i) => (axes.includes(i) ? 1 : size)),
      ),
    ];
  return [rows(axis - axes.filter((one) => one < axis).length, withoutAxes(dims, axes))];
}
