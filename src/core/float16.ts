// IEEE 754 half precision, to and from doubles; Node 20 has no Float16Array.

const scratchFloat = new Float32Array(1);
const scratchBits = new Uint32Array(scratchFloat.buffer);

/** The nearest half float's 16 bits, ties to even; infinity from 65520 on. */
export function float16Bits(value: number): number {
  scratchFloat[0] = value;
  // Rounded to odd on the way through a float, so that the second rounding sees which side of a tie the double was on.
  const isTie = scratchFloat[0] !== value && (scratchBits[0] & 1) === 0;
  const bits = isTie ? scratchBits[0] + (Math.abs(scratchFloat[0]) < Math.abs(value) ? 1 : -1) : scratchBits[0];
  const sign = (bits >>> 16) & 0x8000;
  const exponent = (bits >>> 23) & 0xff;
  const fraction = bits & 0x7fffff;
  if (exponent === 0xff) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200);
  const half = exponent - 112;
  if (half >= 31) return sign | 0x7c00;
  if (half <= 0) {
    if (half < -10) return sign;
    const shift = 14 - half;
    return sign | roundedShift(fraction | 0x800000, shift);
  }
  return sign | roundedShift((half << 23) | fraction, 13);
}

function roundedShift(value: number, shift: number): number {
  const kept = value >>> shift;
  const dropped = value & ((1 << shift) - 1);
  const middle = 1 << (shift - 1);
  return dropped > middle || (dropped === middle && (kept & 1) === 1) ? kept + 1 : kept;
}

/** The value of a half float's 16 bits. */
export function float16Value(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

let all: Float32Array | undefined;

/** Every half float's value by its bits, for many of them. Made when it is first asked for: it takes 10 ms. */
export function float16Values(): Float32Array {
  all ??= Float32Array.from({ length: 1 << 16 }, (_, bits) => float16Value(bits));
  return all;
}
