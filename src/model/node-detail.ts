// What the attributes of a node and the values of a small constant say. Weights stay bytes: a tensor of more than a few numbers
// has no values here.
import type { OnnxTensor } from './onnx.ts';
import { decode } from './onnx-schema.ts';

interface Long {
  toNumber(): number;
  toString(): string;
}

interface TensorDetail {
  readonly dims?: readonly Long[];
  readonly dataType?: number;
  readonly floatData?: readonly number[];
  readonly int32Data?: readonly number[];
  readonly int64Data?: readonly Long[];
  readonly rawData?: Uint8Array;
}

export interface Attribute {
  readonly name?: string;
  readonly f?: number;
  readonly i?: Long;
  readonly s?: Uint8Array;
  readonly t?: TensorDetail | null;
  readonly floats?: readonly number[];
  readonly ints?: readonly Long[];
  readonly strings?: readonly Uint8Array[];
}

/** A tensor that is part of the model: its sizes and, of a small one of floats or integers, its numbers. */
export interface ConstantTensor {
  readonly dims: readonly number[];
  readonly numbers: readonly number[] | null;
}

const mostNumbers = 64;
const [floatType, int32Type, int64Type] = [1, 6, 7];

/** The attributes of an encoded node by name. */
export const attributesOf = (node: Uint8Array): ReadonlyMap<string, Attribute> =>
  new Map(
    (decode<{ readonly attribute?: readonly Attribute[] }>('NodeDetail', node).attribute ?? []).map((one) => [
      one.name ?? '',
      one,
    ]),
  );

/** One attribute of an encoded node. The others, which may be millions of numbers, are not decoded. */
export function attributeOf(node: Uint8Array, name: string): Attribute | undefined {
  const { attribute = [] } = decode<{ readonly attribute?: readonly Uint8Array[] }>('NodeSplice', node);
  const bytes = attribute.find((one) => decode<{ readonly name?: string }>('Attribute', one).name === name);
  return bytes === undefined ? undefined : decode('AttributeDetail', bytes);
}

/** The text or integer labels of a ZipMap; integers as text, since they may exceed 2^53. */
export function classLabelsOf(node: Uint8Array): readonly string[] {
  const attributes = attributesOf(node);
  const integers = (attributes.get('classlabels_int64s')?.ints ?? []).map(String);
  if (integers.length > 0) return integers;
  return (attributes.get('classlabels_strings')?.strings ?? []).map((text) => Buffer.from(text).toString('utf8'));
}

/** An initializer, from its header and its bytes; large ones are not decoded. */
export function constantOf({ dims = [], dataLocation }: OnnxTensor, bytes: Uint8Array): ConstantTensor {
  const sizes = dims.map((size) => size.toNumber());
  return hasFew(sizes) && dataLocation !== 1 ? ofDetail(decode('TensorDetail', bytes)) : { dims: sizes, numbers: null };
}

/** The value of a Constant node, or null when it is of a kind that has no numbers. */
export function constantOfNode(attributes: ReadonlyMap<string, Attribute>): ConstantTensor | null {
  const tensor = attributes.get('value')?.t;
  if (tensor) return ofDetail(tensor);
  const integer = attributes.get('value_int')?.i;
  if (attributes.has('value_int')) return { dims: [], numbers: [integer?.toNumber() ?? 0] };
  if (attributes.has('value_float')) return { dims: [], numbers: [attributes.get('value_float')?.f ?? 0] };
  const several = attributes.has('value_ints')
    ? (attributes.get('value_ints')?.ints ?? []).map((one) => one.toNumber())
    : attributes.get('value_floats')?.floats;
  return several === undefined ? null : { dims: [several.length], numbers: several };
}

function ofDetail(tensor: TensorDetail): ConstantTensor {
  const dims = (tensor.dims ?? []).map((size) => size.toNumber());
  return { dims, numbers: hasFew(dims) ? numbersOf(tensor) : null };
}

const hasFew = (dims: readonly number[]): boolean => dims.reduce((product, size) => product * size, 1) <= mostNumbers;

/** Values lie in the list of their type or, little-endian, in the raw bytes. */
function numbersOf({ dataType, floatData, int32Data, int64Data, rawData }: TensorDetail): readonly number[] | null {
  const raw = Buffer.from(rawData ?? []);
  const each = <Value>(bytes: number, read: (offset: number) => Value): Value[] =>
    Array.from({ length: raw.length / bytes }, (_, i) => read(i * bytes));
  if (dataType === floatType) return raw.length > 0 ? each(4, (at) => raw.readFloatLE(at)) : (floatData ?? []);
  if (dataType === int32Type) return raw.length > 0 ? each(4, (at) => raw.readInt32LE(at)) : (int32Data ?? []);
  if (dataType === int64Type)
    return raw.length > 0
      ? each(8, (at) => Number(raw.readBigInt64LE(at)))
      : (int64Data ?? []).map((one) => one.toNumber());
  return null;
}
