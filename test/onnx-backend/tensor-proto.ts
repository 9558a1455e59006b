// Reads a TensorProto (https://onnx.ai/onnx/api/classes.html#tensorproto), alone or in a SequenceProto or OptionalProto: values in `raw_data`, little-endian, or in the field of
// their type, where narrow integers, booleans and the bits of half floats lie in 32-bit integers.
import protobuf from 'protobufjs/light.js';
import type { Dtype } from '../../src/core/dtype.ts';
import type { NumberArray } from '../../src/core/duckdb-vectors.ts';
import type { OnnxType } from '../../src/model/onnx.ts';
import type { TensorData } from '../../src/model/session.ts';
import { arrayFor } from '../../src/scoring/convert-values.ts';

const many = (type: string, id: number) => ({ type, id, rule: 'repeated' });
const root = protobuf.Root.fromJSON({
  nested: {
    // In both messages a tensor, or several, is field 3.
    Holder: { fields: { tensors: many('bytes', 3) } },
    Tensor: {
      fields: {
        dims: many('int64', 1),
        dataType: { type: 'int32', id: 2 },
        floatData: many('float', 4),
        int32Data: many('int32', 5),
        stringData: many('bytes', 6),
        int64Data: many('int64', 7),
        rawData: { type: 'bytes', id: 9 },
        doubleData: many('double', 10),
        uint64Data: many('uint64', 11),
      },
    },
  },
});
const tensorProto = root.lookupType('Tensor');

interface TensorProto {
  readonly dims: readonly { toString(): string }[];
  readonly dataType: number;
  readonly floatData: readonly number[];
  readonly int32Data: readonly number[];
  readonly stringData: readonly Uint8Array[];
  readonly int64Data: readonly { toString(): string }[];
  readonly rawData: Uint8Array;
  readonly doubleData: readonly number[];
  readonly uint64Data: readonly { toString(): string }[];
}

const dtypes: Readonly<Record<number, Dtype>> = {
  1: 'float32',
  2: 'uint8',
  3: 'int8',
  4: 'uint16',
  5: 'int16',
  6: 'int32',
  7: 'int64',
  8: 'string',
  9: 'bool',
  10: 'float16',
  11: 'float64',
  12: 'uint32',
  13: 'uint64',
};

/** The tensors of a message of a declared type: one, or those of a SequenceProto or OptionalProto. */
export function decodeTensors(bytes: Uint8Array, type: OnnxType | null | undefined): readonly TensorData[] {
  if (type?.tensorType) return [decodeTensor(bytes)];
  const { tensors } = root.lookupType('Holder').decode(bytes) as unknown as { readonly tensors: readonly Uint8Array[] };
  return tensors.map(decodeTensor);
}

const bfloat16 = 16;

/** The tensor as the runtime takes it, bfloat16 as float32; throws for an element type that it does not take. */
function decodeTensor(bytes: Uint8Array): TensorData {
  const proto = tensorProto.decode(bytes) as unknown as TensorProto;
  if (proto.dataType === bfloat16) return widened(proto);
  const dtype = dtypes[proto.dataType];
  if (dtype === undefined) throw new Error(`element type ${proto.dataType}`);
  const dims = proto.dims.map(Number);
  if (dtype === 'string')
    return { dtype, dims, data: proto.stringData.map((text) => Buffer.from(text).toString('utf8')) };
  const length = dims.reduce((product, size) => product * size, 1);
  const data = arrayFor(dtype, length);
  if (proto.rawData.length > 0) {
    new Uint8Array(data.buffer).set(proto.rawData);
    return { dtype, dims, data };
  }
  for (const [index, value] of valuesOf(proto, dtype).entries()) (data as NumberArray)[index] = value;
  return { dtype, dims, data };
}

/** A bfloat16 is the upper half of a float. */
function widened({ dims, rawData, int32Data }: TensorProto): TensorData {
  const bits = rawData.length > 0 ? new Uint16Array(rawData.slice().buffer) : Uint16Array.from(int32Data);
  const data = new Float32Array(Uint32Array.from(bits, (half) => half * 2 ** 16).buffer);
  return { dtype: 'float32', dims: dims.map(Number), data };
}

function valuesOf(proto: TensorProto, dtype: Dtype): readonly (number | bigint)[] {
  if (dtype === 'float32') return proto.floatData;
  if (dtype === 'float64') return proto.doubleData;
  if (dtype === 'int64') return proto.int64Data.map((value) => BigInt(value.toString()));
  if (dtype === 'uint64') return proto.uint64Data.map((value) => BigInt(value.toString()));
  return dtype === 'uint32' ? proto.uint64Data.map(Number) : proto.int32Data;
}
