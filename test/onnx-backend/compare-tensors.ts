// When a computed tensor is the published one: exactly for integers, booleans and text; for floats within the tolerances of the
// ONNX project's own test runner (onnx/backend/test/case/test_case.py), and a NaN where a NaN is.
import { isFloat } from '../../src/core/dtype.ts';
import { float16Value } from '../../src/core/float16.ts';
import type { TensorData } from '../../src/model/session.ts';

const relative = 1e-3;
const absolute = 1e-7;

/** The first difference between values in row-major order, or null. Half floats of both sides are plain numbers here. */
export function differenceOf(
  found: readonly unknown[],
  expected: readonly unknown[],
  dtype: TensorData['dtype'],
): string | null {
  if (found.length !== expected.length) return `${found.length} values instead of ${expected.length}`;
  for (const [index, value] of found.entries()) {
    if (!isEqual(value, expected[index], dtype)) return `value ${index} is ${value} instead of ${expected[index]}`;
  }
  return null;
}

function isEqual(found: unknown, expected: unknown, dtype: TensorData['dtype']): boolean {
  if (Object.is(found, expected)) return true;
  if (!isFloat(dtype)) return found === expected;
  const [one, other] = [found as number, expected as number];
  return one === other || Math.abs(one - other) <= absolute + relative * Math.abs(other);
}

/** The values of a tensor as a result column has them: half floats as numbers, booleans as such. */
export function plainValues({ dtype, data }: TensorData): readonly unknown[] {
  if (dtype === 'float16') return Array.from(data as Uint16Array, float16Value);
  return dtype === 'bool' ? Array.from(data as Uint8Array, (value) => value === 1) : Array.from<unknown>(data);
}
