// The arithmetic of `apply`, over values that lie in groups of `size`, one group after the other. Computed in doubles, given
// in the type of the values; what a NaN does is what it does in NumPy and SciPy.
import type { NumberArray } from '../core/duckdb-vectors.ts';

export type Floats = Float32Array | Float64Array;

/** exp(x - max) / sum over each group, as scipy.special.softmax: a group with a NaN, or with infinity as its largest value, is NaN. */
export function softmax(values: Floats, size: number): Floats {
  const results = sameType(values);
  const exponentials = new Float64Array(size);
  for (let start = 0; start < values.length; start += size) {
    let largest = Number.NEGATIVE_INFINITY;
    for (let index = 0; index < size; index++) largest = Math.max(largest, values[start + index]);
    let sum = 0;
    for (let index = 0; index < size; index++) sum += exponentials[index] = Math.exp(values[start + index] - largest);
    for (let index = 0; index < size; index++) results[start + index] = exponentials[index] / sum;
  }
  return results;
}

/** 1 / (1 + exp(-x)) of each value, as scipy.special.expit; written so that nothing overflows. */
export function sigmoid(values: Floats): Floats {
  const results = sameType(values);
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    const power = Math.exp(-Math.abs(value));
    results[index] = (value < 0 ? power : 1) / (1 + power);
  }
  return results;
}

/** The index of each group's largest value, as numpy.argmax: the first of equal ones, and a NaN counts as the largest. */
export function argmax(values: NumberArray, size: number): Int32Array {
  const numbers = values as Float64Array;
  const results = new Int32Array(numbers.length / size);
  for (let group = 0; group < results.length; group++) {
    const start = group * size;
    let best = 0;
    for (let index = 1; index < size && !Number.isNaN(numbers[start + best]); index++) {
      if (!(numbers[start + index] <= numbers[start + best])) best = index;
    }
    results[group] = best;
  }
  return results;
}

/**
 * The indices of each group's `count` largest values, largest first, as numpy.argsort(-x, kind='stable')[:count]: of equal
 * ones the lower index comes first, and NaNs come last. `count` is at most `size`.
 */
export function largest(values: NumberArray, size: number, count: number): Int32Array {
  const numbers = values as Float64Array;
  const results = new Int32Array((numbers.length / size) * count);
  for (let start = 0, to = 0; start < numbers.length; start += size, to += count) {
    for (let index = 0; index < size; index++) {
      const value = numbers[start + index];
      if (index >= count && !comesBefore(value, numbers[start + results[to + count - 1]])) continue;
      let place = Math.min(index, count - 1);
      for (; place > 0 && comesBefore(value, numbers[start + results[to + place - 1]]); place--)
        results[to + place] = results[to + place - 1];
      results[to + place] = index;
    }
  }
  return results;
}

const comesBefore = (value: number, other: number): boolean =>
  value > other || (Number.isNaN(other) && !Number.isNaN(value));

/** 1 where a value is at least `threshold`, which must be rounded to the type of the values; 0 for NaN. */
export function atLeast(values: NumberArray, threshold: number): Uint8Array {
  const results = new Uint8Array(values.length);
  for (let index = 0; index < values.length; index++) results[index] = values[index] >= threshold ? 1 : 0;
  return results;
}

const sameType = (values: Floats): Floats =>
  values instanceof Float32Array ? new Float32Array(values.length) : new Float64Array(values.length);
