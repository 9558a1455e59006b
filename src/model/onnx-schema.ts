// The ONNX wire format: the one owner of protobufjs. Field numbers come from the public schema (onnx.proto, proto2). Only what
// scoremill reads is described; whatever a message is not described to hold is skipped, or kept as bytes where it is edited.
import protobuf from 'protobufjs/light.js';

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

    // The same messages with everything that a decision may look at.
    NodeDetail: { fields: { attribute: many('AttributeDetail', 5) } },
    AttributeDetail: {
      fields: {
        name: one('string', 1),
        f: one('float', 2),
        i: one('int64', 3),
        s: one('bytes', 4),
        t: one('TensorDetail', 5),
        floats: many('float', 7),
        ints: many('int64', 8),
        strings: many('bytes', 9),
      },
    },
    TensorDetail: {
      fields: {
        dims: many('int64', 1),
        dataType: one('int32', 2),
        floatData: many('float', 4),
        int32Data: many('int32', 5),
        int64Data: many('int64', 7),
        name: one('string', 8),
        rawData: one('bytes', 9),
      },
    },

    // The same messages cut into the bytes of their items, for edits.
    ModelSplice: { fields: { graph: one('GraphSplice', 7) } },
    GraphSplice: {
      fields: {
        node: many('bytes', 1),
        initializer: many('bytes', 5),
        input: many('bytes', 11),
        output: many('bytes', 12),
        valueInfo: many('bytes', 13),
      },
    },
    NodeSplice: { fields: { input: many('string', 1), output: many('string', 2), attribute: many('bytes', 5) } },
    ValueSplice: { fields: { name: one('string', 1) } },
    TransposeNode: {
      fields: {
        input: many('string', 1),
        output: many('string', 2),
        name: one('string', 3),
        opType: one('string', 4),
        attribute: many('IntegersAttribute', 5),
      },
    },
    IntegersAttribute: { fields: { name: one('string', 1), ints: many('int64', 8), type: one('int32', 20) } },
    IntegerAttribute: { fields: { name: one('string', 1), i: one('int64', 3), type: one('int32', 20) } },
    AttributeSplice: { fields: { g: one('bytes', 6), graphs: many('bytes', 11) } },
  },
});

/** Reads a message; throws a RangeError or an Error when the bytes are none. Text is not checked to be UTF-8. */
export const decode = <Message>(type: string, bytes: Uint8Array): Message =>
  root.lookupType(type).decode(protobuf.Reader.create(bytes)) as Message;

/** Reads a message with the bytes of every field that is not described, so that encoding it keeps them. */
export function decodeWhole<Message>(type: string, bytes: Uint8Array): Message {
  const reader = protobuf.Reader.create(bytes);
  reader.discardUnknown = false;
  return root.lookupType(type).decode(reader) as Message;
}

export const encode = (type: string, value: object): Uint8Array => root.lookupType(type).encode(value).finish();
