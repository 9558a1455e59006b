// Makes a model's outputs readable as tensors. An output that a node makes of tensors (a ZipMap's maps, a sequence, an
// optional) is replaced by the tensors themselves; whoever else reads it inside the graph keeps what it read, under another
// name. Outputs of other kinds that are no tensors are left out while at least one tensor is left.
import type { Failure } from '../core/failure.ts';
import { listed } from '../core/failures/failure-kind.ts';
import { encodeNode, encodeValue, type GraphParts, identityNode, makingAs, readingAs } from './edit-graph.ts';
import type { OnnxGraph, OnnxNode, OnnxType, OnnxValue } from './onnx.ts';
import { graphsOf, nodesOf } from './operators.ts';
import { type Dimension, describeType, dtypeOf, type ModelOutput, shapeOf } from './signature.ts';
import { type TensorsBehind, tensorsBehind, tensorTypeIn } from './tensors-behind.ts';

export interface AdaptedOutputs {
  readonly outputs: readonly ModelOutput[];
  /** The outputs that become tensors, by their place among the declared ones. */
  readonly replacements: ReadonlyMap<number, Replacement>;
  /** What was done, one sentence each. */
  readonly adaptations: readonly string[];
  readonly failures: readonly Failure[];
}

/** What an output is replaced by. */
export interface Replacement {
  /** Output name -> the tensor inside the graph that it is. */
  readonly tensors: ReadonlyMap<string, string>;
  readonly elementType: number;
  /** The output is an optional whose tensor must be taken out while the model runs. */
  readonly isUnwrapped: boolean;
}

/** Decides what becomes of each graph output, in the order in which the model declares them. */
export function adaptOutputs(path: string, graph: OnnxGraph, parts: GraphParts): AdaptedOutputs {
  const replacements = new Map<number, Replacement>();
  const outputs: ModelOutput[] = [];
  const adaptations: string[] = [];
  const failures: Failure[] = [];
  const noTensors: OnnxValue[] = [];
  const taken = new Set((graph.output ?? []).map(({ name = '' }) => name));
  const refuse = ({ name = '', type }: OnnxValue) =>
    failures.push({ reason: 'model-output-type', path, output: name, type: describeType(type) });

  for (const [i, declared] of (graph.output ?? []).entries()) {
    const { name = '', type } = declared;
    const dtype = dtypeOf(type);
    const behind = dtype === undefined ? tensorsBehind(graph, parts, name) : undefined;
    const element = behind?.operator === 'ZipMap' ? floatTensor : tensorTypeIn(type);
    const elementDtype = dtypeOf(element);
    if (dtype !== undefined) {
      outputs.push({ name, dtype, shape: shapeOf(type) });
    } else if (behind?.labels?.length === 0) {
      failures.push({ reason: 'model-zipmap', path, output: name, why: 'it names no class labels' });
    } else if (behind?.labels !== undefined) {
      const { labels } = behind;
      const shape = [...rowsOf(graph, behind.tensors[0]), labels.length];
      replacements.set(i, replacing([name], behind, floatTensor));
      outputs.push({ name, dtype: 'float32', shape, labels });
      adaptations.push(
        `ZipMap "${name}" removed: its values come as float [${shape.map((size) => size ?? 'N').join(', ')}] for the labels ${listed(labels)}`,
      );
    } else if (behind !== undefined && behind.tensors.length > 0 && elementDtype !== undefined) {
      const { tensors, operator } = behind;
      const names = tensors.length === 1 ? [name] : tensors.map((_, index) => freeName(`${name}_${index}`, taken));
      replacements.set(i, replacing(names, behind, element!));
      outputs.push(...names.map((one) => ({ name: one, dtype: elementDtype, shape: null })));
      adaptations.push(
        `${operator} "${name}" removed: ${tensors.length === 1 ? 'its tensor comes' : 'its tensors come'} as ${listed(names.map((one) => `"${one}"`))}`,
      );
    } else if (elementDtype !== undefined && type?.optionalType?.elemType?.tensorType) {
      const made: Replacement = {
        tensors: new Map([[name, name]]),
        elementType: type.optionalType.elemType.tensorType.elemType ?? 0,
        isUnwrapped: true,
      };
      replacements.set(i, made);
      outputs.push({ name, dtype: elementDtype, shape: shapeOf(type.optionalType.elemType) });
      adaptations.push(`output "${name}" taken out of its optional: a row for which it is empty is a reject`);
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
  return { outputs, replacements, adaptations, failures };
}

const floatTensor: OnnxType = { tensorType: { elemType: 1 } };

const replacing = (names: readonly string[], { tensors }: TensorsBehind, { tensorType }: OnnxType): Replacement => ({
  tensors: new Map(names.map((name, index) => [name, tensors[index]])),
  elementType: tensorType?.elemType ?? 0,
  isUnwrapped: false,
});

function freeName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let i = 2; taken.has(name); i++) name = `${wanted}_${i}`;
  taken.add(name);
  return name;
}

/** The sizes in front of the class axis: none when the ZipMap reads a vector, otherwise the rows, open unless declared. */
function rowsOf(graph: OnnxGraph, tensor: string): readonly Dimension[] {
  const declared = [...(graph.input ?? []), ...(graph.valueInfo ?? []), ...(graph.output ?? [])];
  const shape = shapeOf(declared.find(({ name }) => name === tensor)?.type);
  if (shape?.length === 1) return [];
  return shape ? [shape[0]] : [null];
}

/** Carries replacements out on the items of the graph. */
export function replaceOutputs(
  graph: OnnxGraph,
  parts: GraphParts,
  replacements: ReadonlyMap<number, Replacement>,
): Partial<GraphParts> {
  const declared = (graph.output ?? []).map(({ name = '' }) => name);
  const replaced = [...replacements.keys()].map((i) => declared[i]);
  const tensors = [...replacements.values()].flatMap((one) => [...one.tensors.values()]);
  const live = liveNodes(graph, [...declared.filter((name) => !replaced.includes(name)), ...tensors]);
  // A node that is still needed gives up the name that the tensor takes over.
  const made = new Set((graph.node ?? []).flatMap(({ output = [] }, i) => (live.has(i) ? output : [])));
  const moved = new Map(replaced.filter((name) => made.has(name)).map((name) => [name, `${name}/as_it_was`]));
  const node = parts.node
    .filter((_, i) => live.has(i))
    .map((one) => (moved.size === 0 ? one : makingAs(readingAs(one, moved), moved)));
  const appended = [...replacements.values()].flatMap((one) => nodesFor(one, moved));
  const output = parts.output.flatMap((one, i) => {
    const replacement = replacements.get(i);
    if (replacement === undefined) return [one];
    const type = { tensorType: { elemType: replacement.elementType } };
    return [...replacement.tensors.keys()].map((name) => encodeValue({ name, type }));
  });
  return { node: [...node, ...appended], output };
}

/**
 * The nodes that make what is wanted, in whatever order the file has them; the runtime checks the types of all others, too, and
 * has none that reads maps.
 */
function liveNodes({ node: nodes = [] }: OnnxGraph, wanted: readonly string[]): ReadonlySet<number> {
  const makers = new Map(nodes.flatMap(({ output = [] }, i) => output.map((name) => [name, i])));
  const live = new Set<number>();
  const pending = [...wanted];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const maker = makers.get(name);
    if (maker === undefined || live.has(maker)) continue;
    live.add(maker);
    pending.push(...namesReadBy(nodes[maker]));
  }
  return live;
}

/** What a node and the nodes of its subgraphs read; a subgraph may also hand out a value of the graph around it. */
function namesReadBy(node: OnnxNode): readonly string[] {
  const subgraphs = (node.attribute ?? [])
    .flatMap(({ g, graphs = [] }) => (g ? [g, ...graphs] : graphs))
    .flatMap((one) => [...graphsOf(one)]);
  const read = [...nodesOf({ node: [node] })].flatMap(({ input = [] }) => input);
  return [...read, ...subgraphs.flatMap(({ output = [] }) => output.map(({ name = '' }) => name))];
}

function nodesFor({ tensors, isUnwrapped }: Replacement, moved: ReadonlyMap<string, string>): readonly Uint8Array[] {
  return [...tensors].map(([output, tensor]) => {
    const input = moved.get(tensor) ?? tensor;
    if (!isUnwrapped) return identityNode(input, output);
    return encodeNode({ input: [input], output: [output], name: `${output}/get`, opType: 'OptionalGetElement' });
  });
}
