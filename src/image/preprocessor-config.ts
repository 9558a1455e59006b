// Image settings from the preprocessor_config.json of a Hugging Face model. A key whose meaning for the pixels is not known is
// refused by name: to ignore it would be to feed the model something else than it was trained on.

import type { Kernel, Resize, Size } from './image-plan.ts';
import type { ImageSettings } from './image-settings.ts';

export type ReadConfig = { readonly settings: ImageSettings } | { readonly problems: readonly string[] };

type Config = Readonly<Record<string, unknown>>;

/** Processors whose pixels follow from their keys alone, and what a single number as `size` means to them. */
const processors: Readonly<Record<string, 'square' | 'shorter'>> = {
  ViT: 'square',
  DeiT: 'square',
  Beit: 'square',
  Segformer: 'square',
  Siglip: 'square',
  CLIP: 'shorter',
  ChineseCLIP: 'shorter',
  Bit: 'shorter',
  ConvNext: 'shorter',
  MobileNetV1: 'shorter',
  MobileNetV2: 'shorter',
  MobileViT: 'shorter',
};

/** By the numbers that Pillow gives them. */
const kernelNumbers: readonly Kernel[] = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'];

/** Keys that say nothing about the pixels of one image, or what is read below. */
const known = new Set([
  ...[
    'image_processor_type',
    'feature_extractor_type',
    'processor_class',
    '_valid_processor_keys',
    'model_input_names',
  ],
  ...['do_resize', 'size', 'resample', 'do_center_crop', 'crop_size', 'crop_pct', 'do_rescale', 'rescale_factor'],
  ...[
    'do_normalize',
    'image_mean',
    'image_std',
    'do_convert_rgb',
    'do_flip_channel_order',
    'do_reduce_labels',
    'reduce_labels',
  ],
  ...[
    'return_tensors',
    'data_format',
    'input_data_format',
    'device',
    'num_labels',
    '_name_or_path',
    'disable_grouping',
  ],
  ...['auto_map', 'default_to_square'],
]);

/** Off, a key that is not known changes nothing. */
const isOff = (value: unknown): boolean => value === false || value === null;

/** The settings, or everything that stands against using them, one sentence each. */
export function readPreprocessorConfig(text: string): ReadConfig {
  let config: Config;
  try {
    config = JSON.parse(text) as Config;
  } catch (error) {
    return { problems: [`no JSON: ${(error as Error).message}`] };
  }
  const problems: string[] = [];
  for (const [key, value] of Object.entries(config)) {
    if (!known.has(key) && !isOff(value)) problems.push(`"${key}" is not supported (${JSON.stringify(value)})`);
  }
  const type = String(config.image_processor_type ?? config.feature_extractor_type ?? '');
  const processor = type.replace(/(ImageProcessor|FeatureExtractor)(Fast)?$/, '');
  if (type !== '' && processors[processor] === undefined) {
    problems.push(`"${type}" may do more than its keys say; known are ${Object.keys(processors).join(', ')}`);
  }
  const resized = resizeOf(config, processor, problems);
  const crop = resized.crop ?? (on(config, 'do_center_crop', false) ? sizeIn(config, 'crop_size', problems) : null);
  const geometry = { resize: resized.resize, crop: crop && ({ ...crop, rounding: 'down' } as const) };
  const settings: ImageSettings = {
    geometry: (wanted) =>
      wanted !== null && crop === null && geometry.resize.kind === 'exact'
        ? { resize: { kind: 'exact', ...wanted }, crop: null }
        : geometry,
    kernel: kernelOf(config, problems),
    channels: config.do_flip_channel_order === true ? 'bgr' : 'rgb',
    scale: on(config, 'do_rescale', true) ? numberIn(config, 'rescale_factor', 1 / 255, problems) : 1,
    mean: on(config, 'do_normalize', processor !== 'MobileViT') ? numbersIn(config, 'image_mean', problems) : [0],
    std: on(config, 'do_normalize', processor !== 'MobileViT') ? numbersIn(config, 'image_std', problems) : [1],
  };
  return problems.length > 0 ? { problems } : { settings };
}

const on = (config: Config, key: string, otherwise: boolean): boolean => (config[key] ?? otherwise) === true;

interface Resized {
  readonly resize: Resize;
  readonly crop: Size | null;
}

function resizeOf(config: Config, processor: string, problems: string[]): Resized {
  const none: Resized = { resize: { kind: 'none' }, crop: null };
  if (!on(config, 'do_resize', true)) return none;
  const { size } = config;
  if (size === undefined) return refusedSize(problems, '"size" is missing');
  if (typeof size === 'number') {
    const meaning = processors[processor];
    if (meaning === undefined) return refusedSize(problems, `"size": ${size} may mean a square or the shorter side`);
    if (meaning === 'square') return exact({ height: size, width: size });
    return processor === 'ConvNext' ? convNext(size, config) : { resize: { kind: 'shorter', side: size }, crop: null };
  }
  const {
    height,
    width,
    shortest_edge: shorter,
    longest_edge: longer,
    ...others
  } = (size ?? {}) as Record<string, unknown>;
  const unknown = Object.keys(others);
  const isSide = (value: unknown): value is number => Number.isInteger(value) && Number(value) > 0;
  if (unknown.length === 0 && isSide(height) && isSide(width) && shorter === undefined && longer === undefined) {
    return exact({ height, width });
  }
  if (unknown.length === 0 && height === undefined && width === undefined) {
    if (isSide(shorter) && longer === undefined) {
      return processor === 'ConvNext'
        ? convNext(shorter, config)
        : { resize: { kind: 'shorter', side: shorter }, crop: null };
    }
    if (isSide(longer) && shorter === undefined) return { resize: { kind: 'longer', side: longer }, crop: null };
  }
  return refusedSize(problems, `"size": ${JSON.stringify(size)} is not supported`);
}

const exact = (size: Size): Resized => ({ resize: { kind: 'exact', ...size }, crop: null });

/** Below 384 pixels its processor cuts the size out of a larger image, from there on it stretches. */
function convNext(side: number, config: Config): Resized {
  const square = { height: side, width: side };
  if (side >= 384) return exact(square);
  const part = typeof config.crop_pct === 'number' ? config.crop_pct : 224 / 256;
  return { resize: { kind: 'shorter', side: Math.trunc(side / part) }, crop: square };
}

function refusedSize(problems: string[], problem: string): Resized {
  problems.push(problem);
  return { resize: { kind: 'none' }, crop: null };
}

function sizeIn(config: Config, key: string, problems: string[]): Size {
  const value = config[key];
  if (typeof value === 'number') return { height: value, width: value };
  const { height, width } = (value ?? {}) as Partial<Size>;
  if (typeof height === 'number' && typeof width === 'number') return { height, width };
  problems.push(value === undefined ? `"${key}" is missing` : `"${key}": ${JSON.stringify(value)} is not supported`);
  return { height: 1, width: 1 };
}

function kernelOf(config: Config, problems: string[]): Kernel {
  if (!on(config, 'do_resize', true)) return 'bilinear';
  const kernel = kernelNumbers[Number(config.resample ?? -1)];
  if (kernel === undefined) problems.push(`"resample": ${JSON.stringify(config.resample ?? null)} is none of 0 to 5`);
  return kernel ?? 'bilinear';
}

function numberIn(config: Config, key: string, otherwise: number, problems: string[]): number {
  const value = config[key] ?? otherwise;
  if (typeof value === 'number') return value;
  problems.push(`"${key}": ${JSON.stringify(value)} is no number`);
  return otherwise;
}

function numbersIn(config: Config, key: string, problems: string[]): readonly number[] {
  const value = typeof config[key] === 'number' ? [config[key]] : config[key];
  if (Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'number')) return value;
  problems.push(
    value === undefined ? `"${key}" is missing` : `"${key}": ${JSON.stringify(value)} is no list of numbers`,
  );
  return [1];
}
