// Half floats against their definition: a table of all values, and the nearest of them found by search.
import { expect, test } from 'vitest';
import { float16Bits, float16Value } from '../../src/core/float16.ts';

/** The values of the bits 0x0000 to 0x7bff, by adding up: each step between neighbours doubles every 1024 values. */
const ascending: number[] = [];
for (let value = 0, bits = 0; bits < 0x7c00; bits++) {
  ascending.push(value);
  value += 2 ** (Math.max(1, bits >> 10) - 25);
}

test('every pattern has the value that counting up gives it', () => {
  const wrong = ascending.flatMap((value, bits) =>
    float16Value(bits) === value && Object.is(float16Value(bits | 0x8000), -value) ? [] : [bits],
  );
  expect(wrong).toEqual([]);
  expect(ascending.at(-1)).toBe(65504);
  expect([float16Value(0x7c00), float16Value(0xfc00)]).toEqual([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  for (let bits = 0x7c01; bits < 0x8000; bits++) {
    if (!Number.isNaN(float16Value(bits)) || !Number.isNaN(float16Value(bits | 0x8000)))
      throw new Error(`${bits} is a NaN`);
  }
});

test('every pattern comes back from its value, NaN as a NaN', () => {
  for (let bits = 0; bits < 0x10000; bits++) {
    const value = float16Value(bits);
    const back = float16Bits(value);
    const isSame = Number.isNaN(value) ? Number.isNaN(float16Value(back)) : back === bits;
    if (!isSame) throw new Error(`${bits} came back as ${back}`);
  }
});

test('what lies between two values becomes the nearer one, the even one from the middle', () => {
  const wrong: unknown[] = [];
  for (const [bits, below] of ascending.entries()) {
    const above = ascending[bits + 1] ?? 65536;
    const middle = (below + above) / 2;
    // Beyond a float's own precision, too: a second rounding must not make a tie of what is none.
    const nudge = (above - below) * 2 ** -40;
    const even = bits % 2 === 0 ? bits : bits + 1;
    const found = [middle - nudge, middle, middle + nudge].map(float16Bits);
    const negative = [middle - nudge, middle, middle + nudge].map((value) => float16Bits(-value) - 0x8000);
    if (`${found}` !== `${[bits, even, bits + 1]}` || `${negative}` !== `${found}`) wrong.push([bits, found, negative]);
  }
  expect(wrong).toEqual([]);
});

test('what is too large is infinite, what is too small is zero, and zeros keep their sign', () => {
  expect([65520, 65536, 1e300, Number.POSITIVE_INFINITY].map(float16Bits)).toEqual([0x7c00, 0x7c00, 0x7c00, 0x7c00]);
  expect([65519.999999999, 2 ** -25, 2 ** -25 * (1 + 2 ** -30), 1e-300].map(float16Bits)).toEqual([0x7bff, 0, 1, 0]);
  expect([0, -0, -1e-300].map(float16Bits)).toEqual([0, 0x8000, 0x8000]);
});
