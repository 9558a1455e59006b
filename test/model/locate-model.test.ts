// The layouts of model stores, each as a folder that is made here.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { failuresOf } from '../../src/core/failure.ts';
import { locateModel } from '../../src/model/locate-model.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'scoremill-locate-'));
});
afterAll(() => rm(root, { recursive: true }));

async function folderOf(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(root, 'store-'));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

const mlmodel = `artifact_path: model
flavors:
  onnx:
    data: classifier.onnx
    onnx_version: 1.16.0
  python_function:
    data: other.bin
`;

test.for([
  ['the only .onnx file', { 'churn.onnx': '', 'README.md': '' }, 'churn.onnx'],
  ['model.onnx among others', { 'model.onnx': '', 'model_quantized.onnx': '' }, 'model.onnx'],
  ['the highest version by number', { '2/model.onnx': '', '10/model.onnx': '', 'config.pbtxt': '' }, '10/model.onnx'],
  ['a version whose model.onnx is a folder', { '1/model.onnx/model.onnx': '' }, '1/model.onnx/model.onnx'],
  ['the file that MLmodel names', { MLmodel: mlmodel, 'classifier.onnx': '', 'b.onnx': '' }, 'classifier.onnx'],
  ['the onnx folder', { 'config.json': '', 'onnx/model.onnx': '', 'onnx/model_fp16.onnx': '' }, 'onnx/model.onnx'],
  ['the model beside folders of numbers', { 'model.onnx': '', '1/notes.txt': '' }, 'model.onnx'],
] as const)('%s', async ([, files, expected]) => {
  const folder = await folderOf(files);
  expect(relative(folder, await locateModel(folder))).toBe(expected);
});

test('a version may be chosen, and its folder may have leading zeros', async () => {
  const folder = await folderOf({ '0001/model.onnx': '', '0002/model.onnx': '' });
  expect(relative(folder, await locateModel(folder, { version: 1 }))).toBe('0001/model.onnx');
  const error = await locateModel(folder, { version: 3 }).catch((thrown: unknown) => thrown);
  expect(failuresOf(error)).toEqual([{ reason: 'model-version-missing', path: folder, version: 3, versions: [1, 2] }]);
});

test('a variant is the file of its name, beside the plain model or in the onnx folder', async () => {
  const folder = await folderOf({ 'onnx/model.onnx': '', 'onnx/model_q4.onnx': '', 'model_int8.onnx': '' });
  expect(relative(folder, await locateModel(folder, { variant: 'q4' }))).toBe('onnx/model_q4.onnx');
  expect(relative(folder, await locateModel(folder, { variant: 'int8' }))).toBe('model_int8.onnx');
  const error = await locateModel(folder, { variant: 'bnb4' }).catch((thrown: unknown) => thrown);
  expect(failuresOf(error)).toEqual([
    { reason: 'model-variant-missing', path: folder, variant: 'bnb4', variants: ['int8', 'q4'] },
  ]);
});

test('config.pbtxt may name the file, and the versions that may be served', async () => {
  const policy = 'default_model_filename: "net.onnx" version_policy { specific { versions: [1, 2] } }';
  const folder = await folderOf({ 'config.pbtxt': policy, '1/net.onnx': '', '2/net.onnx': '', '3/net.onnx': '' });
  expect(relative(folder, await locateModel(folder))).toBe('2/net.onnx');
  expect(relative(folder, await locateModel(folder, { version: 3 }))).toBe('3/net.onnx');
});

test('an MLflow model of another flavor is refused by what it has', async () => {
  const folder = await folderOf({ MLmodel: 'flavors:\n  sklearn:\n    data: model.pkl\n', 'model.pkl': '' });
  const error = await locateModel(folder).catch((thrown: unknown) => thrown);
  expect(failuresOf(error)).toEqual([
    {
      reason: 'model-folder-unreadable',
      path: join(folder, 'MLmodel'),
      message: 'the model has no flavor onnx (it has: sklearn): log it with mlflow.onnx',
    },
  ]);
});

test('a file is itself, whatever its name', async () => {
  const folder = await folderOf({ 'model.pb': '' });
  expect(await locateModel(join(folder, 'model.pb'))).toBe(join(folder, 'model.pb'));
});

test('a folder with no model, or with several, is refused', async () => {
  const reasonsOf = async (path: string) => failuresOf(await locateModel(path).catch((error: unknown) => error));
  const none = await folderOf({ 'readme.txt': '' });
  expect(await reasonsOf(none)).toEqual([{ reason: 'model-not-in-folder', path: none, found: [] }]);
  const several = await folderOf({ 'b.onnx': '', 'a.onnx': '' });
  expect(await reasonsOf(several)).toEqual([
    { reason: 'model-not-in-folder', path: several, found: ['a.onnx', 'b.onnx'] },
  ]);
  const absent = join(none, 'absent');
  expect(await reasonsOf(absent)).toEqual([{ reason: 'model-missing', path: absent }]);
});
