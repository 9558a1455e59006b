// The settings of an image input before they meet the model: what presets, a preprocessor_config.json and the job say in common.
import type { Channels, Kernel, Resize, Size } from './image-plan.ts';

export interface ImageSettings {
  /** The size to resize to and the size to cut out of that, once the size that the model wants is known, if it is. */
  readonly geometry: (wanted: Size | null) => Geometry;
  readonly kernel: Kernel;
  readonly channels: Channels | null;
  readonly scale: number;
  /** One number for all channels, or one for each. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

export interface Geometry {
  readonly resize: Resize;
  readonly crop: (Size & { readonly rounding: 'half-even' | 'down' }) | null;
}

/** The size of every image in a geometry; null where it depends on the image. */
export function sizeOf({ resize, crop }: Geometry): Size | null {
  if (crop !== null) return { height: crop.height, width: crop.width };
  if ('height' in resize) return { height: resize.height, width: resize.width };
  return null;
}
