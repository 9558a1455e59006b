// Which axes of a declared input shape are rows, channels, height and width. A size of 1 or 3 marks the channels; where the
// model leaves them open, the names of the sizes do; without any sign the channels come first, as exporters of PyTorch write.
import type { Layout } from './image-plan.ts';

type Dimension = number | string | null;

export interface ImageAxes {
  /** Rows of a call: any number, the declared number, or 'one' without an axis for them. */
  readonly rows: 'any' | 'one' | number;
  readonly layout: Layout;
  /** null where the model leaves it open. */
  readonly channels: number | null;
  readonly height: number | null;
  readonly width: number | null;
}

const isChannels = (size: Dimension): boolean => size === 1 || size === 3;
const sizeOf = (size: Dimension): number | null => (typeof size === 'number' ? size : null);
const namesChannels = (size: Dimension): boolean => typeof size === 'string' && /chan|^c$/i.test(size);

/** The axes, or what keeps the shape from being that of images. */
export function imageAxes(shape: readonly Dimension[], wanted: 'auto' | 'nchw' | 'nhwc'): ImageAxes | string {
  if (shape.length === 4) return withChannels(rowsOf(shape[0]), shape.slice(1), wanted);
  if (shape.length === 3) {
    if (shape[0] === 3 || shape[2] === 3 || shape[2] === 1) return withChannels('one', shape, wanted);
    const [rows, height, width] = shape;
    return { rows: rowsOf(rows), layout: 'hw', channels: 1, height: sizeOf(height), width: sizeOf(width) };
  }
  return `the model declares ${shape.length} axes; images take rows, channels, height and width`;
}

const rowsOf = (size: Dimension): 'any' | number => sizeOf(size) ?? 'any';

function withChannels(
  rows: ImageAxes['rows'],
  [first, second, third]: readonly Dimension[],
  wanted: 'auto' | 'nchw' | 'nhwc',
): ImageAxes | string {
  const isLast =
    wanted === 'auto'
      ? !isChannels(first) &&
        (isChannels(third) || namesChannels(third) || (typeof first === 'number' && typeof third !== 'number'))
      : wanted === 'nhwc';
  const [channels, height, width] = isLast ? [third, first, second] : [first, second, third];
  if (typeof channels === 'number' && !isChannels(channels)) {
    return `the model takes ${channels} channels${wanted === 'auto' ? '' : ` where ${wanted} has them`}; images have 1 or 3`;
  }
  const sizes = { channels: sizeOf(channels), height: sizeOf(height), width: sizeOf(width) };
  return { rows, layout: isLast ? 'hwc' : 'chw', ...sizes };
}
