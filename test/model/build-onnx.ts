// Writes small ONNX models byte by byte, from the field numbers of onnx.proto, so that the tests do not depend on the code
// under test. Element types: 1 float, 7 int64, 8 string, 11 double, 16 bfloat16.

type Part = Uint8Array;

function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}

export const integer = (id: number, value: number | bigint): Part =>
  Buffer.from([...varint(BigInt(id << 3)), ...varint(BigInt(value))]);

export const bytes = (id: number, content: Uint8Array): Part =>
  Buffer.concat([Buffer.from([...varint(BigInt((id << 3) | 2)), ...varint(BigInt(content.length))]), content]);

export const text = (id: number, content: string): Part => bytes(id, Buffer.from(content));
export const message = (id: number, ...parts: readonly Part[]): Part => bytes(id, Buffer.concat(parts));

/** A type, as the content of a TypeProto. */
export const tensorOf = (elementType: number, ...dims: readonly (number | string | null)[]): Part =>
  message(
    1,
    integer(1, elementType),
    message(
      2,
      ...dims.map((dim) =>
        message(1, ...(dim === null ? [] : [typeof dim === 'string' ? text(2, dim) : integer(1, dim)])),
      ),
    ),
  );
export const sequenceOf = (type: Part): Part => message(4, message(1, type));
export const optionalOf = (type: Part): Part => message(9, message(1, type));
export const mapOf = (keyType: number, type: Part): Part => message(5, integer(1, keyType), message(2, type));

export const named = (name: string, type: Part) => [text(1, name), message(2, type)];

export function node(
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
  { domain = '', attributes = [] }: { readonly domain?: string; readonly attributes?: readonly Part[] } = {},
): Part {
  return message(
    1,
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(3, `${operator} of ${outputs[0]}`),
    text(4, operator),
    ...attributes,
    ...(domain === '' ? [] : [text(7, domain)]),
  );
}

export const integersAttribute = (name: string, values: readonly (number | bigint)[]): Part =>
  message(5, text(1, name), integer(20, 7), ...values.map((value) => integer(8, value)));
export const floatsAttribute = (name: string, values: readonly number[]): Part =>
  message(5, text(1, name), integer(20, 6), bytes(7, bits(values)));
export const textsAttribute = (name: string, values: readonly string[]): Part =>
  message(5, text(1, name), integer(20, 8), ...values.map((value) => text(9, value)));
export const integerAttribute = (name: string, value: number): Part =>
  message(5, text(1, name), integer(20, 2), integer(3, value));
export const graphAttribute = (name: string, ...graph: readonly Part[]): Part =>
  message(5, text(1, name), integer(20, 5), message(6, ...graph));

export const zipMap = (input: string, output: string, labels: Part): Part =>
  node('ZipMap', [input], [output], { domain: 'ai.onnx.ml', attributes: [labels] });

export const floats = (name: string, dims: readonly number[], values: readonly number[]): Part =>
  message(5, ...dims.map((dim) => integer(1, dim)), integer(2, 1), text(8, name), bytes(9, bits(values)));

/** An initializer of 64-bit integers along one axis. */
export const integers = (name: string, values: readonly number[]): Part =>
  message(
    5,
    integer(1, values.length),
    integer(2, 7),
    text(8, name),
    bytes(9, new Uint8Array(BigInt64Array.from(values, BigInt).buffer)),
  );

/** An initializer whose values are in another file. */
export const externalFloats = (name: string, dims: readonly number[], location: string): Part =>
  message(
    5,
    ...dims.map((dim) => integer(1, dim)),
    integer(2, 1),
    text(8, name),
    message(13, text(1, 'location'), text(2, location)),
    integer(14, 1),
  );

export const bits = (values: readonly number[]): Uint8Array => new Uint8Array(new Float32Array(values).buffer);

export const input = (name: string, type: Part): Part => message(11, ...named(name, type));
export const output = (name: string, type: Part): Part => message(12, ...named(name, type));

export interface ModelParts {
  readonly graph: readonly Part[];
  readonly irVersion?: number;
  readonly opsets?: Readonly<Record<string, number>>;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly more?: readonly Part[];
}

export function buildModel({
  graph,
  irVersion = 8,
  opsets = { '': 13, 'ai.onnx.ml': 2 },
  metadata = {},
  more = [],
}: ModelParts): Uint8Array {
  return Buffer.concat([
    integer(1, irVersion),
    text(2, 'build-onnx'),
    message(7, ...graph, text(2, 'graph')),
    ...Object.entries(opsets).map(([domain, version]) => message(8, text(1, domain), integer(2, version))),
    ...Object.entries(metadata).map(([key, value]) => message(14, text(1, key), text(2, value))),
    ...more,
  ]);
}
