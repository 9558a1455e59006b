// Where images are found and what keeps them from being read: every one of these costs one row.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../temporary-folder.ts';
import { picture, plain, png, prepared } from './pictures.ts';

const spec = { scale: 1, fit: 'none' } as const;
const shape = ['N', 'H', 'W', 1];
const seen = { shape: [1, 1, 1], values: [7] };

async function folders() {
  const top = temporaryFolder();
  for (const name of ['data/pictures', 'other']) mkdirSync(join(top, name), { recursive: true });
  const image = await png([[[7]]]);
  for (const name of ['data/pictures/a b.png', 'data/c.png', 'other/d.png']) writeFileSync(join(top, name), image);
  return { top, image, shard: join(top, 'data/x.csv') };
}

test('paths start at the folder of the shard; absolute paths, file: and data: URIs are read, too', async () => {
  const { top, image, shard } = await folders();
  const values = [
    'pictures/a b.png',
    join(top, 'data/c.png'),
    pathToFileURL(join(top, 'data/pictures/a b.png')).href,
    `data:image/png;base64,${image.toString('base64')}`,
  ];
  expect(await prepared({ spec, shape }, values, shard)).toEqual([seen, seen, seen, seen]);
});

test('nothing outside the folders of the data is read, whichever way leads there', async () => {
  const { top, shard } = await folders();
  symlinkSync(join(top, 'other/d.png'), join(top, 'data/link.png'));
  const outside = `image-outside: ${join(top, 'other/d.png')}: an image must lie in ${join(top, 'data')}; name another folder in the job: image: { root: FOLDER }`;
  const values = ['../other/d.png', join(top, 'other/d.png'), 'link.png', pathToFileURL(join(top, 'other/d.png')).href];
  expect(await prepared({ spec, shape }, values, shard)).toEqual([outside, outside, outside, outside]);
  const root = join(top, 'other');
  expect(await prepared({ spec: { ...spec, root }, shape }, ['d.png', join(top, 'data/c.png')], shard)).toEqual([
    seen,
    `image-outside: ${join(top, 'data/c.png')}: an image must lie in ${root}; name another folder in the job: image: { root: FOLDER }`,
  ]);
});

test('what is no file, or no local one, is named', async () => {
  const { top, shard } = await folders();
  const values = ['none.png', 'pictures', '', 'https://example.org/a.png', 's3://bucket/a.png'];
  expect(await prepared({ spec, shape }, values, shard)).toEqual([
    `image-missing: no file ${join(top, 'data/none.png')}`,
    `image-missing: ${join(top, 'data/pictures')} is no file`,
    'image-missing: the path is empty',
    'image-remote: https://example.org/a.png: https: is not read; images are read from files only; copy them beside the data and give their paths',
    'image-remote: s3://bucket/a.png: s3: is not read; images are read from files only; copy them beside the data and give their paths',
  ]);
});

test('bytes that are no whole image are refused, cut at any place', async () => {
  const photo = await picture(plain(40, 30, [200, 30, 90]))
    .jpeg()
    .toBuffer();
  const cuts = Array.from({ length: 20 }, (_, i) => photo.subarray(0, Math.floor((photo.length * i) / 20)));
  const rows = await prepared({ spec, shape: ['N', 3, 'H', 'W'] }, [...cuts, photo]);
  expect(rows.map((row) => (typeof row === 'string' ? row.split(':')[0] : row.shape))).toEqual([
    ...cuts.map(() => 'image-undecodable'),
    [3, 30, 40],
  ]);
  const [text, svg] = await prepared({ spec, shape }, [
    Buffer.from('hello'),
    Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'),
  ]);
  expect(text).toBe(
    'image-undecodable: no image that can be read (it begins with "hello"); JPEG, PNG, WebP, GIF, TIFF and AVIF are read',
  );
  expect(svg).toMatch(/^image-undecodable: no image that can be read/);
});

test('an image of more pixels than allowed is not decoded', async () => {
  const large = await picture(plain(101, 100, [1]))
    .png()
    .toBuffer();
  expect(await prepared({ spec: { ...spec, maxPixels: 10_000 }, shape }, [large])).toEqual([
    'image-too-large: the image has more than 10000 pixels; raise it in the job (image: { maxPixels: ... }) if such images are meant',
  ]);
});
