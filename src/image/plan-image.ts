// Decides how the images of one input become its tensor: what the model declares, a preset or the model's own
// preprocessor_config.json, and the job's settings on top. What would have to be guessed is refused.
import type { Dtype } from '../core/dtype.ts';
import type { ImageSpec } from '../job/image-schema.ts';
import { type ImageAxes, imageAxes } from './image-axes.ts';
import type { Channels, ImagePlan, Size } from './image-plan.ts';
import { imagePresets } from './image-presets.ts';
import { type Geometry, type ImageSettings, sizeOf } from './image-settings.ts';
import { unfitValue } from './pixel-values.ts';
import { readPreprocessorConfig } from './preprocessor-config.ts';

export interface ImageRequest {
  readonly dtype: Dtype;
  /** As the model declares it, rows included. */
  readonly shape: readonly (number | string | null)[];
  readonly spec: ImageSpec;
  /** The model's preprocessor_config.json. */
  readonly config: { readonly path: string; readonly text: string } | null;
  /** Where image files may lie when the job names no root. */
  readonly folders: readonly string[];
}

export interface PlannedImage {
  readonly plan: ImagePlan;
  readonly rows: ImageAxes['rows'];
  readonly rowShape: readonly (number | null)[];
}

/** Pillow's own limit: a quarter of a gigabyte of pixels. */
const defaultMostPixels = 89_478_485;

/** The plan, or everything that stands against it, one sentence each. */
export function planImage(request: ImageRequest): PlannedImage | { readonly problems: readonly string[] } {
  const { dtype, shape, spec, folders } = request;
  if (dtype === 'string' || dtype === 'bool') return { problems: [`the model takes ${dtype}, not pixels`] };
  const axes = imageAxes(shape, spec.layout ?? 'auto');
  if (typeof axes === 'string') return { problems: [axes] };
  const base = baseSettings(request);
  if ('problems' in base) return base;
  const problems: string[] = [];
  const geometry = geometryOf(spec, base.settings, axes, problems);
  const channels = channelsOf(spec, base.settings, axes, problems);
  const perChannel = (key: 'mean' | 'std'): readonly number[] => {
    const given = spec[key] === undefined ? inOrder(base.settings, key, channels) : [spec[key]].flat();
    const count = channels === 'grayscale' ? 1 : 3;
    if (given.length !== count && given.length !== 1) {
      problems.push(
        `${key} has ${given.length} numbers and the images have ${count === 1 ? 'one channel' : '3 channels'}; give ${key}: [...]`,
      );
    }
    return given.length === count ? given : new Array<number>(count).fill(given[0]);
  };
  const plan: ImagePlan = {
    kind: 'image',
    ...geometry,
    kernel: spec.kernel ?? base.settings.kernel,
    antialias: spec.antialias ?? true,
    channels,
    padding: spec.padding ?? [0, 0, 0],
    background: spec.background ?? null,
    orientation: spec.orientation ?? 'exif',
    scale: spec.scale ?? base.settings.scale,
    mean: perChannel('mean'),
    std: perChannel('std'),
    layout: axes.layout,
    dtype,
    maxPixels: spec.maxPixels ?? defaultMostPixels,
    root: spec.root ?? null,
    folders: spec.root === undefined ? folders : [spec.root],
  };
  if (plan.std.some((deviation) => deviation === 0)) problems.push('std must not be 0');
  else {
    const unfit = unfitValue(plan);
    if (unfit !== null)
      problems.push(
        `scale, mean and std give values such as ${unfit}, and the model takes ${dtype}; for bytes as they are: preset raw`,
      );
  }
  if (problems.length > 0) return { problems };
  return { plan, rows: axes.rows, rowShape: rowShapeOf(plan, axes) };
}

function baseSettings({
  spec,
  config,
  dtype,
}: ImageRequest): { readonly settings: ImageSettings } | { readonly problems: readonly string[] } {
  if (spec.preset !== undefined) return { settings: imagePresets[spec.preset] };
  if (config !== null) {
    const read = readPreprocessorConfig(config.text);
    if ('settings' in read) return read;
    const advice = `say in the job what is meant: a preset (${Object.keys(imagePresets).join(', ')}), with settings of its own beside it`;
    return { problems: [`${config.path}: ${read.problems.join('; ')}; ${advice}`] };
  }
  if (spec.scale !== undefined || dtype === 'uint8') return { settings: imagePresets.raw };
  return {
    problems: [
      `nothing says how pixels become numbers; give a preset (${Object.keys(imagePresets).join(', ')}), or scale, mean and std`,
    ],
  };
}

function geometryOf(spec: ImageSpec, base: ImageSettings, axes: ImageAxes, problems: string[]): Geometry {
  const declared = axes.height !== null && axes.width !== null ? { height: axes.height, width: axes.width } : null;
  const given = givenSize(spec);
  const wanted = given ?? declared;
  const geometry = ownGeometry(spec, base, wanted, problems) ?? base.geometry(wanted);
  const size = sizeOf(geometry);
  const clashes =
    size !== null && ((axes.height ?? size.height) !== size.height || (axes.width ?? size.width) !== size.width);
  if (clashes) {
    const takes = `${axes.height ?? 'any'} x ${axes.width ?? 'any'}`;
    const source = given === null ? "the model's preprocessor_config.json makes" : 'the job makes';
    problems.push(
      `the model takes images of ${takes} (height x width), and ${source} them ${size.height} x ${size.width}; say which: size and fit`,
    );
  } else if (given !== null && size !== null && (given.height !== size.height || given.width !== size.width)) {
    problems.push(
      `size is ${given.height} x ${given.width}, and the model's preprocessor_config.json makes ${size.height} x ${size.width}; give fit as well`,
    );
  }
  return geometry;
}

/** What the job says of size and fit; null when it leaves that to the preset or the model. */
function ownGeometry(
  { fit, shorterSide }: ImageSpec,
  base: ImageSettings,
  wanted: Size | null,
  problems: string[],
): Geometry | null {
  if (shorterSide !== undefined && fit !== 'cover') problems.push('shorterSide goes with fit: cover');
  if (fit === undefined) return null;
  if (fit === 'none') return { resize: { kind: 'none' }, crop: null };
  const size = wanted ?? sizeOf(base.geometry(null));
  if (size === null) {
    problems.push(`fit: ${fit} needs a size, which the model leaves open: give size: [HEIGHT, WIDTH]`);
    return null;
  }
  if (fit === 'fill') return { resize: { kind: 'exact', ...size }, crop: null };
  if (fit === 'contain') return { resize: { kind: 'contain', ...size }, crop: null };
  const crop = { ...size, rounding: 'half-even' } as const;
  return {
    resize: shorterSide === undefined ? { kind: 'cover', ...size } : { kind: 'shorter', side: shorterSide },
    crop,
  };
}

function givenSize({ size }: ImageSpec): Size | null {
  if (size === undefined) return null;
  return typeof size === 'number' ? { height: size, width: size } : { height: size[0], width: size[1] };
}

function channelsOf(spec: ImageSpec, base: ImageSettings, axes: ImageAxes, problems: string[]): Channels {
  const channels = spec.channels ?? (axes.channels === 1 ? 'grayscale' : (base.channels ?? 'rgb'));
  if (axes.channels !== null && (axes.channels === 1) !== (channels === 'grayscale')) {
    problems.push(
      `the model takes ${axes.channels === 1 ? 'one channel' : '3 channels'}, and the job says channels: ${channels}`,
    );
  }
  return channels;
}

/** Means and deviations go with their colors when the job wants another order. */
function inOrder(base: ImageSettings, key: 'mean' | 'std', channels: Channels): readonly number[] {
  const isTurned = (base.channels === 'bgr' && channels === 'rgb') || (base.channels === 'rgb' && channels === 'bgr');
  return isTurned ? [...base[key]].reverse() : base[key];
}

function rowShapeOf(plan: ImagePlan, axes: ImageAxes): readonly (number | null)[] {
  const size = sizeOf(plan);
  const [height, width] = [size?.height ?? axes.height, size?.width ?? axes.width];
  const count = plan.channels === 'grayscale' ? 1 : 3;
  if (plan.layout === 'hw') return [height, width];
  return plan.layout === 'chw' ? [count, height, width] : [height, width, count];
}
