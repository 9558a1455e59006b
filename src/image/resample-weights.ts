// Which pixels of a line make each pixel of the resized line, with fixed-point weights: the arithmetic of Pillow, so that a
// model sees what it saw in training. Source: ImagingResample in Pillow's libImaging/Resample.c.
import type { Kernel } from './image-plan.ts';

/** Fixed point: a weight of 1. Eight bits of pixel and two of overshoot fit beside it into 32. */
export const weightBits = 22;

/** Pixel i of the result is the weighted sum of `counts[i]` pixels from `starts[i]`, with weights from i * stride. */
export interface Weights {
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  readonly stride: number;
  readonly weights: Int32Array;
}

export interface Line {
  readonly sourceLength: number;
  readonly length: number;
  /** The pixels of the result that are wanted: [from, to). */
  readonly from: number;
  readonly to: number;
}

interface Filter {
  /** Half its width, in pixels of the larger of both lines. */
  readonly support: number;
  readonly at: (distance: number) => number;
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI));

const filters: Readonly<Record<Exclude<Kernel, 'nearest'>, Filter>> = {
  box: { support: 0.5, at: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, at: (x) => Math.max(0, 1 - Math.abs(x)) },
  hamming: {
    support: 1,
    at: (x) => (Math.abs(x) >= 1 ? 0 : sinc(x) * (0.54 + 0.46 * Math.cos(x * Math.PI))),
  },
  bicubic: {
    support: 2,
    at: (x) => {
      const [sharpness, distance] = [-0.5, Math.abs(x)];
      if (distance < 1) return ((sharpness + 2) * distance - (sharpness + 3)) * distance * distance + 1;
      return distance < 2 ? (((distance - 5) * distance + 8) * distance - 4) * sharpness : 0;
    },
  },
  lanczos: { support: 3, at: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

/** The weights of the wanted pixels of a line. Without `antialias` a filter is not widened when the line shrinks. */
export function weightsOf({ sourceLength, length, from, to }: Line, kernel: Kernel, antialias: boolean): Weights {
  if (kernel === 'nearest') return nearestPixels({ sourceLength, length, from, to });
  const scale = sourceLength / length;
  const widening = antialias ? Math.max(scale, 1) : 1;
  const filter = filters[kernel];
  const support = filter.support * widening;
  const stride = Math.ceil(support) * 2 + 1;
  const starts = new Int32Array(to - from);
  const counts = new Int32Array(to - from);
  const weights = new Int32Array((to - from) * stride);
  const exact = new Float64Array(stride);
  for (let place = 0; place < to - from; place++) {
    const center = (from + place + 0.5) * scale;
    const start = Math.max(0, Math.trunc(center - support + 0.5));
    const count = Math.min(sourceLength, Math.trunc(center + support + 0.5)) - start;
    let sum = 0;
    for (let i = 0; i < count; i++) sum += exact[i] = filter.at((start + i - center + 0.5) / widening);
    for (let i = 0; i < count; i++) {
      const weight = (sum === 0 ? exact[i] : exact[i] / sum) * 2 ** weightBits;
      weights[place * stride + i] = Math.trunc(weight < 0 ? weight - 0.5 : weight + 0.5);
    }
    starts[place] = start;
    counts[place] = count;
  }
  return { starts, counts, stride, weights };
}

function nearestPixels({ sourceLength, length, from, to }: Line): Weights {
  const step = sourceLength / length;
  const starts = new Int32Array(to - from);
  // Added up as Pillow does it, whose sums decide where a pixel lies between two.
  let center = step * 0.5;
  for (let i = 0; i < to; i++, center += step) {
    if (i >= from) starts[i - from] = Math.min(sourceLength - 1, Math.trunc(center));
  }
  const weights = new Int32Array(to - from).fill(2 ** weightBits);
  return { starts, counts: new Int32Array(to - from).fill(1), stride: 1, weights };
}
