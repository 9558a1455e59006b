// Makes a model's outputs readable as tensors. A ZipMap that makes a graph output becomes an Identity: every name in the
// graph stays valid, wherever its input comes from, and the class labels move to the signature. Outputs of other kinds
// that are no tensors are left out while at least one tensor is left.
import type { Failure } from '../core/failure.ts';
import { listed } from '../core/failures/failure-kind.ts';
import { type GraphEdit, labelAttributes, type OnnxGraph, type OnnxNode, type OnnxValue } from './onnx.ts';
import { nodesOf } from './operators.ts';
import { type Dimension, describeType, dtypeOf, type ModelOutput, shapeOf } from './signature.ts';

export interface AdaptedOutputs {
  readonly outputs: readonly ModelOutput[];
  readonly nodes: GraphEdit['nodes'];
  readonly outputTypes: GraphEdit['outputs'];
  /** What was done, one sentence each. */
  readonly adaptations: readonly string[];
  readonly failures: readonly Failure[];
}

/** Decides what becomes of each graph output, in the order in which the model declares them. */
export function adaptOutputs(path: string, bytes: Uint8Array, graph: OnnxGraph): AdaptedOutputs {
  const nodes = new Map<number, OnnxNode>();
  const outputTypes = new Map<number, OnnxValue>();
  const outputs: ModelOutput[] = [];
  const adaptations: string[] = [];
  const failures: Failure[] = [];
  const noTensors: OnnxValue[] = [];
  const zipMaps = zipMapsOf(graph);
  const refuse = ({ name = '', type }: OnnxValue) =>
    failures.push({ reason: 'model-output-type', path, output: name, type: describeType(type) });

  for (const [i, declared] of (graph.output ?? []).entries()) {
    const { name = '', type } = declared;
    const zipMap = zipMaps.get(name);
    const dtype = dtypeOf(type);
    if (zipMap !== undefined) {
      const { input, output, name: nodeName } = graph.node![zipMap];
      const labels = labelsOf(labelAttributes(bytes, zipMap));
      const why = labels.length === 0 ? 'it names no class labels' : consumerOf(graph, name);
      if (why !== undefined) {
        failures.push({ reason: 'model-zipmap', path, output: name, why });
        continue;
      }
      const shape = [...rowsOf(graph, input?.[0]), labels.length];
      nodes.set(zipMap, { input, output, name: nodeName, opType: 'Identity' });
      outputTypes.set(i, { name, type: { tensorType: { elemType: 1 } } });
      outputs.push({ name, dtype: 'float32', shape, labels });
      adaptations.push(
        `ZipMap "${name}" removed: its values come as float [${shape.map((size) => size ?? 'N').join(', ')}] for the labels ${listed(labels)}`,
      );
    } else if (dtype !== undefined) {
      outputs.push({ name, dtype, shape: shapeOf(type) });
    } else if (type === undefined || type === null || type.tensorType) {
      refuse(declared);
    } else {
      noTensors.push(declared);
    }
  }
  for (const declared of noTensors) {
    if (outputs.length === 0) refuse(declared);
    adaptations.push(`output "${declared.name}" left out: ${describeType(declared.type)} is no tensor`);
  }
  return { outputs, nodes, outputTypes, adaptations, failures };
}

/** The nodes that are a ZipMap, by the name of what they make. */
const zipMapsOf = ({ node: nodes = [] }: OnnxGraph): ReadonlyMap<string, number> =>
  new Map(nodes.flatMap(({ opType, output }, i) => (opType === 'ZipMap' ? [[output?.[0] ?? '', i]] : [])));

function labelsOf(attributes: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const integers = attributes.get('classlabels_int64s') ?? [];
  return integers.length > 0 ? integers : (attributes.get('classlabels_strings') ?? []);
}

function consumerOf(graph: OnnxGraph, output: string): string | undefined {
  for (const node of nodesOf(graph)) {
    if (node.input?.includes(output)) return `the node "${node.name || node.opType}" reads its maps`;
  }
  return undefined;
}

/** The sizes in front of the class axis: none when the ZipMap reads a vector, otherwise the rows, open unless declared. */
function rowsOf(graph: OnnxGraph, tensor: string | undefined): readonly Dimension[] {
  const declared = [...(graph.input ?? []), ...(graph.valueInfo ?? []), ...(graph.output ?? [])];
  const shape = shapeOf(declared.find(({ name }) => name === tensor)?.type);
  if (shape?.length === 1) return [];
  return shape ? [shape[0]] : [null];
}
