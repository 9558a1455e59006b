// Edits of a model's top-level graph. Nodes, initializers, inputs, outputs and value infos are cut out as bytes, replaced, left
// out or added to one by one; every other field, known here or not, passes through as it was.
import type { OnnxNode, OnnxValue } from './onnx.ts';
import { decode, decodeWhole, encode } from './onnx-schema.ts';

/** The items of a graph, each as the bytes of its message. */
export interface GraphParts {
  readonly node: readonly Uint8Array[];
  readonly initializer: readonly Uint8Array[];
  readonly input: readonly Uint8Array[];
  readonly output: readonly Uint8Array[];
  readonly valueInfo: readonly Uint8Array[];
}

/** The items of the top-level graph, without a copy. */
export const graphParts = (bytes: Uint8Array): GraphParts => spliced(bytes).graph;

/** The model with the items of its graph replaced by what `edit` makes of them. */
export function editGraph(bytes: Uint8Array, edit: (graph: GraphParts) => Partial<GraphParts>): Uint8Array {
  const model = spliced(bytes);
  Object.assign(model.graph, edit(model.graph));
  return encode('ModelSplice', model);
}

const spliced = (bytes: Uint8Array): { graph: GraphParts } => decodeWhole('ModelSplice', bytes);

export const encodeNode = (node: OnnxNode): Uint8Array => encode('Node', node);
export const encodeValue = (value: OnnxValue): Uint8Array => encode('Value', value);

/** `output` is `input`, under another name. */
export const identityNode = (input: string, output: string): Uint8Array =>
  encodeNode({ input: [input], output: [output], name: `${output}/identity`, opType: 'Identity' });

/** An initializer with one axis of 64-bit integers. */
export const encodeIntegers = (name: string, values: readonly number[]): Uint8Array =>
  encode('TensorDetail', { name, dims: [values.length], dataType: 7, int64Data: values });

/** A node that permutes the axes of a tensor. */
export const transposeNode = (input: string, output: string, perm: readonly number[]): Uint8Array =>
  encode('TransposeNode', {
    input: [input],
    output: [output],
    name: `${output}/transpose`,
    opType: 'Transpose',
    attribute: [{ name: 'perm', type: 7, ints: perm }],
  });

interface NodeSplice {
  input: string[];
  output: string[];
  attribute: Uint8Array[];
}

/** The node, and every node of its subgraphs, reading other names: old name -> new name. */
export function readingAs(node: Uint8Array, names: ReadonlyMap<string, string>): Uint8Array {
  const { input = [], attribute = [] } = decode<{
    input?: string[];
    attribute?: { g?: unknown; graphs?: unknown[] }[];
  }>('Node', node);
  const hasSubgraphs = attribute.some(({ g, graphs = [] }) => g || graphs.length > 0);
  if (!hasSubgraphs && !input.some((name) => names.has(name))) return node;
  const edited = decodeWhole<NodeSplice>('NodeSplice', node);
  edited.input = edited.input.map((name) => names.get(name) ?? name);
  if (hasSubgraphs) edited.attribute = edited.attribute.map((one) => attributeReadingAs(one, names));
  return encode('NodeSplice', edited);
}

function attributeReadingAs(attribute: Uint8Array, names: ReadonlyMap<string, string>): Uint8Array {
  const edited = decodeWhole<{ g: Uint8Array; graphs: Uint8Array[] }>('AttributeSplice', attribute);
  if (edited.g.length > 0) edited.g = subgraphReadingAs(edited.g, names);
  edited.graphs = edited.graphs.map((graph) => subgraphReadingAs(graph, names));
  return encode('AttributeSplice', edited);
}

/** A subgraph may also hand a value of the graph around it out as its own output. */
function subgraphReadingAs(graph: Uint8Array, names: ReadonlyMap<string, string>): Uint8Array {
  const edited = decodeWhole<{ node: Uint8Array[]; output: Uint8Array[] }>('GraphSplice', graph);
  edited.node = edited.node.map((node) => readingAs(node, names));
  edited.output = edited.output.map((output) => {
    const value = decodeWhole<{ name: string }>('ValueSplice', output);
    const name = names.get(value.name);
    return name === undefined ? output : encode('ValueSplice', Object.assign(value, { name }));
  });
  return encode('GraphSplice', edited);
}

/** The node reading another name as one of its inputs. */
export function withInput(node: Uint8Array, index: number, name: string): Uint8Array {
  const edited = decodeWhole<NodeSplice>('NodeSplice', node);
  edited.input = edited.input.map((one, i) => (i === index ? name : one));
  return encode('NodeSplice', edited);
}

/** The node with an attribute that is an integer. */
export function withInteger(node: Uint8Array, name: string, value: number): Uint8Array {
  const edited = decodeWhole<NodeSplice>('NodeSplice', node);
  const others = edited.attribute.filter((one) => decode<{ name?: string }>('Attribute', one).name !== name);
  edited.attribute = [...others, encode('IntegerAttribute', { name, i: value, type: 2 })];
  return encode('NodeSplice', edited);
}

/** The node making its outputs under other names: old name -> new name. */
export function makingAs(node: Uint8Array, names: ReadonlyMap<string, string>): Uint8Array {
  const edited = decodeWhole<NodeSplice>('NodeSplice', node);
  edited.output = edited.output.map((name) => names.get(name) ?? name);
  return encode('NodeSplice', edited);
}
