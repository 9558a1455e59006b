// Settings to tensors: every value of small pictures.
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import type { ImageSpec } from '../../src/job/image-schema.ts';
import { picture, plain, planOf, png, prepared, problemsOf } from './pictures.ts';

const red = [255, 0, 0];
const green = [0, 255, 0];
const blue = [0, 0, 255];
const gray = [51, 51, 51];
/** Two rows of two pixels. */
const four = [
  [red, green],
  [blue, gray],
];
const asIs = { scale: 1, fit: 'none' } as const;

describe('axes and channels', () => {
  test('channels come first or last as the model declares', async () => {
    const image = await png(four);
    expect(await prepared({ spec: asIs, shape: ['N', 3, 2, 2] }, [image])).toEqual([
      { shape: [3, 2, 2], values: [255, 0, 0, 51, 0, 255, 0, 51, 0, 0, 255, 51] },
    ]);
    expect(await prepared({ spec: asIs, shape: ['N', 2, 2, 3] }, [image])).toEqual([
      { shape: [2, 2, 3], values: [255, 0, 0, 0, 255, 0, 0, 0, 255, 51, 51, 51] },
    ]);
    expect(await prepared({ spec: { ...asIs, channels: 'bgr' }, shape: ['N', 2, 2, 3] }, [image])).toEqual([
      { shape: [2, 2, 3], values: [0, 0, 255, 0, 255, 0, 255, 0, 0, 51, 51, 51] },
    ]);
  });

  test('a model with one channel or none gets gray pixels, weighed as eyes do', async () => {
    const image = await png(four);
    const values = [76, 150, 29, 51];
    expect(await prepared({ spec: asIs, shape: ['N', 1, 2, 2] }, [image])).toEqual([{ shape: [1, 2, 2], values }]);
    expect(await prepared({ spec: asIs, shape: ['N', 2, 2] }, [image])).toEqual([{ shape: [2, 2], values }]);
  });

  test('open axes are told by their names, and come channels first without any', () => {
    const layoutOf = (shape: readonly (string | null)[]) => {
      const planned = planOf({ spec: { preset: 'unit' }, shape });
      return 'problems' in planned ? planned.problems : [planned.plan.layout, planned.rowShape];
    };
    expect(layoutOf(['batch', 'num_channels', 'height', 'width'])).toEqual(['chw', [3, 224, 224]]);
    expect(layoutOf(['batch', 'height', 'width', 'channels'])).toEqual(['hwc', [224, 224, 3]]);
    expect(layoutOf([null, null, null, null])).toEqual(['chw', [3, 224, 224]]);
  });
});

describe('numbers', () => {
  const white = plain(1, 1, [255, 128, 0]);
  test.each([
    // (pixel / 255 - mean) / std in single precision, as torch has it.
    ['imagenet', [2.2489083, 0.2051821947, -1.8044444]],
    ['clip', [1.9303361, 0.1688973159, -1.4802198]],
    ['imagenet-caffe', [-103.939, 11.221001, 131.32]],
    ['mobilenet', [1, 0.003921628, -1]],
    ['unit', [1, 0.5019608, 0]],
    ['raw', [255, 128, 0]],
  ] as const)('%s', async (preset, values) => {
    const [row] = await prepared({ spec: { preset, size: 1 } }, [await png(white)]);
    expect(row).toEqual({ shape: [3, 1, 1], values: values.map(Math.fround) });
  });

  test('means and deviations of the job are laid over a preset, and follow the colors when their order is changed', async () => {
    const image = await png(plain(1, 1, [10, 20, 30]));
    const settings: ImageSpec = { preset: 'raw', size: 1, mean: [1, 2, 3], std: 2 };
    expect(await prepared({ spec: settings }, [image])).toEqual([{ shape: [3, 1, 1], values: [4.5, 9, 13.5] }]);
    const turned = { preset: 'imagenet-caffe', size: 1, channels: 'rgb' } as const;
    expect(await prepared({ spec: turned }, [image])).toEqual([
      { shape: [3, 1, 1], values: [10 - 123.68, 20 - 116.779, 30 - 103.939].map(Math.fround) },
    ]);
  });

  test('the tensor has the type that the model takes', async () => {
    const image = await png([[[200, 0, 7]]]);
    const of = (dtype: 'uint8' | 'int8' | 'float16' | 'int64', mean = 0) =>
      prepared({ spec: { ...asIs, mean }, dtype }, [image]);
    expect(await of('uint8')).toEqual([{ shape: [3, 1, 1], values: [200, 0, 7] }]);
    expect(await of('int8', 128)).toEqual([{ shape: [3, 1, 1], values: [72, -128, -121] }]);
    expect(await of('int64')).toEqual([{ shape: [3, 1, 1], values: [200, 0, 7] }]);
    expect(await of('float16')).toEqual([{ shape: [3, 1, 1], values: [0x5a40, 0, 0x4700] }]);
    expect(problemsOf({ spec: { preset: 'unit' }, dtype: 'uint8' })).toEqual([
      'scale, mean and std give values such as 0.003921568859368563, and the model takes uint8; for bytes as they are: preset raw',
    ]);
  });
});

describe('size', () => {
  const wide = [[[0], [60], [120], [180]]];
  const of = (spec: object, shape: readonly (number | string)[] = ['N', 1, 2, 2]) =>
    png(wide).then((image) => prepared({ spec: { scale: 1, kernel: 'box', ...spec }, shape }, [image]));

  test('fill stretches, cover cuts out the middle, contain pads', async () => {
    expect(await of({ fit: 'fill' })).toEqual([{ shape: [1, 2, 2], values: [30, 150, 30, 150] }]);
    expect(await of({ fit: 'cover', kernel: 'nearest' })).toEqual([{ shape: [1, 2, 2], values: [60, 120, 60, 120] }]);
    expect(await of({ fit: 'contain', padding: [9, 9, 9] }, ['N', 1, 3, 2])).toEqual([
      { shape: [1, 3, 2], values: [9, 9, 30, 150, 9, 9] },
    ]);
  });

  test('without resizing, an image of another size is a reject where the model fixes it', async () => {
    expect(await of({ fit: 'none' })).toEqual([
      'image-size: 4 x 1 pixels; the model takes 2 x 2: let images be resized (image: { fit: ... })',
    ]);
    expect(await of({ fit: 'none' }, ['N', 1, 'H', 'W'])).toEqual([{ shape: [1, 1, 4], values: [0, 60, 120, 180] }]);
  });

  test('what the model declares decides, and a clash is refused with both', () => {
    const sizeOf = (spec: object, shape: readonly (number | string)[]) => {
      const planned = planOf({ spec, shape });
      return 'problems' in planned ? planned.problems : planned.rowShape;
    };
    expect(sizeOf({ preset: 'imagenet' }, ['N', 3, 299, 299])).toEqual([3, 299, 299]);
    expect(sizeOf({ preset: 'imagenet', size: 384 }, ['N', 3, 'H', 'W'])).toEqual([3, 384, 384]);
    expect(sizeOf({ preset: 'imagenet', size: [64, 32] }, ['N', 3, 224, 224])).toEqual([
      'the model takes images of 224 x 224 (height x width), and the job makes them 64 x 32; say which: size and fit',
    ]);
  });
});

describe('stored forms', () => {
  test('photographs are turned upright unless the job says otherwise', async () => {
    const sideways = await picture(four).png().withMetadata({ orientation: 6 }).toBuffer();
    const upright = await prepared({ spec: asIs, shape: ['N', 1, 2, 2] }, [sideways]);
    expect(upright).toEqual([{ shape: [1, 2, 2], values: [29, 76, 51, 150] }]);
    const stored = await prepared({ spec: { ...asIs, orientation: 'stored' }, shape: ['N', 1, 2, 2] }, [sideways]);
    expect(stored).toEqual([{ shape: [1, 2, 2], values: [76, 150, 29, 51] }]);
  });

  test('transparent pixels keep their color, or show a background', async () => {
    const image = await png([
      [
        [100, 0, 200, 0],
        [100, 0, 200, 255],
      ],
    ]);
    const of = (spec: object) => prepared({ spec: { ...asIs, ...spec }, shape: ['N', 'H', 'W', 3] }, [image]);
    expect(await of({})).toEqual([{ shape: [1, 2, 3], values: [100, 0, 200, 100, 0, 200] }]);
    expect(await of({ background: [255, 255, 255] })).toEqual([
      { shape: [1, 2, 3], values: [255, 255, 255, 100, 0, 200] },
    ]);
  });

  test('gray, 16-bit, palette, WebP and TIFF images have the same pixels, of an animation the first frame counts', async () => {
    const level = plain(3, 2, [80, 80, 80]);
    const forms = [
      await png(plain(3, 2, [80])),
      await png(plain(3, 2, [80, 255])),
      await sharp(Buffer.from(new Uint16Array(6).fill(80 * 257).buffer), {
        raw: { width: 3, height: 2, channels: 1, depth: 'ushort' },
      } as never)
        .toColourspace('grey16')
        .png()
        .toBuffer(),
      await picture(level).png({ palette: true }).toBuffer(),
      await picture(level).webp({ lossless: true }).toBuffer(),
      await picture(level).tiff({ compression: 'lzw' }).toBuffer(),
      await sharp(Buffer.from(plain(3, 4, [80, 80, 80]).flat(2)), {
        raw: { width: 3, height: 4, channels: 3, pageHeight: 2 },
      })
        .gif()
        .toBuffer(),
    ];
    const values = new Array<number>(6).fill(80);
    expect(await prepared({ spec: asIs, shape: ['N', 1, 'H', 'W'] }, forms)).toEqual(
      forms.map(() => ({ shape: [1, 2, 3], values })),
    );
  });
});
