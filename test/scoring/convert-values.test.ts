// Every SQL type to every dtype, against exact arithmetic on the same numbers.
import { describe, expect, test } from 'vitest';
import { type Dtype, dtypes } from '../../src/core/dtype.ts';
import { numberArrays } from '../../src/core/duckdb-vectors.ts';
import { float16Bits, float16Value } from '../../src/core/float16.ts';
import { arrayFor, convertDigits, convertValues } from '../../src/scoring/convert-values.ts';

type NumericDtype = Exclude<Dtype, 'string'>;
const numericDtypes = dtypes.filter((dtype) => dtype !== 'string');

const powers = [7, 8, 11, 15, 16, 24, 31, 32, 53, 63, 64];
const wholes = [
  ...new Set([
    0n,
    1n,
    2n,
    100n,
    2049n,
    ...powers.flatMap((power) => [2n ** BigInt(power) - 1n, 2n ** BigInt(power), 2n ** BigInt(power) + 1n]),
  ]),
];
const signed = [...wholes, ...wholes.map((whole) => -whole)];
const reals = [
  0.5,
  1.5,
  0.1,
  -0.1,
  65504,
  65519.99,
  65520,
  1e30,
  3.4028234663852886e38,
  3.4028235677973366e38,
  1e39,
  -1e39,
  1e308,
  5e-324,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
];

/** The test values that a type can hold. */
function valuesOf(type: string): (number | bigint)[] {
  if (type === 'BOOLEAN') return [0, 1];
  if (type === 'DOUBLE') return [...signed.map(Number), ...reals];
  if (type === 'FLOAT') return [...signed.map(Number), ...reals].map(Math.fround);
  const holder = new numberArrays[type](1);
  return signed.flatMap((whole): (number | bigint)[] => {
    if (holder instanceof BigInt64Array || holder instanceof BigUint64Array) {
      holder[0] = whole;
      return holder[0] === whole ? [whole] : [];
    }
    holder[0] = Number(whole);
    return BigInt(holder[0]) === whole ? [Number(whole)] : [];
  });
}

const ranges: Readonly<Record<string, readonly [bigint, bigint]>> = Object.fromEntries([
  ...[8, 16, 32, 64].flatMap((size) => [
    [`int${size}`, [-(2n ** BigInt(size - 1)), 2n ** BigInt(size - 1) - 1n]],
    [`uint${size}`, [0n, 2n ** BigInt(size) - 1n]],
  ]),
  ['bool', [0n, 1n]],
]);

/** What must be stored, in exact arithmetic; null: nothing may be. */
function expected(value: number | bigint, isWhole: boolean, dtype: NumericDtype): number | bigint | null {
  const stored =
    dtype === 'float64'
      ? Number(value)
      : dtype === 'float32'
        ? Math.fround(Number(value))
        : float16Value(float16Bits(Number(value)));
  if (dtype.startsWith('float')) {
    if (isWhole) return Number.isFinite(stored) && BigInt(stored) === BigInt(value) ? stored : null;
    return Number.isFinite(Number(value)) && !Number.isFinite(stored) ? null : stored;
  }
  if (typeof value === 'number' && !Number.isInteger(value)) return null;
  const [least, most] = ranges[dtype];
  const whole = BigInt(value);
  return whole >= least && whole <= most ? whole : null;
}

const shownValue = (value: number | bigint, dtype: NumericDtype): number | bigint => {
  if (dtype === 'float16') return float16Value(Number(value));
  return dtype.startsWith('float') ? value : BigInt(value);
};

describe.each(Object.keys(numberArrays))('%s', (type) => {
  test.each(numericDtypes)(`becomes %s exactly or not at all`, (dtype) => {
    const values = valuesOf(type);
    const source = new numberArrays[type](values.length);
    for (const [index, value] of values.entries()) (source as Float64Array)[index] = value as number;
    for (const stride of [1, 3]) {
      const target = arrayFor(dtype, values.length * stride + 2);
      const misfits = new Set<number>();
      const placement = { from: 0, count: values.length, to: 2, stride };
      convertValues(source, type, dtype, target, placement, null, (row) => misfits.add(row));
      const found = values.map((_, index) =>
        misfits.has(index) ? null : shownValue(target[2 + index * stride], dtype),
      );
      expect(found).toEqual(values.map((value) => expected(value, type.includes('INT'), dtype)));
    }
  });
});

const misfitsOf = (source: Float64Array | BigInt64Array, type: string, dtype: NumericDtype): readonly string[] => {
  const messages: string[] = [];
  const placement = { from: 0, count: source.length, to: 0, stride: 1 };
  convertValues(source, type, dtype, arrayFor(dtype, source.length), placement, null, (row, message) =>
    messages.push(`${row}: ${message}`),
  );
  return messages;
};

test('a misfit is told by its row, the value and the dtype', () => {
  const doubles = Float64Array.of(1.5, 300, Number.NaN, 2, 1e39);
  expect(misfitsOf(doubles, 'DOUBLE', 'uint8')).toEqual([
    '0: 1.5 is no integer',
    '1: 300 does not fit uint8',
    '2: NaN is no integer',
    '4: 1e+39 does not fit uint8',
  ]);
  expect(misfitsOf(doubles, 'DOUBLE', 'bool')).toEqual([
    '0: 1.5 is neither 0 nor 1',
    '1: 300 is neither 0 nor 1',
    '2: NaN is neither 0 nor 1',
    '3: 2 is neither 0 nor 1',
    '4: 1e+39 is neither 0 nor 1',
  ]);
  expect(misfitsOf(doubles, 'DOUBLE', 'float32')).toEqual(['4: 1e+39 does not fit float32']);
  const wide = BigInt64Array.of(9_007_199_254_740_993n, -5n);
  expect(misfitsOf(wide, 'BIGINT', 'float64')).toEqual(['0: 9007199254740993 does not fit float64 without loss']);
  expect(misfitsOf(wide, 'BIGINT', 'uint64')).toEqual(['1: -5 does not fit uint64']);
  expect(misfitsOf(wide, 'BIGINT', 'int32')).toEqual(['0: 9007199254740993 does not fit int32']);
});

test('nulls are neither converted nor misfits, and a part of the source goes to its own places', () => {
  const source = Float64Array.of(9.5, 1, 1.5, 2, 9.5);
  const target = new Int32Array(7).fill(-1);
  const asked: number[] = [];
  const isThere = (index: number): boolean => {
    asked.push(index);
    return index !== 2;
  };
  convertValues(source, 'DOUBLE', 'int32', target, { from: 1, count: 3, to: 1, stride: 2 }, isThere, () =>
    expect.unreachable(),
  );
  expect([...target]).toEqual([-1, 1, -1, -1, -1, 2, -1]);
  expect(asked).toEqual([1, 2, 3]);
});

describe('numbers that come as digits', () => {
  const convert = (texts: readonly (string | null)[], dtype: NumericDtype) => {
    const target = arrayFor(dtype, texts.length);
    const messages: Record<number, string> = {};
    convertDigits(
      texts,
      dtype,
      target,
      { from: 0, count: texts.length, to: 0, stride: 1 },
      (row, message) => (messages[row] = message),
    );
    const values = texts.map((_, index) => (messages[index] === undefined ? target[index] : null));
    return { values, messages };
  };

  test('become integers digit by digit', () => {
    const texts = ['9007199254740993', '-9223372036854775808', '12.00', null, '12.50', '9223372036854775808', '1e3'];
    expect(convert(texts, 'int64')).toEqual({
      values: [9007199254740993n, -9223372036854775808n, 12n, 0n, null, null, null],
      messages: { 4: '12.50 is no integer', 5: '9223372036854775808 does not fit int64', 6: '1e3 is no integer' },
    });
    expect(convert(['255', '256', '-1'], 'uint8').values).toEqual([255, null, null]);
  });

  test('become floats only without loss', () => {
    expect(
      convert(['170141183460469231731687303715884105728', '170141183460469231731687303715884105727'], 'float64'),
    ).toEqual({
      values: [2 ** 127, null],
      messages: { 1: '170141183460469231731687303715884105727 does not fit float64 without loss' },
    });
    expect(convert(['16777216', '16777217'], 'float32').values).toEqual([16777216, null]);
  });
});
