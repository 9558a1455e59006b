// Preprocessing that whole families of models were trained with, by name.

import type { Size } from './image-plan.ts';
import type { ImageSettings } from './image-settings.ts';

type Preset = 'imagenet' | 'imagenet-caffe' | 'mobilenet' | 'clip' | 'unit' | 'raw';

const usual: Size = { height: 224, width: 224 };
/** The part of the shorter side that is cut out of the middle: 224 of 256. */
const imagenetCrop = 0.875;

const stretched: Pick<ImageSettings, 'geometry' | 'kernel'> = {
  geometry: (size) => ({ resize: { kind: 'exact', ...(size ?? usual) }, crop: null }),
  kernel: 'bilinear',
};

const plain = { channels: null, mean: [0], std: [1] };

export const imagePresets: Readonly<Record<Preset, ImageSettings>> = {
  /** torchvision's classification models: shorter side 256, centre 224, ImageNet's means and deviations. */
  imagenet: {
    geometry: (size) => {
      const { height, width } = size ?? usual;
      const side = Math.round(Math.min(height, width) / imagenetCrop);
      return { resize: { kind: 'shorter', side }, crop: { height, width, rounding: 'half-even' } };
    },
    kernel: 'bilinear',
    channels: 'rgb',
    scale: 1 / 255,
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
  },
  /** Models that came from Caffe, such as VGG and ResNet of Keras: blue first, less the mean color, not scaled. */
  'imagenet-caffe': { ...stretched, channels: 'bgr', scale: 1, mean: [103.939, 116.779, 123.68], std: [1] },
  /** MobileNet, Inception, Xception of Keras and TensorFlow: -1 to 1. */
  mobilenet: { ...stretched, ...plain, scale: 1 / 127.5, mean: [1] },
  /** OpenAI's CLIP: the shorter side, bicubic, the centre, its own means and deviations. */
  clip: {
    geometry: (size) => {
      const { height, width } = size ?? usual;
      const resize = { kind: 'shorter', side: Math.min(height, width) } as const;
      return {
        resize: height === width ? resize : { kind: 'cover', height, width },
        crop: { height, width, rounding: 'half-even' },
      };
    },
    kernel: 'bicubic',
    channels: 'rgb',
    scale: 1 / 255,
    mean: [0.48145466, 0.4578275, 0.40821073],
    std: [0.26862954, 0.26130258, 0.27577711],
  },
  /** 0 to 1, stretched. */
  unit: { ...stretched, ...plain, scale: 1 / 255 },
  /** 0 to 255, stretched. */
  raw: { ...stretched, ...plain, scale: 1 },
};
