// One column of a chunk becomes values of a model's dtype, exactly or not at all: nothing is rounded to an integer, wrapped
// or widened with loss. float64 to float32 is the one narrowing allowed: it is what every exporter assumes.
import type { Dtype } from '../core/dtype.ts';
import { isFloat } from '../core/dtype.ts';
import type { NumberArray } from '../core/duckdb-vectors.ts';
import { float16Bits, float16Value } from '../core/float16.ts';

/** Told of each row whose value does not fit; `row` is the index in the target. */
export type OnMisfit = (row: number, message: string) => void;

export interface Placement {
  /** First value of the source, and how many. */
  readonly from: number;
  readonly count: number;
  /** Where value i goes: target[to + i * stride]; it belongs to row firstRow + floor(i / valuesPerRow). */
  readonly to: number;
  readonly stride: number;
}

/** The array that holds values of a dtype for ONNX Runtime: bool as bytes of 0 and 1, float16 as its bits. */
export function arrayFor(dtype: Exclude<Dtype, 'string'>, length: number): NumberArray {
  switch (dtype) {
    case 'float32':
      return new Float32Array(length);
    case 'float64':
      return new Float64Array(length);
    case 'float16':
    case 'uint16':
      return new Uint16Array(length);
    case 'int8':
      return new Int8Array(length);
    case 'int16':
      return new Int16Array(length);
    case 'int32':
      return new Int32Array(length);
    case 'int64':
      return new BigInt64Array(length);
    case 'uint8':
    case 'bool':
      return new Uint8Array(length);
    case 'uint32':
      return new Uint32Array(length);
    case 'uint64':
      return new BigUint64Array(length);
  }
}

/** As `arrayFor`, also for strings. */
export const valuesFor = (dtype: Dtype, length: number): NumberArray | string[] =>
  dtype === 'string' ? new Array<string>(length).fill('') : arrayFor(dtype, length);

/** Why a text cannot go into a tensor, or null. The runtime's binding for Node hands texts over as C strings. */
export const misfitOfText = (text: string): string | null =>
  text.includes('\0') ? 'the text has a NUL character, at which ONNX Runtime would cut it off' : null;

const integerRanges: Readonly<Record<string, readonly [number, number]>> = {
  int8: [-(2 ** 7), 2 ** 7 - 1],
  int16: [-(2 ** 15), 2 ** 15 - 1],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint8: [0, 2 ** 8 - 1],
  uint16: [0, 2 ** 16 - 1],
  uint32: [0, 2 ** 32 - 1],
  bool: [0, 1],
};

const directCopies: Readonly<Record<string, Dtype>> = {
  FLOAT: 'float32',
  DOUBLE: 'float64',
  TINYINT: 'int8',
  SMALLINT: 'int16',
  INTEGER: 'int32',
  BIGINT: 'int64',
  UTINYINT: 'uint8',
  USMALLINT: 'uint16',
  UINTEGER: 'uint32',
  UBIGINT: 'uint64',
  BOOLEAN: 'bool',
};

/**
 * Copies `count` values of SQL type `type` into `target`, an array for `dtype`. `isThere(i)` tells whether source value i is
 * not null; nulls are left as they are in the target. `misfit(i, message)` is called for a value that does not fit.
 */
export function convertValues(
  source: NumberArray,
  type: string,
  dtype: Exclude<Dtype, 'string'>,
  target: NumberArray,
  placement: Placement,
  isThere: ((index: number) => boolean) | null,
  misfit: OnMisfit,
): void {
  const { from, count, to, stride } = placement;
  const isDirect = directCopies[type] === dtype;
  if (isDirect && stride === 1) {
    (target as Float64Array).set((source as Float64Array).subarray(from, from + count), to);
    return;
  }
  if (isDirect || (type === 'FLOAT' && dtype === 'float64')) {
    const values = source as Float64Array;
    const places = target as Float64Array;
    for (let i = 0; i < count; i++) places[to + i * stride] = values[from + i];
    return;
  }
  const convert = converterOf(type, dtype);
  const words = source instanceof BigInt64Array || source instanceof BigUint64Array ? wideReader(source) : null;
  for (let i = 0; i < count; i++) {
    if (isThere !== null && !isThere(from + i)) continue;
    const value = words === null ? Number(source[from + i]) : words(from + i);
    const message = convert(value, source[from + i], target, to + i * stride);
    if (message !== null) misfit(i, message);
  }
}

/**
 * Converts whole numbers that come as decimal text, since no number column holds them all (HUGEINT, wide DECIMAL); `12.00` is
 * whole. Otherwise as `convertValues`.
 */
export function convertDigits(
  texts: readonly (string | null)[],
  dtype: Exclude<Dtype, 'string'>,
  target: NumberArray,
  { from, count, to, stride }: Placement,
  misfit: OnMisfit,
): void {
  const convert = converterOf('HUGEINT', dtype);
  for (let i = 0; i < count; i++) {
    const text = texts[from + i];
    if (text === null) continue;
    const digits = /^(-?\d+)(?:\.0+)?$/.exec(text);
    const whole = digits === null ? null : BigInt(digits[1]);
    const message = whole === null ? `${text} is no integer` : convert(Number(whole), whole, target, to + i * stride);
    if (message !== null) misfit(i, message);
  }
}

type Convert = (value: number, exact: number | bigint, target: NumberArray, index: number) => string | null;

function converterOf(type: string, dtype: Exclude<Dtype, 'string'>): Convert {
  if (dtype === 'int64' || dtype === 'uint64') {
    const [least, most] = dtype === 'int64' ? [-(2n ** 63n), 2n ** 63n - 1n] : [0n, 2n ** 64n - 1n];
    return (value, exact, target, index) => {
      if (typeof exact === 'number' && !Number.isInteger(value)) return `${value} is no integer`;
      const whole = BigInt(exact);
      if (whole < least || whole > most) return `${whole} does not fit ${dtype}`;
      (target as BigInt64Array)[index] = whole;
      return null;
    };
  }
  if (isFloat(dtype)) {
    const isWhole = type.includes('INT');
    return (value, exact, target, index) => {
      const bits = dtype === 'float16' ? float16Bits(value) : 0;
      const stored = dtype === 'float16' ? float16Value(bits) : dtype === 'float32' ? Math.fround(value) : value;
      (target as Float64Array)[index] = dtype === 'float16' ? bits : stored;
      if (!isWhole) return Number.isFinite(stored) || !Number.isFinite(value) ? null : `${exact} does not fit ${dtype}`;
      const isExact = stored === value && (Math.abs(value) < 2 ** 53 || BigInt(value) === BigInt(exact));
      return isExact ? null : `${exact} does not fit ${dtype} without loss`;
    };
  }
  const [least, most] = integerRanges[dtype];
  return (value, exact, target, index) => {
    if (!Number.isInteger(value)) return dtype === 'bool' ? `${value} is neither 0 nor 1` : `${value} is no integer`;
    if (value < least || value > most)
      return dtype === 'bool' ? `${exact} is neither 0 nor 1` : `${exact} does not fit ${dtype}`;
    (target as Float64Array)[index] = value;
    return null;
  };
}

/** Reads 64-bit integers as doubles through their two halves: about ten times faster than Number(bigint). */
function wideReader(source: BigInt64Array | BigUint64Array): (index: number) => number {
  const low = new Uint32Array(source.buffer, source.byteOffset, source.length * 2);
  const high =
    source instanceof BigInt64Array ? new Int32Array(source.buffer, source.byteOffset, source.length * 2) : low;
  return (index) => high[index * 2 + 1] * 2 ** 32 + low[index * 2];
}
