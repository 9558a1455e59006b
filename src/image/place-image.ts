// Where an image goes: the size that it is scaled to, and which part of that is seen at which place of the result.
import type { Crop, ImagePlan, Resize, Size } from './image-plan.ts';
import type { Part } from './resample.ts';

export interface Placement {
  /** The whole image is scaled to this, of which `part` is seen. */
  readonly scaled: Size;
  readonly part: Part;
  /** The size of the result, and where the part begins in it. */
  readonly canvas: Size;
  readonly left: number;
  readonly top: number;
}

/** Sizes as torchvision, transformers and letterboxing compute them: a longer side is rounded down, a contained one to nearest. */
export function placeImage(image: Size, { resize, crop }: Pick<ImagePlan, 'resize' | 'crop'>): Placement {
  const scaled = scaledSize(image, resize);
  const frame = crop ?? frameOf(resize);
  if (frame === null) return { scaled, part: { ...scaled, left: 0, top: 0 }, canvas: scaled, left: 0, top: 0 };
  const across = centre(scaled.width, frame.width, frame.rounding);
  const down = centre(scaled.height, frame.height, frame.rounding);
  return {
    scaled,
    part: { left: across.from, top: down.from, width: across.length, height: down.length },
    canvas: { height: frame.height, width: frame.width },
    left: across.at,
    top: down.at,
  };
}

function frameOf(resize: Resize): Crop | null {
  if (resize.kind !== 'cover' && resize.kind !== 'contain') return null;
  return { height: resize.height, width: resize.width, rounding: 'down' };
}

function scaledSize({ height, width }: Size, resize: Resize): Size {
  switch (resize.kind) {
    case 'none':
      return { height, width };
    case 'exact':
      return { height: resize.height, width: resize.width };
    case 'cover':
    case 'contain': {
      const ratios = [resize.height / height, resize.width / width];
      const ratio = resize.kind === 'cover' ? Math.max(...ratios) : Math.min(...ratios);
      const side = (length: number): number => Math.max(1, Math.round(length * ratio));
      return { height: side(height), width: side(width) };
    }
    case 'shorter':
    case 'longer': {
      const { side } = resize;
      const other = (given: number, measure: number): number => Math.max(1, Math.trunc((side * given) / measure));
      const isWidth = resize.kind === 'shorter' ? width <= height : width >= height;
      return isWidth ? { height: other(height, width), width: side } : { height: side, width: other(width, height) };
    }
  }
}

interface Centred {
  readonly from: number;
  readonly length: number;
  readonly at: number;
}

function centre(length: number, frame: number, rounding: Crop['rounding']): Centred {
  if (length <= frame) return { from: 0, length, at: Math.floor((frame - length) / 2) };
  const margin = (length - frame) / 2;
  const isTie = rounding === 'half-even' && margin % 2 === 1.5;
  return { from: isTie ? Math.ceil(margin) : Math.floor(margin), length: frame, at: 0 };
}
