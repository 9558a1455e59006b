// How encoded images become a tensor: the part of the job file's schema under `inputs.NAME.image`.
import * as z from 'zod';

const presets = z.enum(['imagenet', 'imagenet-caffe', 'mobilenet', 'clip', 'unit', 'raw']);
const side = z.int().positive();
const byte = z.int().min(0).max(255);
const color = z
  .union([byte, z.tuple([byte, byte, byte])], 'must be a number from 0 to 255, or red, green and blue: [255, 255, 255]')
  .transform((value): readonly number[] => (typeof value === 'number' ? [value, value, value] : value));
const perChannel = z.union([z.number(), z.array(z.number()).min(1)], 'must be a number, or one for each channel');

const settings = z.strictObject({
  preset: presets
    .optional()
    .describe(
      'Settings to start from. imagenet: as torchvision; imagenet-caffe: BGR less its means; mobilenet: -1 to 1; clip; unit: 0 to 1; raw: 0 to 255.',
    ),
  size: z
    .union([side, z.tuple([side, side])], 'must be a number of pixels, or [height, width]')
    .optional()
    .describe('Height and width for the model. Default: what the model declares.'),
  fit: z
    .enum(['fill', 'cover', 'contain', 'none'])
    .optional()
    .describe(
      'fill: stretched to the size; cover: scaled until it covers the size, the middle is cut out; contain: scaled until it fits, the rest is padded; none: taken as it is.',
    ),
  shorterSide: side
    .optional()
    .describe('With fit: cover, what the shorter side is scaled to before the middle is cut out.'),
  kernel: z
    .enum(['nearest', 'box', 'bilinear', 'hamming', 'bicubic', 'lanczos'])
    .optional()
    .describe('How pixels are weighed when an image is resized: the filters of Pillow.'),
  antialias: z
    .boolean()
    .optional()
    .describe('false: the filter is not widened for smaller images, as in OpenCV and TensorFlow. Default: true.'),
  channels: z
    .enum(['rgb', 'bgr', 'grayscale'])
    .optional()
    .describe('The order of the channels. Default: grayscale for a model with one channel, else rgb.'),
  scale: z.number().optional().describe('What pixels from 0 to 255 are multiplied by, such as 0.00392156862745098.'),
  mean: perChannel.optional().describe('What is subtracted then.'),
  std: perChannel.optional().describe('What is divided by then.'),
  layout: z.enum(['auto', 'nchw', 'nhwc']).optional().describe('The order of the axes. auto: as the model declares.'),
  padding: color.optional().describe('The color of what is padded. Default: black.'),
  background: color
    .optional()
    .describe('What shows through transparent pixels. Default: their own color, as Pillow does.'),
  orientation: z
    .enum(['exif', 'stored'])
    .optional()
    .describe('exif: photographs are turned upright as their metadata says (default); stored: as stored.'),
  maxPixels: z
    .int()
    .positive()
    .max(2 ** 28)
    .optional()
    .describe('Larger images are rejects. Default: 89,478,485.'),
  root: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Where relative paths of images start, and the folder that they must lie in. Default: the folder of the data.',
    ),
});

/** A preset by name, or settings that override those of a preset or of the model's preprocessor_config.json. */
export const image = z
  .union([presets, settings], 'must be the name of a preset, or a mapping')
  .transform((spec): ImageSpec => (typeof spec === 'string' ? { preset: spec } : spec))
  .describe('The column holds encoded images, or paths of image files.');

export type ImageSpec = z.output<typeof settings>;
