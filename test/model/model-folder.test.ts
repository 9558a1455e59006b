// What folders say about the model in them: labels, columns, choices, and contradictions.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { failuresOf } from '../../src/core/failure.ts';
import { locateModel } from '../../src/model/locate-model.ts';
import { readModel } from '../../src/model/model-file.ts';
import { filesOfFolder, readModelFolder } from '../../src/model/model-folder.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { buildModel, input, node, output, tensorOf } from './build-onnx.ts';

/** Scores of three classes for four features; a label beside them. */
const model = buildModel({
  graph: [
    node('Identity', ['x'], ['logits']),
    node('Identity', ['x'], ['label']),
    input('x', tensorOf(1, 'N', 4)),
    output('logits', tensorOf(1, 'N', 3)),
    output('label', tensorOf(7, 'N')),
  ],
});

function folderOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

async function read(path: string) {
  const modelPath = await locateModel(path);
  const folder = await readModelFolder(path, modelPath);
  const { signature, adaptations } = await readModel(modelPath, { folder });
  return {
    folder,
    adaptations: adaptations.map((text) => text.replaceAll(`${path}/`, '')),
    labels: Object.fromEntries(signature.outputs.map(({ name, labels }) => [name, labels])),
    featureNames: signature.featureNames,
    files: filesOfFolder(folder).map((file) => relative(path, file)),
  };
}

async function refusal(path: string) {
  const failures = failuresOf(await read(path).catch((error: unknown) => error));
  return failures.map((failure) => [failure.reason, 'message' in failure ? failure.message : '']);
}

const config = (...fields: readonly string[]) =>
  ['platform: "onnxruntime_onnx" max_batch_size: 8', ...fields].join('\n');
const xInput = 'input { name: "x" data_type: TYPE_FP32 dims: 4 }';
const scores = 'output { name: "logits" data_type: TYPE_FP32 dims: [ 3 ] label_filename: "classes.txt" }';

describe('a Triton folder', () => {
  test('gives an output the labels of its file, and lists what it was told by', async () => {
    const path = folderOf({
      '1/model.onnx': model,
      '7/model.onnx': model,
      'config.pbtxt': config(xInput, scores),
      'classes.txt': 'ant\r\nbee\r\ncat\r\n\r\n',
    });
    const { folder, ...said } = await read(path);
    expect(said).toEqual({
      adaptations: ['labels of output "logits" from classes.txt: ant, bee, cat'],
      labels: { logits: ['ant', 'bee', 'cat'], label: undefined },
      featureNames: undefined,
      files: ['config.pbtxt', 'classes.txt'],
    });
    expect(folder).toMatchObject({ layout: 'triton', version: 7, versions: [1, 7] });
  });

  test('whose labels are of another number keeps its numbers without names', async () => {
    const files = { '1/model.onnx': model, 'config.pbtxt': config(xInput, scores), 'classes.txt': 'ant\nbee\n' };
    const { labels, adaptations } = await read(folderOf(files));
    expect(labels).toEqual({ logits: undefined, label: undefined });
    expect(adaptations).toEqual(['labels of output "logits" left out: classes.txt lists 2 and a row has 3 values']);
  });

  test('that describes another model is refused in every point', async () => {
    const wrong = [
      'input { name: "y" data_type: TYPE_FP32 dims: 4 }',
      'output { name: "label" data_type: TYPE_STRING dims: [] }',
      'output { name: "logits" data_type: TYPE_FP32 dims: [ 5 ] }',
    ];
    const files = {
      '1/model.onnx': model,
      'config.pbtxt': config(...wrong).replace('onnxruntime_onnx', 'tensorrt_plan'),
    };
    const path = folderOf(files);
    expect(await refusal(path)).toEqual(
      [
        'it is written for the backend tensorrt_plan',
        'it names the input "y", and the model has "x"',
        'it leaves out the input "x" of the model',
        'output "label" is TYPE_STRING, and int64 in the model',
        'output "logits" is [-1, 5], and [N, 3] in the model',
      ].map((message) => ['model-folder-contradicts', message]),
    );
    expect(await read(join(path, '1/model.onnx'))).toMatchObject({ files: [] });
  });

  test('may leave out the batch axis, reshape, and name nothing at all', async () => {
    const unbatched = 'input { name: "x" data_type: TYPE_FP32 dims: [-1, 4] }';
    const reshaped = 'input { name: "x" data_type: TYPE_FP32 dims: [2, 2] reshape { shape: [4] } }';
    for (const text of [`max_batch_size: 0 ${unbatched}`, config(reshaped), '']) {
      expect(await read(folderOf({ '1/model.onnx': model, 'config.pbtxt': text }))).toMatchObject({
        files: ['config.pbtxt'],
      });
    }
  });

  test('with a config or labels that cannot be read is refused', async () => {
    const refusalOf = (text: string) => refusal(folderOf({ '1/model.onnx': model, 'config.pbtxt': text }));
    expect(await refusalOf('input {\n name: "x"\n dims: [a] }')).toEqual([
      ['model-folder-unreadable', 'dims is a, and should be a number'],
    ]);
    expect(await refusalOf('name: "x')).toEqual([['model-folder-unreadable', 'line 1: a quote is not closed']]);
    expect(await refusalOf(config(scores))).toEqual([
      [
        'model-folder-unreadable',
        'the labels of output "logits" are in classes.txt, which is not in the folder of the model',
      ],
    ]);
  });
});

describe('an MLflow folder', () => {
  const mlmodel = (inputs: string) =>
    `flavors:\n  onnx:\n    data: net.onnx\nsignature:\n  inputs: '${inputs}'\n  outputs: null\n`;
  const columns = (...named: readonly (readonly [string, string])[]) =>
    mlmodel(JSON.stringify(named.map(([name, type]) => ({ type, name, required: true }))));
  const folder = (text: string) => folderOf({ MLmodel: text, 'net.onnx': model });

  test('names the columns of the one input in their order', async () => {
    const text = columns(['d', 'double'], ['a', 'float'], ['c', 'long'], ['b', 'double']);
    expect(await read(folder(text))).toMatchObject({
      featureNames: ['d', 'a', 'c', 'b'],
      adaptations: ['features from MLmodel: d, a, c, b'],
      files: ['MLmodel'],
      folder: { layout: 'mlflow' },
    });
  });

  test('may describe a tensor instead, of any numeric type, or nothing', async () => {
    const tensor = '[{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 4]}}]';
    for (const text of [mlmodel(tensor), 'flavors: { onnx: { data: net.onnx } }'])
      expect(await read(folder(text))).toMatchObject({ featureNames: undefined, adaptations: [] });
  });

  test('that describes another model is refused', async () => {
    const three = columns(['a', 'double'], ['b', 'double'], ['c', 'double']);
    const text = columns(['a', 'double'], ['b', 'string'], ['c', 'double'], ['d', 'double']);
    const tensor = mlmodel('[{"name": "z", "type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 4]}}]');
    const refusals = await Promise.all([three, text, tensor].map((one) => refusal(folder(one))));
    expect(refusals.flat()).toEqual([
      ['model-folder-contradicts', 'it lists 3 columns, and input "x" of the model takes 4'],
      ['model-folder-contradicts', 'column "b" is string, and input "x" of the model takes float32'],
      ['model-folder-contradicts', 'it names the input "z", and the model has "x"'],
    ]);
    const [[reason, message]] = await refusal(folder(mlmodel('{')));
    expect([reason, message]).toEqual([
      'model-folder-unreadable',
      expect.stringMatching(/^signature\.inputs is not JSON: /),
    ]);
  });
});

describe('a Hugging Face folder', () => {
  const labels = (names: object) => JSON.stringify({ model_type: 'bert', id2label: names });
  const names = { 2: 'cat', 0: 'ant', 1: 'bee' };

  test('names the classes of the logits, and remembers what preprocessing is described in', async () => {
    const path = folderOf({
      'config.json': labels(names),
      'tokenizer.json': '{}',
      'tokenizer_config.json': '{}',
      'preprocessor_config.json': '{}',
      'onnx/model.onnx': model,
      'onnx/model_quantized.onnx': model,
    });
    const { folder, ...said } = await read(path);
    expect(said).toMatchObject({
      labels: { logits: ['ant', 'bee', 'cat'], label: undefined },
      files: ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'preprocessor_config.json'],
    });
    expect(folder).toMatchObject({ layout: 'hugging-face', variant: null, variants: ['quantized'] });
    const file = await readModelFolder(join(path, 'onnx/model.onnx'), join(path, 'onnx/model.onnx'));
    expect(file).toMatchObject({ layout: 'file', classLabels: null, tokenizerPath: join(path, 'tokenizer.json') });
  });

  test('gives labels that differ in more than case, which names of columns must', async () => {
    const path = folderOf({ 'config.json': labels({ 0: 'crane', 1: 'bee', 2: 'Crane' }), 'model.onnx': model });
    expect((await read(path)).labels.logits).toEqual(['crane_0', 'bee', 'Crane_2']);
  });

  test('whose classes are not numbered in a row, or whose config is no JSON, is refused', async () => {
    const refusalOf = (text: string) => refusal(folderOf({ 'config.json': text, 'model.onnx': model }));
    expect(await refusalOf(labels({ 0: 'ant', 2: 'bee' }))).toEqual([
      ['model-folder-unreadable', 'the classes of id2label are not numbered from 0 to 1'],
    ]);
    expect(await refusalOf('{')).toEqual([['model-folder-unreadable', expect.stringMatching(/^not JSON: /)]]);
  });
});
