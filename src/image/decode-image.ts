// Encoded bytes as 8-bit pixels, by libvips (sharp): with the values that Pillow's `convert('RGB')` gives. Color profiles are
// not applied, transparency is dropped unless there is a background for it, CMYK is converted without a profile, of
// an animation the first frame is taken. Only formats made for photographs and pictures are let in.
import sharp from 'sharp';
import type { ImagePlan } from './image-plan.ts';
import { type RefusedRow, refused } from './refused-row.ts';
import type { Pixels } from './resample.ts';

const loaders = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Tiff', 'Heif'].map((format) => `VipsForeignLoad${format}`);
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({ operation: loaders });
// Each image is decoded once. A thread for each of them is enough: workers are what runs side by side.
sharp.cache(false);
sharp.concurrency(1);

type DecodePlan = Pick<ImagePlan, 'channels' | 'orientation' | 'background' | 'maxPixels'>;

/** RGB pixels, or gray ones (weights of ITU-R 601) when the plan wants those; or why the image cannot be used. */
export async function decodeImage(bytes: Uint8Array, plan: DecodePlan): Promise<Pixels | RefusedRow> {
  const { orientation, background, maxPixels } = plan;
  try {
    let image = sharp(bytes, { limitInputPixels: maxPixels, failOn: 'error', ignoreIcc: true });
    const { space } = await image.metadata();
    const isCmyk = space === 'cmyk';
    if (orientation === 'exif') image = image.autoOrient();
    if (background !== null && !isCmyk) {
      const [r, g, b] = background;
      image = image.flatten({ background: { r, g, b } });
    }
    image = isCmyk ? image.pipelineColourspace('cmyk').toColourspace('cmyk') : image.toColourspace('srgb');
    const { data, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    const colors = { width, height, channels, data };
    if (isCmyk) return inChannels(cmykToRgb(colors), plan);
    if (channels < 3) throw new Error(`unexpected ${channels} channels`);
    return inChannels(channels === 3 ? colors : firstThree(colors), plan);
  } catch (error) {
    return refusalFor((error as Error).message, bytes, maxPixels);
  }
}

function refusalFor(message: string, bytes: Uint8Array, maxPixels: number): RefusedRow {
  const [firstLine] = message.split('\n');
  if (/pixel limit/i.test(message)) {
    const advice = 'raise it in the job (image: { maxPixels: ... }) if such images are meant';
    return refused('image-too-large', `the image has more than ${maxPixels} pixels; ${advice}`);
  }
  const kinds = 'JPEG, PNG, WebP, GIF, TIFF and AVIF are read';
  if (/unsupported image format/i.test(message)) {
    return refused('image-undecodable', `no image that can be read (it begins with ${beginning(bytes)}); ${kinds}`);
  }
  return refused('image-undecodable', `${firstLine} (${bytes.length} bytes)`);
}

const beginning = (bytes: Uint8Array): string => {
  const start = Buffer.from(bytes.subarray(0, 12));
  return /^[\x20-\x7e]+$/.test(start.toString('latin1'))
    ? JSON.stringify(start.toString('latin1'))
    : start.toString('hex');
};

function firstThree({ width, height, channels, data }: Pixels): Pixels {
  const target = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < target.length; from += channels, to += 3) {
    target[to] = data[from];
    target[to + 1] = data[from + 1];
    target[to + 2] = data[from + 2];
  }
  return { width, height, channels: 3, data: target };
}

/** Without a color profile, as Pillow's `cmyk2rgb`. */
function cmykToRgb({ width, height, channels, data }: Pixels): Pixels {
  const target = new Uint8ClampedArray(width * height * 3);
  for (let from = 0, to = 0; to < target.length; from += channels, to += 3) {
    const light = 255 - data[from + 3];
    for (let ink = 0; ink < 3; ink++) {
      const product = data[from + ink] * light + 128;
      target[to + ink] = light - ((product + (product >> 8)) >> 8);
    }
  }
  return { width, height, channels: 3, data: target };
}

/** As Pillow's `convert('L')`: the weights of ITU-R 601 in 16-bit fixed point. */
function inChannels(pixels: Pixels, { channels }: DecodePlan): Pixels {
  if (channels !== 'grayscale') return pixels;
  const { width, height, data } = pixels;
  const target = new Uint8Array(width * height);
  for (let from = 0, to = 0; to < target.length; from += 3, to++) {
    target[to] = (data[from] * 19595 + data[from + 1] * 38470 + data[from + 2] * 7471 + 0x8000) >> 16;
  }
  return { width, height, channels: 1, data: target };
}
