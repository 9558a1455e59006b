// The ONNX wire format: the one owner of protobufjs. Field numbers come from the public schema (onnx.proto, proto2).
// Only what scoremill reads is described; weights are skipped, never decoded. An edited model is spliced: the graph's
// nodes, outputs and initializers are copied as bytes, replaced or left out one by one, and every other field, known
// here or not, passes through as it was.
import protobuf from 'protobufjs/light.js';

// An absent message reads as null, an absent text, number or list as its default (empty, 0).

export interface OnnxDimension {
  /** Which of the two is set. */
  readonly size?: 'dimValue' | 'dimParam';
  readonly dimValue?: Long;
  readonly dimParam?: string;
}

export interface OnnxTensorType {
  readonly elemType?: number;
  readonly shape?: { readonly dim?: readonly OnnxDimension[] } | null;
}

/** One member is set; none when the type is not declared. */
export interface OnnxType {
  readonly tensorType?: OnnxTensorType | null;
  readonly sequenceType?: { readonly elemType?: OnnxType | null } | null;
  readonly mapType?: { readonly keyType?: number; readonly valueType?: OnnxType | null } | null;
  readonly opaqueType?: { readonly domain?: string; readonly name?: string } | null;
  readonly sparseTensorType?: OnnxTensorType | null;
  readonly optionalType?: { readonly elemType?: OnnxType | null } | null;
}

export interface OnnxValue {
  readonly name?: string;
  readonly type?: OnnxType | null;
}

interface OnnxEntry {
  readonly key?: string;
  readonly value?: string;
}

/** A tensor without its values. `dataLocation` 1 means external data. */
export interface OnnxTensor {
  readonly name?: string;
  readonly dims?: readonly Long[];
  readonly dataType?: number;
  readonly externalData?: readonly OnnxEntry[];
  readonly dataLocation?: number;
}

export interface OnnxSparseTensor {
  readonly values?: OnnxTensor | null;
  readonly indices?: OnnxTensor | null;
}

/** An attribute's tensors and subgraphs; its numbers and texts are skipped. */
export interface OnnxAttribute {
  readonly name?: string;
  readonly t?: OnnxTensor | null;
  readonly g?: OnnxGraph | null;
  readonly tensors?: readonly OnnxTensor[];
  readonly graphs?: readonly OnnxGraph[];
  readonly sparseTensor?: OnnxSparseTensor | null;
  readonly sparseTensors?: readonly OnnxSparseTensor[];
}

export interface OnnxNode {
  readonly input?: readonly string[];
  readonly output?: readonly string[];
  readonly name?: string;
  readonly opType?: string;
  readonly domain?: string;
  readonly attribute?: readonly OnnxAttribute[];
}

export interface OnnxGraph {
  readonly node?: readonly OnnxNode[];
  readonly initializer?: readonly OnnxTensor[];
  readonly sparseInitializer?: readonly OnnxSparseTensor[];
  readonly input?: readonly OnnxValue[];
  readonly output?: readonly OnnxValue[];
  readonly valueInfo?: readonly OnnxValue[];
}

export interface OnnxModel {
  readonly irVersion?: Long;
  readonly producerName?: string;
  readonly producerVersion?: string;
  readonly graph?: OnnxGraph | null;
  readonly opsetImport?: readonly { readonly domain?: string; readonly version?: Long }[];
  readonly metadataProps?: readonly OnnxEntry[];
  readonly functions?: readonly {
    readonly name?: string;
    readonly domain?: string;
    readonly node?: readonly OnnxNode[];
  }[];
}

/** A 64-bit integer as protobufjs gives it. */
interface Long {
  toNumber(): number;
  toString(): string;
}

/** What to change in the top-level graph, by position in the file; `null` leaves the item out. */
export interface GraphEdit {
  readonly nodes: ReadonlyMap<number, OnnxNode>;
  readonly outputs: ReadonlyMap<number, OnnxValue>;
  readonly removedInitializers: ReadonlySet<number>;
}

const one = (type: string, id: number) => ({ type, id });
const many = (type: string, id: number) => ({ type, id, rule: 'repeated' });

const root = protobuf.Root.fromJSON({
  nested: {
    Model: {
      fields: {
        irVersion: one('int64', 1),
        producerName: one('string', 2),
        producerVersion: one('string', 3),
        graph: one('Graph', 7),
        opsetImport: many('OperatorSet', 8),
        metadataProps: many('Entry', 14),
        functions: many('Function', 25),
      },
    },
    OperatorSet: { fields: { domain: one('string', 1), version: one('int64', 2) } },
    Entry: { fields: { key: one('string', 1), value: one('string', 2) } },
    Function: { fields: { name: one('string', 1), node: many('Node', 7), domain: one('string', 10) } },
    Graph: {
      fields: {
        node: many('Node', 1),
        initializer: many('Tensor', 5),
        input: many('Value', 11),
        output: many('Value', 12),
        valueInfo: many('Value', 13),
        sparseInitializer: many('SparseTensor', 15),
      },
    },
    Node: {
      fields: {
        input: many('string', 1),
        output: many('string', 2),
        name: one('string', 3),
        opType: one('string', 4),
        attribute: many('Attribute', 5),
        domain: one('string', 7),
      },
    },
    Attribute: {
      fields: {
        name: one('string', 1),
        t: one('Tensor', 5),
        g: one('Graph', 6),
        tensors: many('Tensor', 10),
        graphs: many('Graph', 11),
        sparseTensor: one('SparseTensor', 22),
        sparseTensors: many('SparseTensor', 23),
      },
    },
    Tensor: {
      fields: {
        dims: many('int64', 1),
        dataType: one('int32', 2),
        name: one('string', 8),
        externalData: many('Entry', 13),
        dataLocation: one('int32', 14),
      },
    },
    SparseTensor: { fields: { values: one('Tensor', 1), indices: one('Tensor', 2) } },
    Value: { fields: { name: one('string', 1), type: one('Type', 2) } },
    Type: {
      fields: {
        tensorType: one('TensorType', 1),
        sequenceType: one('SequenceType', 4),
        mapType: one('MapType', 5),
        opaqueType: one('OpaqueType', 7),
        sparseTensorType: one('TensorType', 8),
        optionalType: one('SequenceType', 9),
      },
    },
    TensorType: { fields: { elemType: one('int32', 1), shape: one('Shape', 2) } },
    SequenceType: { fields: { elemType: one('Type', 1) } },
    MapType: { fields: { keyType: one('int32', 1), valueType: one('Type', 2) } },
    OpaqueType: { fields: { domain: one('string', 1), name: one('string', 2) } },
    Shape: { fields: { dim: many('Dimension', 1) } },
    Dimension: {
      oneofs: { size: { oneof: ['dimValue', 'dimParam'] } },
      fields: { dimValue: one('int64', 1), dimParam: one('string', 2) },
    },

    LabelledNode: { fields: { attribute: many('LabelAttribute', 5) } },
    LabelAttribute: { fields: { name: one('string', 1), ints: many('int64', 8), strings: many('bytes', 9) } },

    ModelSplice: { fields: { graph: one('GraphSplice', 7) } },
    GraphSplice: { fields: { node: many('bytes', 1), initializer: many('bytes', 5), output: many('bytes', 12) } },
  },
});

/** Reads a model; throws a RangeError or an Error when the bytes are no protobuf message. Text is not checked to be UTF-8. */
export function decodeModel(bytes: Uint8Array): OnnxModel {
  return root.lookupType('Model').decode(protobuf.Reader.create(bytes)) as OnnxModel;
}

interface GraphSplice {
  node: Uint8Array[];
  initializer: Uint8Array[];
  output: Uint8Array[];
}

/** The integer and text lists among a node's attributes; integers as text, since they may exceed 2^53. */
export function labelAttributes(bytes: Uint8Array, nodeIndex: number): ReadonlyMap<string, readonly string[]> {
  const node = root.lookupType('LabelledNode').decode(splice(bytes).graph.node[nodeIndex]) as {
    readonly attribute?: readonly {
      readonly name?: string;
      readonly ints?: readonly Long[];
      readonly strings?: readonly Uint8Array[];
    }[];
  };
  return new Map(
    (node.attribute ?? []).map(({ name = '', ints = [], strings = [] }) => [
      name,
      [...ints.map(String), ...strings.map((text) => Buffer.from(text).toString('utf8'))],
    ]),
  );
}

/** The model with its graph edited; everything that the edit does not name keeps its bytes. */
export function editModel(bytes: Uint8Array, edit: GraphEdit): Uint8Array {
  const model = splice(bytes);
  const graph = model.graph;
  const encoded = (type: string, value: object) => root.lookupType(type).encode(value).finish();
  for (const [i, node] of edit.nodes) graph.node[i] = encoded('Node', node);
  for (const [i, output] of edit.outputs) graph.output[i] = encoded('Value', output);
  graph.initializer = graph.initializer.filter((_, i) => !edit.removedInitializers.has(i));
  return root.lookupType('ModelSplice').encode(model).finish();
}

function splice(bytes: Uint8Array): { graph: GraphSplice } {
  const reader = protobuf.Reader.create(bytes);
  reader.discardUnknown = false;
  return root.lookupType('ModelSplice').decode(reader) as unknown as { graph: GraphSplice };
}
