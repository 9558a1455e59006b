// How encoded images become a tensor, with every setting decided: a plain value that preflight makes and workers carry out.
import type { Dtype } from '../core/dtype.ts';

/** Pillow's resampling filters under its names; `lanczos` has three lobes. */
export const kernels = ['nearest', 'box', 'bilinear', 'hamming', 'bicubic', 'lanczos'] as const;
export type Kernel = (typeof kernels)[number];

export interface Size {
  readonly height: number;
  readonly width: number;
}

/** What size an image is scaled to; all but `exact` keep its proportions. Sides are in pixels. */
export type Resize =
  | { readonly kind: 'none' }
  | ({ readonly kind: 'exact' | 'cover' | 'contain' } & Size)
  /** The shorter or the longer side gets this length; the other one is rounded down. */
  | { readonly kind: 'shorter' | 'longer'; readonly side: number };

/** What the scaled image is centred in: what lies outside is cut off, what is missing is filled with the padding color. */
export interface Crop extends Size {
  /** Where an odd number of pixels is to be cut off: torchvision rounds half a pixel to even, others round it down. */
  readonly rounding: 'half-even' | 'down';
}

export type Channels = 'rgb' | 'bgr' | 'grayscale';

/** The order of the axes of one row. */
export type Layout = 'chw' | 'hwc' | 'hw';

export interface ImagePlan {
  readonly kind: 'image';
  readonly resize: Resize;
  readonly crop: Crop | null;
  readonly kernel: Kernel;
  /** Whether a smaller image averages over all pixels that it covers, rather than taking the nearest few. */
  readonly antialias: boolean;
  readonly channels: Channels;
  /** Red, green and blue from 0 to 255. */
  readonly padding: readonly number[];
  /** What shows through transparent pixels; null: transparency is dropped and the pixel keeps its own color. */
  readonly background: readonly number[] | null;
  readonly orientation: 'exif' | 'stored';
  /** value = (pixel * scale - mean) / std; means and deviations in the order of the channels. */
  readonly scale: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly layout: Layout;
  readonly dtype: Dtype;
  readonly maxPixels: number;
  /** Where relative paths start; null: the folder of the shard that names them. */
  readonly root: string | null;
  /** Image files must lie in one of these folders or, without a root, in that of the shard. */
  readonly folders: readonly string[];
}
