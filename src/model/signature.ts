// What goes into a model and what comes out of it, as the model declares it: names, dtypes, shapes.
import type { Dtype } from '../core/dtype.ts';
import type { OnnxModel, OnnxType } from './onnx.ts';

/** A size, the name of a size, or null when it is open. */
export type Dimension = number | string | null;

export interface ModelInput {
  readonly name: string;
  readonly dtype: Dtype;
  /** Also empty when the model declares none. */
  readonly shape: readonly Dimension[];
  /** The model holds a default for it. */
  readonly optional: boolean;
}

export interface ModelOutput {
  readonly name: string;
  readonly dtype: Dtype;
  /** null when the model declares none. */
  readonly shape: readonly Dimension[] | null;
  /** The class labels of a removed ZipMap or of the model's folder, in column order; integers as text. */
  readonly labels?: readonly string[];
  /** There are too many labels for a column each: they only name what `apply` and `pick` choose. */
  readonly isWide?: boolean;
}

export interface Signature {
  readonly inputs: readonly ModelInput[];
  readonly outputs: readonly ModelOutput[];
  /** The names that the model's metadata gives to its features. */
  readonly featureNames?: readonly string[];
}

/** TensorProto.DataType by number. */
const elementTypes = [
  'undefined',
  'float',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'string',
  'bool',
  'float16',
  'double',
  'uint32',
  'uint64',
  'complex64',
  'complex128',
  'bfloat16',
  'float8e4m3fn',
  'float8e4m3fnuz',
  'float8e5m2',
  'float8e5m2fnuz',
  'uint4',
  'int4',
  'float4e2m1',
  'float8e8m0',
  'uint2',
  'int2',
];

const dtypeOfElementType: Readonly<Record<string, Dtype>> = {
  float: 'float32',
  double: 'float64',
  float16: 'float16',
  int8: 'int8',
  int16: 'int16',
  int32: 'int32',
  int64: 'int64',
  uint8: 'uint8',
  uint16: 'uint16',
  uint32: 'uint32',
  uint64: 'uint64',
  bool: 'bool',
  string: 'string',
};

const elementTypeOf = (number = 0): string => elementTypes[number] ?? `element type ${number}`;

/** The dtype of a tensor type, or undefined when it is no tensor or of a type that cannot cross into the runtime. */
export const dtypeOf = (type: OnnxType | null | undefined): Dtype | undefined =>
  type?.tensorType ? dtypeOfElementType[elementTypeOf(type.tensorType.elemType)] : undefined;

/** The declared shape, or null when none is declared. A size that is negative or has an empty name is open. */
export function shapeOf(type: OnnxType | null | undefined): readonly Dimension[] | null {
  const shape = type?.tensorType?.shape;
  if (!shape) return null;
  return (shape.dim ?? []).map(({ size, dimValue, dimParam }) => {
    if (size === 'dimParam') return dimParam || null;
    return size === 'dimValue' && dimValue!.toNumber() >= 0 ? dimValue!.toNumber() : null;
  });
}

/** A type as a person reads it: `tensor(float)`, `sequence(map(int64, tensor(float)))`. */
export function describeType(type: OnnxType | null | undefined): string {
  if (type?.tensorType) return `tensor(${elementTypeOf(type.tensorType.elemType)})`;
  if (type?.sparseTensorType) return `sparse tensor(${elementTypeOf(type.sparseTensorType.elemType)})`;
  if (type?.sequenceType) return `sequence(${describeType(type.sequenceType.elemType)})`;
  if (type?.optionalType) return `optional(${describeType(type.optionalType.elemType)})`;
  if (type?.mapType) return `map(${elementTypeOf(type.mapType.keyType)}, ${describeType(type.mapType.valueType)})`;
  if (type?.opaqueType) return `opaque(${type.opaqueType.name ?? ''})`;
  return 'undeclared';
}

const featureNameKeys = ['feature_names', 'features', 'input_features', 'columns'];

/** The feature names in a model's metadata: a JSON list, or names between commas, under one of the keys in use. */
export function featureNamesOf({ metadataProps = [] }: OnnxModel): readonly string[] | undefined {
  for (const wanted of featureNameKeys) {
    const text = metadataProps.find(({ key }) => key === wanted)?.value?.trim();
    if (!text) continue;
    const names = text.startsWith('[') ? jsonNames(text) : text.split(',').map((name) => name.trim());
    if (names?.every((name) => name !== '')) return names;
  }
  return undefined;
}

function jsonNames(text: string): readonly string[] | undefined {
  try {
    const names: unknown = JSON.parse(text);
    return Array.isArray(names) && names.length > 0 && names.every((name) => typeof name === 'string')
      ? names
      : undefined;
  } catch {
    return undefined;
  }
}
