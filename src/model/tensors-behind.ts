// Which tensors an output that is no tensor is made of, told from the nodes that make it: a ZipMap, a sequence that is put
// together or cut out of tensors, an optional. Values are followed through Identity nodes.
import type { GraphParts } from './edit-graph.ts';
import { classLabelsOf } from './node-detail.ts';
import type { OnnxGraph, OnnxType } from './onnx.ts';

/** The tensors in order; `labels` are the class labels of a ZipMap, in column order. */
export interface TensorsBehind {
  readonly tensors: readonly string[];
  /** The operator that made something else of them. */
  readonly operator: string;
  readonly labels?: readonly string[];
}

/** The tensors behind a value of the top-level graph, or undefined when the graph does not say. */
export function tensorsBehind(graph: OnnxGraph, parts: GraphParts, name: string): TensorsBehind | undefined {
  const index = (graph.node ?? []).findIndex(({ output = [] }) => output.includes(name));
  if (index === -1) return undefined;
  const { opType = '', input = [], attribute = [] } = graph.node![index];
  switch (opType) {
    case 'Identity':
      return tensorsBehind(graph, parts, input[0]);
    case 'ZipMap':
      return { tensors: [input[0]], operator: opType, labels: classLabelsOf(parts.node[index]) };
    case 'SequenceConstruct':
      return { tensors: input, operator: opType };
    case 'SequenceEmpty':
      return { tensors: [], operator: opType };
    case 'SequenceInsert': {
      const before = tensorsBehind(graph, parts, input[0]);
      const isAtTheEnd = input[2] === undefined || input[2] === '';
      if (before === undefined || before.operator === 'SplitToSequence' || !isAtTheEnd) return undefined;
      return { tensors: [...before.tensors, input[1]], operator: opType };
    }
    case 'SplitToSequence':
      return { tensors: [input[0]], operator: opType };
    case 'Optional':
      if (input[0] === undefined || attribute.some(({ name: one }) => one === 'type')) return undefined;
      return tensorsBehind(graph, parts, input[0]) ?? { tensors: [input[0]], operator: opType };
    default:
      return undefined;
  }
}

/** The type of the tensors in a sequence, a map's values or an optional, or undefined when there are none. */
export function tensorTypeIn(type: OnnxType | null | undefined): OnnxType | undefined {
  if (!type || type.tensorType) return type ?? undefined;
  return tensorTypeIn(type.sequenceType?.elemType ?? type.optionalType?.elemType ?? type.mapType?.valueType);
}
