// Decimals with more digits than a double holds, rounded correctly or not at all: digits and power of ten are multiplied as
// pairs of doubles (T. J. Dekker, "A floating-point technique for extending the available precision", 1971), with about 2^-100 of
// error; a product that lies so near the middle between two doubles that the error could decide is left to others.

/** 10^0 to 10^22: the powers of ten that a double holds exactly. */
export const exactPowers = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));

const mostPower = 60;
const splitter = 2 ** 27 + 1;
const pairError = 2 ** -98;

/** Powers of ten from 10^-60 as the nearest double and what it lacks; made when first needed. */
let powers: { readonly high: Float64Array; readonly low: Float64Array } | undefined;

function powersOfTen(): NonNullable<typeof powers> {
  const high = new Float64Array(2 * mostPower + 1);
  const low = new Float64Array(2 * mostPower + 1);
  for (let power = -mostPower; power <= mostPower; power++) {
    // Scaled to an integer of more than 300 bits, so that what is cut off does not matter.
    const scale = power < 0 ? 512n : 0n;
    const scaled = power < 0 ? (1n << scale) / 10n ** BigInt(-power) : 10n ** BigInt(power);
    const nearest = Number(scaled);
    high[power + mostPower] = nearest * 2 ** -Number(scale);
    low[power + mostPower] = Number(scaled - BigInt(nearest)) * 2 ** -Number(scale);
  }
  return { high, low };
}

/**
 * The double nearest to (`first` * 10^`secondDigits` + `second`) * 10^`power`, or NaN where that is not certain.
 * `first` and `second` are whole and below 10^15, `secondDigits` is at most 15.
 */
export function exactDecimal(first: number, second: number, secondDigits: number, power: number): number {
  if (power < -mostPower || power > mostPower) return Number.NaN;
  powers ??= powersOfTen();
  const scale = exactPowers[secondDigits];
  const scaled = first * scale;
  const sum = scaled + second;
  // `scaled` is the larger one, unless it is 0.
  const rest = productError(first, scale, scaled) + (scaled === 0 ? 0 : second - (sum - scaled));
  const high = powers.high[power + mostPower];
  const product = sum * high;
  const low = productError(sum, high, product) + (sum * powers.low[power + mostPower] + rest * high);
  const value = product + low;
  const left = low - (value - product);
  const error = value * pairError;
  return value + (left - error) === value && value + (left + error) === value ? value : Number.NaN;
}

/** What a product lacks. */
function productError(a: number, b: number, product: number): number {
  const aHigh = a * splitter - (a * splitter - a);
  const bHigh = b * splitter - (b * splitter - b);
  const [aLow, bLow] = [a - aHigh, b - bHigh];
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}
