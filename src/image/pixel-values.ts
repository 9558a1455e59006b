// Bytes of pixels as the values of a tensor. A pixel has 256 values, so scaling and normalising are one table a channel,
// computed in single precision step by step as numpy and torch do.
import { type Dtype, sqlTypeOfDtype } from '../core/dtype.ts';
import { type NumberArray, numberArrays } from '../core/duckdb-vectors.ts';
import { float16Bits } from '../core/float16.ts';
import type { ImagePlan } from './image-plan.ts';
import type { Pixels } from './resample.ts';

type Normalisation = Pick<ImagePlan, 'scale' | 'mean' | 'std' | 'dtype'>;

/** The value of each byte, by channel of the tensor, as the tensor holds it (float16: its bits). */
export function valueTables({ scale, mean, std, dtype }: Normalisation): readonly NumberArray[] {
  return mean.map((_, channel) => {
    const table = emptyValues(dtype, 256);
    for (let byte = 0; byte < 256; byte++) {
      const value = normalised(byte, channel, { scale, mean, std, dtype });
      if (dtype === 'int64' || dtype === 'uint64') (table as BigInt64Array)[byte] = BigInt(value);
      else table[byte] = dtype === 'float16' ? float16Bits(value) : value;
    }
    return table;
  });
}

/** The first value that a dtype cannot hold, such as a fraction for an integer; null when it holds all of them. */
export function unfitValue(normalisation: Normalisation): number | null {
  const { dtype, mean } = normalisation;
  if (dtype.startsWith('float')) return null;
  const probe = dtype.endsWith('64') ? new Float64Array(1) : emptyValues(dtype, 1);
  for (let channel = 0; channel < mean.length; channel++) {
    for (let byte = 0; byte < 256; byte++) {
      const value = normalised(byte, channel, normalisation);
      probe[0] = value;
      if (probe[0] !== value || !Number.isInteger(value) || (dtype === 'uint64' && value < 0)) return value;
    }
  }
  return null;
}

function normalised(byte: number, channel: number, { scale, mean, std, dtype }: Normalisation): number {
  const round = dtype === 'float64' ? (value: number): number => value : Math.fround;
  return round(round(round(byte * scale) - round(mean[channel])) / round(std[channel]));
}

/** The tensor of an image: `tables` has one table for each of its channels, in the order of the tensor. */
export function tensorOf(
  { width, height, channels, data }: Pixels,
  { layout, channels: order, dtype }: ImagePlan,
  tables: readonly NumberArray[],
): NumberArray {
  const values = emptyValues(dtype, width * height * channels) as Float64Array;
  const pixels = width * height;
  const [step, plane] = layout === 'hwc' ? [channels, 1] : [1, pixels];
  for (let channel = 0; channel < channels; channel++) {
    const table = tables[channel] as Float64Array;
    let from = order === 'bgr' ? channels - 1 - channel : channel;
    let to = channel * plane;
    for (let pixel = 0; pixel < pixels; pixel++, from += channels, to += step) values[to] = table[data[from]];
  }
  return values;
}

const emptyValues = (dtype: Dtype, length: number): NumberArray =>
  dtype === 'float16' ? new Uint16Array(length) : new numberArrays[sqlTypeOfDtype[dtype]](length);
