// Puts rows that lie on another axis on axis 0: a Transpose behind the input or in front of the output, which keep their names.
import { editGraph, encodeValue, type GraphParts, makingAs, readingAs, transposeNode } from './edit-graph.ts';
import type { OnnxDimension, OnnxGraph, OnnxValue } from './onnx.ts';
import type { Dimension } from './signature.ts';

export interface RowAxes {
  readonly inputs: Readonly<Record<string, number>>;
  readonly outputs: Readonly<Record<string, { readonly axis: number; readonly rank: number }>>;
}

/** The model with its rows on axis 0 of every input and output that is named. */
export function moveRows(bytes: Uint8Array, graph: OnnxGraph, { inputs, outputs }: RowAxes): Uint8Array {
  const moved = new Map([...Object.keys(inputs), ...Object.keys(outputs)].map((name) => [name, `${name}/as_declared`]));
  const inFront = Object.entries(inputs).map(([name, axis]) => {
    const rank = graph.input!.find((one) => one.name === name)!.type!.tensorType!.shape!.dim!.length;
    return transposeNode(name, moved.get(name)!, toAxis(axis, rank));
  });
  const behind = Object.entries(outputs).map(([name, { axis, rank }]) =>
    transposeNode(moved.get(name)!, name, toFront(axis, rank)),
  );
  return editGraph(bytes, (parts: GraphParts) => ({
    node: [...inFront, ...parts.node.map((node) => makingAs(readingAs(node, moved), moved)), ...behind],
    input: parts.input.map((one, i) => {
      const value = graph.input![i];
      const axis = inputs[value.name ?? ''];
      return axis === undefined ? one : encodeValue(withDimensions(value, axis));
    }),
    output: parts.output.map((one, i) => {
      const { name = '', type } = graph.output![i];
      if (outputs[name] === undefined) return one;
      return encodeValue({ name, type: { tensorType: { elemType: type?.tensorType?.elemType ?? 0 } } });
    }),
  }));
}

/** A shape with one of its axes put first. */
export const axisFirst = <Size extends Dimension | OnnxDimension>(
  shape: readonly Size[],
  axis: number,
): readonly Size[] => [shape[axis], ...shape.filter((_, i) => i !== axis)];

function withDimensions({ name = '', type }: OnnxValue, axis: number): OnnxValue {
  const { elemType = 0, shape } = type!.tensorType!;
  return { name, type: { tensorType: { elemType, shape: { dim: axisFirst(shape!.dim!, axis) } } } };
}

const toFront = (axis: number, rank: number): readonly number[] => axisFirst([...Array(rank).keys()], axis);

/** The axes in the order in which the first one goes back to its place. */
const toAxis = (axis: number, rank: number): readonly number[] => {
  const order = Array.from({ length: rank - 1 }, (_, i) => i + 1);
  return [...order.slice(0, axis), 0, ...order.slice(axis)];
};
