// An ONNX model as messages: names, types and nodes. Weights are skipped, never decoded.
import { decode } from './onnx-schema.ts';

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

/** Reads a model; throws a RangeError or an Error when the bytes are no protobuf message. Text is not checked to be UTF-8. */
export function decodeModel(bytes: Uint8Array): OnnxModel {
  return decode('Model', bytes);
}
