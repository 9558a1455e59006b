// Numbers as they stand in a CSV file, read from the bytes: 20 ns each, a fifth of what a text costs that DuckDB's reader makes
// and SQL converts. A number is read where it is certain which value text-values.ts gives to its text, and that it is no fault.
import { exactDecimal, exactPowers } from './exact-decimal.ts';

/** Bytes after a number that may be looked at, whatever stands there. */
export const bytesBeyond = 16;

const minus = 45;
const plus = 43;
const point = 46;
const comma = 44;
const zero = 48;

const signs = Float64Array.of(1, -1);
const double = new Float64Array(1);
const doubleWords = new Uint32Array(double.buffer);
/** Powers of ten up to this one are exact. */
const mostPower = exactPowers.length - 1;
/** Whole numbers of so many digits are below 2^53. */
const mostDigits = 15;
/** A float is certain where the numbers that are this much smaller and larger round to it. */
const floatError = 2 ** -44;
const [leastFloat, mostFloat] = [2 ** -126, 2 ** 127];
const largestFloatInteger = 2 ** 24;
const largestDoubleInteger = 2 ** 53;

/** The digits that were read last, as a whole number: a field of an object would box it. */
const digitsRead = new Float64Array(1);

/**
 * Each method reads what begins at `start`, sets the row of the target and returns where it ends; -1: what the value is is not
 * certain, and the row may hold anything. What follows must end the field, and is for the caller to see.
 */
export class CsvNumbers {
  readonly #mark: number;
  #bytes: Uint8Array = new Uint8Array(0);
  /** How many of the digits that were read last stand after the mark, and whether (1) or not (0) a minus stood before them. */
  #fraction = 0;
  #isNegative = 0;
  #view: DataView = new DataView(new ArrayBuffer(0));

  constructor({ decimalComma }: { readonly decimalComma: boolean }) {
    this.#mark = decimalComma ? comma : point;
  }

  use(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Plain digits as a number is written back: no sign but minus, no zeros in front. */
  integer(start: number, [least, most]: readonly [number, number], target: Float64Array, row: number): number {
    const bytes = this.#bytes;
    const isNegative = bytes[start] === minus;
    const first = isNegative ? start + 1 : start;
    let whole = 0;
    let i = first;
    for (let digit = bytes[i] - zero; digit >= 0 && digit <= 9; digit = bytes[i] - zero) {
      whole = whole * 10 + digit;
      i++;
    }
    if (i === first || i - first > mostDigits || (bytes[first] === zero && (i > first + 1 || isNegative))) return -1;
    const value = isNegative ? -whole : whole;
    if (value < least || value > most) return -1;
    target[row] = value;
    return i;
  }

  /** A number as the nearest float. Only one is taken of which a double shows that it cannot be another. */
  float(start: number, target: Float32Array, row: number): number {
    const end = this.#digits(start);
    if (end < 0) return -1;
    const digits = digitsRead[0];
    const fraction = this.#fraction;
    if (digits >= largestDoubleInteger || fraction === 0 || fraction > mostPower || this.#hasExponent(end)) {
      return this.#rareFloat(end, target, row);
    }
    const value = digits / exactPowers[fraction];
    if (isFloatMiddle(value)) return -1;
    target[row] = value * signs[this.#isNegative];
    return end;
  }

  double(start: number, target: Float64Array, row: number): number {
    const end = this.#digits(start);
    if (end < 0) return -1;
    const digits = digitsRead[0];
    const fraction = this.#fraction;
    if (digits >= largestDoubleInteger || fraction > mostPower || this.#hasExponent(end)) {
      return this.#rareDouble(start, end, target, row);
    }
    target[row] = (digits / exactPowers[fraction]) * signs[this.#isNegative];
    return end;
  }

  /**
   * Digits, a mark and digits. A whole number below 2^53 times or divided by a power of ten up to 10^22 is the nearest double
   * (W. D. Clinger, "How to read floating point numbers accurately", 1990). Those after the mark are read four at a time.
   */
  #digits(start: number): number {
    const bytes = this.#bytes;
    const isNegative = ((bytes[start] ^ minus) - 1) >>> 31;
    let i = start + isNegative;
    const first = i;
    let whole = 0;
    for (let digit = bytes[i] - zero; digit >= 0 && digit <= 9; digit = bytes[i] - zero) {
      whole = whole * 10 + digit;
      i++;
    }
    const integerDigits = i - first;
    if (integerDigits > 1 && bytes[first] === zero) return -1;
    let fraction = 0;
    if (bytes[i] === this.#mark) {
      const view = this.#view;
      const fractionStart = ++i;
      let four = view.getInt32(i, true) ^ 0x30303030;
      let others = (((four & 0x7f7f7f7f) + 0x76767676) | four) & 0x80808080;
      while (others === 0) {
        four = Math.imul(four, 10) + (four >>> 8);
        whole = whole * 10_000 + (four & 0xff) * 100 + ((four >>> 16) & 0xff);
        i += 4;
        four = view.getInt32(i, true) ^ 0x30303030;
        others = (((four & 0x7f7f7f7f) + 0x76767676) | four) & 0x80808080;
      }
      // The lowest bit that is set tells which of the four bytes is the first that is no digit; zeros go in front of those before it.
      const rest = (31 - Math.clz32(others & -others)) >>> 3;
      four = (four << 8) << (24 - 8 * rest);
      four = Math.imul(four, 10) + (four >>> 8);
      whole = whole * exactPowers[rest] + (four & 0xff) * 100 + ((four >>> 16) & 0xff);
      i += rest;
      fraction = i - fractionStart;
      if (fraction === 0) return -1;
    } else if (integerDigits === 0) return -1;
    digitsRead[0] = whole;
    this.#fraction = fraction;
    this.#isNegative = isNegative;
    return i;
  }

  #hasExponent(at: number): boolean {
    return (this.#bytes[at] | 0x20) === 101;
  }

  /** Whole numbers, numbers with many digits, and those with an exponent. */
  #rareFloat(digitsEnd: number, target: Float32Array, row: number): number {
    const power = this.#power(digitsEnd);
    if (power === null) return -1;
    const digits = digitsRead[0];
    const isWhole = power.end === digitsEnd && this.#fraction === 0;
    if (digits < largestDoubleInteger && Math.abs(power.value) <= mostPower) {
      const value = scaled(digits, power.value);
      // A whole number must be met exactly.
      if (isFloatMiddle(value) || (isWhole && value >= largestFloatInteger)) return -1;
      target[row] = value * signs[this.#isNegative];
      return power.end;
    }
    const value = digits * 10 ** power.value;
    const isSafe = !isWhole && value >= leastFloat && value < mostFloat;
    if (!isSafe || Math.fround(value * (1 - floatError)) !== Math.fround(value * (1 + floatError))) return -1;
    target[row] = value * signs[this.#isNegative];
    return power.end;
  }

  #rareDouble(start: number, digitsEnd: number, target: Float64Array, row: number): number {
    const power = this.#power(digitsEnd);
    if (power === null) return -1;
    const digits = digitsRead[0];
    const isExact = digits < largestDoubleInteger && Math.abs(power.value) <= mostPower;
    // A whole number must be met exactly.
    if (!isExact && power.end === digitsEnd && this.#fraction === 0) return -1;
    const value = isExact ? scaled(digits, power.value) : this.#longDouble(start, digitsEnd, power.value);
    if (Number.isNaN(value)) return -1;
    target[row] = value * signs[this.#isNegative];
    return power.end;
  }

  /** The power of ten of the last digit, with an exponent if there is one, and where the number ends. */
  #power(at: number): { readonly value: number; readonly end: number } | null {
    const fraction = this.#fraction;
    if (!this.#hasExponent(at)) return { value: -fraction, end: at };
    const bytes = this.#bytes;
    const sign = bytes[at + 1];
    const first = sign === minus || sign === plus ? at + 2 : at + 1;
    let value = 0;
    let i = first;
    for (let digit = bytes[i] - zero; digit >= 0 && digit <= 9; digit = bytes[i] - zero) {
      value = value * 10 + digit;
      i++;
    }
    if (i === first || i - first > 3) return null;
    return { value: (sign === minus ? -value : value) - fraction, end: i };
  }

  /** The nearest double to a number of up to 30 digits; NaN where it is not certain. */
  #longDouble(start: number, end: number, power: number): number {
    const bytes = this.#bytes;
    let [first, second, digits] = [0, 0, 0];
    for (let i = start; i < end; i++) {
      const digit = bytes[i] - zero;
      if (digit < 0 || digit > 9 || (digits === 0 && digit === 0)) continue;
      digits++;
      if (digits <= mostDigits) first = first * 10 + digit;
      else second = second * 10 + digit;
    }
    if (digits > 2 * mostDigits || digits === 0) return Number.NaN;
    return exactDecimal(first, second, Math.max(0, digits - mostDigits), power);
  }
}

/** Whether a double lies in the middle between two floats: which of them is nearest to a number that it is near to, it cannot tell. */
function isFloatMiddle(value: number): boolean {
  double[0] = value;
  return (doubleWords[0] & 0x1fffffff) === 0x10000000;
}

const scaled = (digits: number, power: number): number =>
  power < 0 ? digits / exactPowers[-power] : digits * exactPowers[power];
