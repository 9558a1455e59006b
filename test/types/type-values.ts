// For each dtype values that tell a lossy way from an exact one: the ends of the range, and what lies beyond other types.
import { type Dtype, sqlTypeOfDtype } from '../../src/core/dtype.ts';
import type { NumberArray } from '../../src/core/duckdb-vectors.ts';
import { float16Bits } from '../../src/core/float16.ts';
import type { TensorData } from '../../src/model/session.ts';
import { arrayFor } from '../../src/scoring/convert-values.ts';

export type Value = number | bigint | boolean | string;

/** An even number of values for each dtype. */
export const typeValues: Readonly<Record<Dtype, readonly Value[]>> = {
  float32: [3.4028234663852886e38, 2 ** -149, -0, 0.10000000149011612, 16777216, -1.5],
  float64: [Number.MAX_VALUE, 5e-324, -0, 0.1, 2 ** 53 - 1, -1.5],
  float16: [65504, 2 ** -24, -0, 0.0999755859375, 2048, -(2 ** -14)],
  int8: [-128, 127, 0, -1],
  int16: [-32768, 32767, 0, -1],
  int32: [-(2 ** 31), 2 ** 31 - 1, 0, -1],
  int64: [-(2n ** 63n), 2n ** 63n - 1n, 2n ** 53n + 1n, -(2n ** 53n) - 1n],
  uint8: [0, 255, 128, 1],
  uint16: [0, 65535, 32768, 1],
  uint32: [0, 2 ** 32 - 1, 2 ** 31, 1],
  uint64: [0n, 2n ** 64n - 1n, 2n ** 63n + 1n, 2n ** 53n + 1n],
  bool: [true, false, false, true],
  string: ['', '\u00a0', '🏔 Zürich e\u0301', '"quoted", \\ \n\t 007', '18446744073709551616', 'NaN'],
};

/** Not in JSON, and spelled in many ways in text. */
export const specials: readonly number[] = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1];

/** A value as SQL, in the type that holds its dtype. */
export const sqlOf = (value: Value, dtype: Dtype): string => {
  const text = Object.is(value, -0) ? '-0.0' : String(value).replaceAll("'", "''");
  return `CAST('${text}' AS ${sqlTypeOfDtype[dtype]})`;
};

/** A value as JSON, and as a field of a CSV file. */
export function textOf(value: Value): string {
  if (typeof value === 'string') return JSON.stringify(value);
  return Object.is(value, -0) ? '-0.0' : String(value);
}

/** The values as a tensor. */
export function tensorOfValues(values: readonly Value[], dtype: Dtype): TensorData {
  const dims = [values.length];
  if (dtype === 'string') return { dtype, dims, data: values as string[] };
  const data = arrayFor(dtype, values.length) as { [index: number]: unknown };
  for (const [index, value] of values.entries()) {
    data[index] =
      dtype === 'float16' ? float16Bits(value as number) : typeof value === 'boolean' ? Number(value) : value;
  }
  return { dtype, dims, data: data as NumberArray };
}
