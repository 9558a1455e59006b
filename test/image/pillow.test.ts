// Against Pillow: the same pixels from the same bytes, to the last bit, for every filter.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decodeImage } from '../../src/image/decode-image.ts';
import { kernels } from '../../src/image/image-plan.ts';
import { isRefused } from '../../src/image/refused-row.ts';
import { type Pixels, resample } from '../../src/image/resample.ts';
import { python } from '../python.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const files = [
  'photo.jpg',
  'fine.jpg',
  'progressive.jpg',
  'gray.jpg',
  'cmyk.jpg',
  'photo.webp',
  'text.png',
  'alpha.png',
];
const sizes = [
  [64, 64],
  [31, 97],
  [201, 140],
  [133, 40],
  [40, 99],
] as const;

/** Makes pictures with smooth parts, noise, edges and odd sizes, and what Pillow reads in them. */
const script = `
import sys, numpy as np
from PIL import Image, ImageDraw
folder, files, sizes = sys.argv[1], sys.argv[2].split(','), [tuple(map(int, s.split('x'))) for s in sys.argv[3].split(',')]
y, x = np.mgrid[0:99, 0:133]
noise = np.random.default_rng(7).normal(size=(99, 133, 3))
waves = np.stack([np.sin(x / 17) + np.cos(y / 9), np.sin((x + y) / 11), np.cos(x / 7) * np.sin(y / 13)], -1)
photo = Image.fromarray(np.clip(128 + 50 * waves + 20 * noise, 0, 255).astype(np.uint8))
text = Image.new('RGB', (133, 99), 'white')
for i in range(8): ImageDraw.Draw(text).text((3 + 4 * i, 12 * i), 'scoring %d' % i, fill=(30 * i, 0, 255 - 30 * i))
alpha = photo.copy(); alpha.putalpha(Image.fromarray((x * 2 % 256).astype(np.uint8)))
photo.save(folder + '/photo.jpg', quality=80); photo.save(folder + '/fine.jpg', quality=95, subsampling=0)
photo.save(folder + '/progressive.jpg', progressive=True); photo.convert('L').save(folder + '/gray.jpg')
photo.convert('CMYK').save(folder + '/cmyk.jpg'); photo.save(folder + '/photo.webp', quality=80)
text.save(folder + '/text.png'); alpha.save(folder + '/alpha.png')
filters = dict(nearest=0, lanczos=1, bilinear=2, bicubic=3, box=4, hamming=5)
for name in files:
    image = Image.open(folder + '/' + name).convert('RGB')
    open('%s/%s.raw' % (folder, name), 'wb').write(image.tobytes())
    open('%s/%s.gray' % (folder, name), 'wb').write(Image.open(folder + '/' + name).convert('RGB').convert('L').tobytes())
    for kernel, number in filters.items():
        for size in sizes:
            open('%s/%s.%s.%dx%d' % (folder, name, kernel, *size), 'wb').write(image.resize(size, number).tobytes())
`;

/** The largest difference of any byte; infinite when the sizes differ. */
function difference({ data }: Pixels, path: string): number {
  const expected = readFileSync(path);
  if (expected.length !== data.length) return Number.POSITIVE_INFINITY;
  let most = 0;
  for (let i = 0; i < data.length; i++) most = Math.max(most, Math.abs(data[i] - expected[i]));
  return most;
}

const plan = { channels: 'rgb', orientation: 'exif', background: null, maxPixels: 1e6 } as const;

async function decoded(path: string, more: Partial<Parameters<typeof decodeImage>[1]> = {}): Promise<Pixels> {
  const image = await decodeImage(readFileSync(path), { ...plan, ...more });
  if (isRefused(image)) throw new Error(image.message);
  return image;
}

describe.skipIf(!python.has('PIL'))('Pillow', () => {
  test('reads, converts and resizes to the same bits', async () => {
    const folder = join(temporaryFolder(), 'pictures');
    mkdirSync(folder);
    python.run(script, folder, files.join(','), sizes.map((size) => size.join('x')).join(','));
    const found: string[] = [];
    for (const name of files) {
      const image = await decoded(join(folder, name));
      found.push(`${name} ${difference(image, join(folder, `${name}.raw`))}`);
      const gray = await decoded(join(folder, name), { channels: 'grayscale' });
      found.push(`${name} gray ${difference(gray, join(folder, `${name}.gray`))}`);
      for (const kernel of kernels) {
        for (const [width, height] of sizes) {
          const part = { left: 0, top: 0, width, height };
          const resized = resample(image, { size: part, part, kernel, antialias: true });
          found.push(`${name} ${kernel} ${difference(resized, join(folder, `${name}.${kernel}.${width}x${height}`))}`);
        }
      }
    }
    expect(found).toHaveLength(files.length * (2 + kernels.length * sizes.length));
    expect(found.filter((line) => !line.endsWith(' 0'))).toEqual([]);
  });
});

test('a part of a resized image is that part of the whole', () => {
  const data = Uint8Array.from({ length: 60 * 50 * 3 }, (_, i) => (i * 37 + (i % 11) * 90) % 256);
  const source = { width: 60, height: 50, channels: 3, data };
  const size = { width: 31, height: 20 };
  for (const kernel of kernels) {
    const whole = resample(source, { size, part: { ...size, left: 0, top: 0 }, kernel, antialias: true });
    const part = { left: 9, top: 4, width: 13, height: 11 };
    const rows = Array.from({ length: part.height }, (_, y) => {
      const start = ((part.top + y) * size.width + part.left) * 3;
      return [...whole.data.subarray(start, start + part.width * 3)];
    });
    expect([...resample(source, { size, part, kernel, antialias: true }).data]).toEqual(rows.flat());
  }
});

test('without antialiasing only the nearest pixels count', () => {
  const data = Uint8Array.from({ length: 12 }, (_, i) => i * 20);
  const source = { width: 12, height: 1, channels: 1, data };
  const size = { width: 3, height: 1 };
  const of = (antialias: boolean) => [
    ...resample(source, { size, part: { ...size, left: 0, top: 0 }, kernel: 'bilinear', antialias }).data,
  ];
  // Pixels 1 and 2, 5 and 6, 9 and 10 lie around the centres.
  expect(of(false)).toEqual([30, 110, 190]);
  expect(of(true)).toEqual([38, 110, 182]);
});
