// The arithmetic of apply: small cases by hand, and many values beside NumPy.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { argmax, atLeast, type Floats, largest, sigmoid, softmax } from '../../src/scoring/apply-steps.ts';
import { python } from '../python.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

describe('softmax', () => {
  test('adds up to one in each group, however large the values are', () => {
    expect(softmax(Float64Array.of(0, 0, 1000, 1000, -1000, 0), 2)).toEqual(Float64Array.of(0.5, 0.5, 0.5, 0.5, 0, 1));
  });

  test('of a group with a NaN, or with infinity as its largest value, is NaN; minus infinity is 0', () => {
    expect(softmax(Float64Array.of(1, nan, 1, inf, -inf, -inf, -inf, 3), 2)).toEqual(
      Float64Array.of(nan, nan, nan, nan, nan, nan, 0, 1),
    );
  });

  test('keeps the type of its values', () => {
    expect(softmax(Float32Array.of(1, 2), 2)).toEqual(Float32Array.of(1 / (1 + Math.E), Math.E / (1 + Math.E)));
  });
});

test('sigmoid overflows nowhere', () => {
  expect(sigmoid(Float64Array.of(0, 800, -800, inf, -inf, nan))).toEqual(Float64Array.of(0.5, 1, 0, 1, 0, nan));
  expect(sigmoid(Float64Array.of(-2))[0]).toBeCloseTo(Math.exp(-2) / (1 + Math.exp(-2)), 16);
});

test('argmax is the first of the largest, and a NaN counts as the largest', () => {
  expect(argmax(Float32Array.of(1, 3, 3, 2, nan, 9, nan, inf, nan), 3)).toEqual(Int32Array.of(1, 1, 0));
  expect(argmax(BigInt64Array.of(-5n, 2n ** 62n, 2n ** 62n + 1n), 3)).toEqual(Int32Array.of(2));
});

test('the largest come first, the lower index among equal ones, and NaN last', () => {
  expect(largest(Float32Array.of(1, 3, 3, 2, nan, nan, -inf, 0), 4, 3)).toEqual(Int32Array.of(1, 2, 3, 3, 2, 0));
  expect(largest(BigInt64Array.of(1n, 2n ** 62n, 2n ** 62n + 1n), 3, 1)).toEqual(Int32Array.of(2));
});

test('a value that is the threshold is at least the threshold, and a NaN is not', () => {
  expect(atLeast(Float64Array.of(0.5, 0.49, nan, inf), 0.5)).toEqual(Uint8Array.of(1, 0, 0, 1));
  expect(atLeast(BigInt64Array.of(4n, 5n), 4.5)).toEqual(Uint8Array.of(0, 1));
});

const script = `
import json, sys
import numpy as np

values = json.load(open(sys.argv[1]))
x = np.array([np.nan if v is None else v for v in values], dtype=np.float64).reshape(-1, 7)
with np.errstate(all="ignore"):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    out = {
        "softmax": (e / e.sum(axis=-1, keepdims=True)),
        "sigmoid": 1 / (1 + np.exp(-x)),
        "argmax": x.argmax(axis=-1),
        "top": np.argsort(-x, axis=-1, kind="stable")[:, :3],
        "least": x >= 0.25,
    }
print(json.dumps({k: [None if v != v else v for v in a.ravel().tolist()] for k, a in out.items()}))
`;

test.skipIf(!python.available || !python.has('numpy'))('gives what NumPy gives', () => {
  let state = 7;
  const values = Float64Array.from({ length: 7 * 500 }, (_, i) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    if (i % 41 === 0) return nan;
    return i % 5 === 0 ? (state % 4) / 4 : (state / 2 ** 31 - 0.5) * 40;
  });
  const path = join(temporaryFolder(), 'values.json');
  writeFileSync(path, JSON.stringify([...values]));
  const wanted = JSON.parse(python.run(script, path)) as Record<string, (number | null)[]>;
  const close = (found: Floats, expected: readonly (number | null)[]) =>
    expected.every((value, i) =>
      value === null ? Number.isNaN(found[i]) : Math.abs(found[i] - value) <= 4e-16 * Math.max(1e-300, value),
    );
  expect({
    softmax: close(softmax(values, 7), wanted.softmax),
    sigmoid: close(sigmoid(values), wanted.sigmoid),
    argmax: [...argmax(values, 7)],
    top: [...largest(values, 7, 3)],
    least: [...atLeast(values, 0.25)].map((bit) => bit === 1),
  }).toEqual({ softmax: true, sigmoid: true, argmax: wanted.argmax, top: wanted.top, least: wanted.least });
});
