// Images through the command line: from Parquet and from paths to predictions, whatever the number of workers.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Database } from '../../src/core/duckdb-database.ts';
import { resultOf } from '../end-to-end/result.ts';
import { buildModel, input, node, output, tensorOf } from '../model/build-onnx.ts';
import { runCli } from '../run-cli.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { plain, png } from './pictures.ts';

/** The mean of each channel. */
const meanColor = buildModel({
  graph: [
    node('GlobalAveragePool', ['pixels'], ['color']),
    input('pixels', tensorOf(1, 'N', 3, 8, 8)),
    output('color', tensorOf(1, 'N', 3, 1, 1)),
  ],
});

const inputs = { pixels: { column: 'content', image: 'raw' } };

/** A folder with a model and the pictures 00.png to 15.png, of which 05.png is broken and 06.png is missing. */
async function images(): Promise<string> {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'pictures'));
  writeFileSync(join(folder, 'model.onnx'), meanColor);
  for (let i = 0; i < 16; i++) {
    const image = await png(plain(9 + i, 20 - i, [i, 2 * i, 3 * i]));
    if (i !== 6) writeFileSync(picturePath(folder, i), i === 5 ? image.subarray(0, 40) : image);
  }
  return folder;
}

const picturePath = (folder: string, i: number): string =>
  join(folder, 'pictures', `${String(i).padStart(2, '0')}.png`);

async function writeParquet(folder: string): Promise<void> {
  const database = await Database.open({
    threads: 1,
    memoryBytes: 2 ** 28,
    temporaryFolder: folder,
    allowedFolders: [folder],
  });
  const connection = await database.connect();
  const images = `SELECT parse_filename(filename) AS name, content FROM read_blob('${folder}/pictures/*.png') ORDER BY 1`;
  await connection.run(`COPY (${images}) TO '${folder}/images.parquet'`);
  connection.close();
  database.close();
}

function score(folder: string, job: object, ...words: readonly string[]) {
  const path = join(folder, 'job.json');
  writeFileSync(path, JSON.stringify({ model: { path: 'model.onnx' }, output: { path: 'out' }, ...job }));
  return runCli(['run', path, ...words]);
}

const colorsOf = async (folder: string, name: string): Promise<unknown> =>
  Object.fromEntries((await resultOf(join(folder, 'out')).rows()).map((row) => [row[name], [row.color].flat(4)]));

const expected = (nameOf: (i: number) => string): unknown =>
  Object.fromEntries(
    Array.from({ length: 16 }, (_, i) => [nameOf(i), [i, 2 * i, 3 * i]]).filter((_, i) => i !== 5 && i !== 6),
  );

test('scores images in a column of bytes, with the same parts for any number of workers', async () => {
  const folder = await images();
  await writeParquet(folder);
  const job = { dataset: { path: 'images.parquet' }, inputs, rejects: { budget: 1 } };
  const hashes: unknown[] = [];
  for (const workers of ['0', '1', '2']) {
    const words = ['--workers', workers, '--rows-per-file', '4', '--run-id', 'same', '--fresh'];
    expect(await score(folder, job, ...words)).toMatchObject({ exitCode: 0 });
    hashes.push(resultOf(join(folder, 'out')).partHashes());
  }
  expect(hashes).toEqual([hashes[0], hashes[0], hashes[0]]);
  expect(await colorsOf(folder, 'name')).toEqual(expected((i) => `${String(i).padStart(2, '0')}.png`));
  expect(await resultOf(join(folder, 'out')).rejects()).toMatchObject([
    { row: 5n, reason: 'image-undecodable', column: 'content' },
  ]);
});

test('scores the files that a CSV file names, and rejects those that are not there', async () => {
  const folder = await images();
  const rows = Array.from({ length: 16 }, (_, i) => `${i},pictures/${String(i).padStart(2, '0')}.png`);
  writeFileSync(join(folder, 'list.csv'), ['id,file', ...rows, ''].join('\n'));
  const job = {
    dataset: { path: 'list.csv' },
    inputs: { pixels: { column: 'file', image: 'raw' } },
    rejects: { budget: 2 },
  };
  expect(await score(folder, job)).toMatchObject({ exitCode: 0 });
  expect(await colorsOf(folder, 'id')).toEqual(expected(String));
  expect(await resultOf(join(folder, 'out')).rejects()).toMatchObject([
    { row: 5n, reason: 'image-undecodable', column: 'file' },
    { row: 6n, reason: 'image-missing', column: 'file', message: `no file ${picturePath(folder, 6)}` },
  ]);
});

test('an image that is not there costs its row, and nothing is advised to stand in for it', async () => {
  const folder = await images();
  const rows = Array.from({ length: 8 }, (_, i) => `${i},${i === 3 ? '' : `pictures/0${[0, 1, 2, 4][i % 4]}.png`}`);
  writeFileSync(join(folder, 'list.csv'), ['id,file', ...rows, ''].join('\n'));
  const job = { dataset: { path: 'list.csv' }, inputs: { pixels: { column: 'file', image: 'raw' } } };
  const { exitCode, stderr } = await score(folder, job);
  expect([exitCode, stderr]).toEqual([65, expect.stringContaining('row 3 column "file": null')]);
  expect(stderr).not.toMatch(/Missing values|--nulls|fill/);
});

test('binds images by name where the model says how they are prepared, and asks for a preset where it does not', async () => {
  const folder = await images();
  await writeParquet(folder);
  const job = { dataset: { path: 'images.parquet' }, rejects: { budget: 1 } };
  const refused = await score(folder, job);
  expect(refused.exitCode).toBe(78);
  expect(refused.stderr).toContain('inputs: { pixels: { column: content, image: imagenet } }');
  const config = {
    image_processor_type: 'ViTImageProcessor',
    size: { height: 8, width: 8 },
    resample: 2,
    do_rescale: false,
    do_normalize: false,
  };
  writeFileSync(join(folder, 'preprocessor_config.json'), JSON.stringify(config));
  expect(await score(folder, job)).toMatchObject({ exitCode: 0 });
  expect(await colorsOf(folder, 'name')).toEqual(expected((i) => `${String(i).padStart(2, '0')}.png`));
});

test('refuses before the first row is scored when none of the first paths leads to an image', async () => {
  const folder = await images();
  writeFileSync(join(folder, 'list.csv'), 'file\nelsewhere/a.png\nelsewhere/b.png\n');
  const job = { dataset: { path: 'list.csv' }, inputs: { pixels: { column: 'file', image: 'raw' } } };
  const { exitCode, stderr } = await score(folder, job);
  expect(exitCode).toBe(78);
  expect(stderr).toContain(`column "file": no file ${join(folder, 'elsewhere/a.png')}`);
});
