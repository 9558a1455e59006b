// The preprocessor_config.json of Hugging Face: what is taken over, and what is refused by name.
import { expect, test } from 'vitest';
import { planOf, problemsOf } from './pictures.ts';

const vit = {
  do_normalize: true,
  do_rescale: true,
  do_resize: true,
  image_mean: [0.5, 0.5, 0.5],
  image_processor_type: 'ViTImageProcessor',
  image_std: [0.5, 0.25, 0.5],
  resample: 2,
  rescale_factor: 0.00392156862745098,
  size: { height: 224, width: 192 },
};

function settingsOf(config: object, spec: object = {}, shape: readonly (number | string)[] = ['N', 3, 'H', 'W']) {
  const planned = planOf({ spec, config, shape });
  if ('problems' in planned) return planned.problems;
  const { resize, crop, kernel, channels, scale, mean, std } = planned.plan;
  return { resize, crop, kernel, channels, scale, mean, std };
}

test('a number for each setting is taken over', () => {
  expect(settingsOf(vit)).toEqual({
    resize: { kind: 'exact', height: 224, width: 192 },
    crop: null,
    kernel: 'bilinear',
    channels: 'rgb',
    scale: 0.00392156862745098,
    mean: [0.5, 0.5, 0.5],
    std: [0.5, 0.25, 0.5],
  });
});

test.each([
  [
    'the shorter side and a crop',
    { size: { shortest_edge: 224 }, do_center_crop: true, crop_size: { height: 200, width: 210 }, resample: 3 },
    { kind: 'shorter', side: 224 },
    { height: 200, width: 210, rounding: 'down' },
  ],
  ['one number is a square for ViT', { size: 256 }, { kind: 'exact', height: 256, width: 256 }, null],
  [
    'one number is the shorter side for CLIP',
    { size: 256, image_processor_type: undefined, feature_extractor_type: 'CLIPFeatureExtractor' },
    { kind: 'shorter', side: 256 },
    null,
  ],
  [
    'ConvNext cuts small sizes out of a larger image',
    { size: { shortest_edge: 224 }, crop_pct: 0.875, image_processor_type: 'ConvNextImageProcessor' },
    { kind: 'shorter', side: 256 },
    { height: 224, width: 224, rounding: 'down' },
  ],
  [
    'and stretches large ones',
    { size: { shortest_edge: 384 }, crop_pct: 0.875, image_processor_type: 'ConvNextImageProcessorFast' },
    { kind: 'exact', height: 384, width: 384 },
    null,
  ],
  ['no resizing', { do_resize: false, resample: undefined, size: undefined }, { kind: 'none' }, null],
])('%s', (_, changes, resize, crop) => {
  expect(settingsOf({ ...vit, ...changes })).toMatchObject({ resize, crop });
});

test('Pillow numbers its filters in its own way', () => {
  const kernels = [0, 1, 2, 3, 4, 5].map((resample) => settingsOf({ ...vit, resample }));
  expect(kernels.map((settings) => ('kernel' in settings ? settings.kernel : settings))).toEqual([
    'nearest',
    'lanczos',
    'bilinear',
    'bicubic',
    'box',
    'hamming',
  ]);
});

test('what would change the pixels and is not known is refused by name, all at once', () => {
  const config = { ...vit, do_pad: true, do_thumbnail: false, image_std: undefined, resample: 9 };
  expect(problemsOf({ spec: {}, config })).toEqual([
    'preprocessor_config.json: "do_pad" is not supported (true); "resample": 9 is none of 0 to 5; "image_std" is missing; say in the job what is meant: a preset (imagenet, imagenet-caffe, mobilenet, clip, unit, raw), with settings of its own beside it',
  ]);
  expect(problemsOf({ spec: {}, config: { ...vit, image_processor_type: 'LevitImageProcessor' } })).toEqual([
    'preprocessor_config.json: "LevitImageProcessor" may do more than its keys say; known are ViT, DeiT, Beit, Segformer, Siglip, CLIP, ChineseCLIP, Bit, ConvNext, MobileNetV1, MobileNetV2, MobileViT; say in the job what is meant: a preset (imagenet, imagenet-caffe, mobilenet, clip, unit, raw), with settings of its own beside it',
  ]);
});

test('a preset in the job takes the place of the file, single settings are laid over it', () => {
  expect(settingsOf({ broken: 1 }, { preset: 'unit' })).toMatchObject({ scale: 1 / 255, mean: [0, 0, 0] });
  expect(settingsOf(vit, { kernel: 'lanczos', std: 1 })).toMatchObject({
    kernel: 'lanczos',
    std: [1, 1, 1],
    mean: [0.5, 0.5, 0.5],
  });
});

test('a size that the model cannot take is refused with both', () => {
  expect(
    settingsOf({ ...vit, size: { shortest_edge: 224 }, do_center_crop: true, crop_size: 224 }, {}, ['N', 3, 256, 256]),
  ).toEqual([
    "the model takes images of 256 x 256 (height x width), and the model's preprocessor_config.json makes them 224 x 224; say which: size and fit",
  ]);
});

test('without a preset or the file, how pixels become numbers is not guessed', () => {
  expect(problemsOf({ spec: {} })).toEqual([
    'nothing says how pixels become numbers; give a preset (imagenet, imagenet-caffe, mobilenet, clip, unit, raw), or scale, mean and std',
  ]);
  expect(problemsOf({ spec: {}, dtype: 'uint8' })).toEqual([]);
});
