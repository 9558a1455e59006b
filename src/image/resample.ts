// Resizes pixels, as Pillow does it and to the same bits: first along the lines, rounded to bytes, then across them. Only the
// part of the result that is asked for is computed. libvips, which decodes, resizes with other roundings and prefilters.
import type { Kernel, Size } from './image-plan.ts';
import { type Weights, weightBits, weightsOf } from './resample-weights.ts';

/** 8-bit pixels, row by row, the channels of a pixel side by side. */
export interface Pixels extends Size {
  readonly channels: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** A part of the resized image: [left, left + width) x [top, top + height). */
export interface Part extends Size {
  readonly left: number;
  readonly top: number;
}

export interface Resampling {
  readonly size: Size;
  /** Lies within `size`. */
  readonly part: Part;
  readonly kernel: Kernel;
  readonly antialias: boolean;
}

const half = 1 << (weightBits - 1);

/** The wanted part of the image resized to `size`. */
export function resample(source: Pixels, { size, part, kernel, antialias }: Resampling): Pixels {
  const rows = { sourceLength: source.height, length: size.height, from: part.top, to: part.top + part.height };
  const columns = { sourceLength: source.width, length: size.width, from: part.left, to: part.left + part.width };
  if (size.width === source.width) {
    return acrossLines(cut(source, columns.from, columns.to), linesFor(rows, kernel, antialias, source.height));
  }
  const across = linesFor(rows, kernel, antialias, source.height);
  const { starts, counts } = across;
  const first = starts[0];
  const last = starts.reduce((most, start, line) => Math.max(most, start + counts[line]), 0);
  const narrowed = alongLines(source, first, last, weightsOf(columns, kernel, antialias));
  return acrossLines(narrowed, { ...across, starts: starts.map((start) => start - first) });
}

/** Lines that keep their number are copied, not filtered. */
function linesFor(rows: Parameters<typeof weightsOf>[0], kernel: Kernel, antialias: boolean, height: number): Weights {
  return weightsOf(rows, rows.length === height ? 'nearest' : kernel, antialias);
}

/** The columns [from, to) of an image. */
function cut(source: Pixels, from: number, to: number): Pixels {
  const { width, height, channels, data } = source;
  if (from === 0 && to === width) return source;
  const cutWidth = to - from;
  const target = new Uint8Array(cutWidth * height * channels);
  for (let y = 0; y < height; y++) {
    const start = (y * width + from) * channels;
    target.set(data.subarray(start, start + cutWidth * channels), y * cutWidth * channels);
  }
  return { width: cutWidth, height, channels, data: target };
}

/** Lines [first, last) resized along their length. */
function alongLines(source: Pixels, first: number, last: number, { starts, counts, stride, weights }: Weights): Pixels {
  const { channels, data } = source;
  const width = starts.length;
  const target = new Uint8ClampedArray((last - first) * width * channels);
  let place = 0;
  for (let y = first; y < last; y++) {
    const line = y * source.width * channels;
    for (let x = 0; x < width; x++) {
      const from = line + starts[x] * channels;
      const weight = x * stride;
      const end = weight + counts[x];
      if (channels === 3) {
        let red = half;
        let green = half;
        let blue = half;
        for (let i = weight, pixel = from; i < end; i++, pixel += 3) {
          red = (red + Math.imul(data[pixel], weights[i])) | 0;
          green = (green + Math.imul(data[pixel + 1], weights[i])) | 0;
          blue = (blue + Math.imul(data[pixel + 2], weights[i])) | 0;
        }
        target[place++] = red >> weightBits;
        target[place++] = green >> weightBits;
        target[place++] = blue >> weightBits;
      } else {
        let gray = half;
        for (let i = weight, pixel = from; i < end; i++, pixel++)
          gray = (gray + Math.imul(data[pixel], weights[i])) | 0;
        target[place++] = gray >> weightBits;
      }
    }
  }
  return { width, height: last - first, channels, data: target };
}

/** Each line of the result as the weighted sum of lines. */
function acrossLines(source: Pixels, { starts, counts, stride, weights }: Weights): Pixels {
  const { width, channels, data } = source;
  const height = starts.length;
  const length = width * channels;
  const target = new Uint8ClampedArray(height * length);
  const sums = new Int32Array(length);
  for (let y = 0; y < height; y++) {
    sums.fill(half);
    for (let i = 0; i < counts[y]; i++) {
      const weight = weights[y * stride + i];
      const from = (starts[y] + i) * length;
      for (let x = 0; x < length; x++) sums[x] += Math.imul(data[from + x], weight);
    }
    for (let x = 0; x < length; x++) target[y * length + x] = sums[x] >> weightBits;
  }
  return { width, height, channels, data: target };
}
