// Reading and adapting models that are built here, byte by byte.
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Failure, failuresOf } from '../../src/core/failure.ts';
import { identifyModel, type Model, type ReadOptions, readModel } from '../../src/model/model-file.ts';
import { openSession, type TensorData } from '../../src/model/session.ts';
import {
  bits,
  buildModel,
  bytes,
  externalFloats,
  floats,
  graphAttribute,
  input,
  integer,
  integerAttribute,
  integersAttribute,
  type ModelParts,
  mapOf,
  message,
  node,
  optionalOf,
  output,
  sequenceOf,
  tensorOf,
  text,
  textsAttribute,
  zipMap,
} from './build-onnx.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scoremill-model-'));
});
afterAll(() => rm(folder, { recursive: true }));

const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');

async function saved(parts: ModelParts): Promise<string> {
  const path = join(await mkdtemp(join(folder, 'case-')), 'model.onnx');
  await writeFile(path, buildModel(parts));
  return path;
}
const read = async (parts: ModelParts, options?: ReadOptions): Promise<Model> => readModel(await saved(parts), options);
const refused = async (parts: ModelParts): Promise<readonly Failure[]> =>
  failuresOf(await read(parts).catch((error: unknown) => error));

async function run(
  model: Model,
  feeds: Readonly<Record<string, TensorData>>,
  fetches: readonly string[],
): Promise<readonly unknown[]> {
  await using session = await openSession(model, { threads: 1 });
  const results = session.run(feeds, fetches);
  return fetches.map((name) => [results[name].dims, [...results[name].data]]);
}
const rows = (dims: readonly number[], ...values: readonly number[]): TensorData => ({
  dtype: 'float32',
  dims,
  data: new Float32Array(values),
});

const maps = (keyType: number) => sequenceOf(mapOf(keyType, tensorOf(1)));
const classifier: ModelParts = {
  graph: [
    node('Softmax', ['x'], ['p'], { attributes: [integerAttribute('axis', 1)] }),
    node('ArgMax', ['p'], ['label'], { attributes: [integerAttribute('axis', 1), integerAttribute('keepdims', 0)] }),
    zipMap('p', 'probabilities', integersAttribute('classlabels_int64s', [7, -1, 9007199254740993n])),
    input('x', tensorOf(1, 'batch', 3)),
    output('label', tensorOf(7, 'batch')),
    output('probabilities', maps(7)),
  ],
};

describe('ZipMap', () => {
  test('becomes a tensor with the class labels in column order, exact beyond 2^53', async () => {
    const model = await read(classifier);
    const labels = ['7', '-1', '9007199254740993'];
    expect(model.signature).toEqual({
      inputs: [{ name: 'x', dtype: 'float32', shape: ['batch', 3], optional: false }],
      outputs: [
        { name: 'label', dtype: 'int64', shape: ['batch'] },
        { name: 'probabilities', dtype: 'float32', shape: [null, 3], labels },
      ],
    });
    expect(model.adaptations).toEqual([
      'ZipMap "probabilities" removed: its values come as float [N, 3] for the labels 7, -1, 9007199254740993',
    ]);
    expect(await run(model, { x: rows([2, 3], 0, 0, 0, 0, 0, 1000) }, ['probabilities', 'label'])).toEqual([
      [
        [2, 3],
        [...new Float32Array([1 / 3, 1 / 3, 1 / 3]), 0, 0, 1],
      ],
      [[2], [0n, 2n]],
    ]);
  });

  test('may read a graph input, be one of several, and stand in a model that imports ai.onnx.ml alone', async () => {
    const model = await read({
      irVersion: 3,
      opsets: { 'ai.onnx.ml': 1 },
      graph: [
        zipMap('x', 'one', textsAttribute('classlabels_strings', ['b', 'a'])),
        zipMap('x', 'two', integersAttribute('classlabels_int64s', [0, 1])),
        input('x', tensorOf(1, null, 2)),
        output('one', maps(8)),
        output('two', maps(7)),
      ],
    });
    expect(model.signature.outputs).toEqual([
      { name: 'one', dtype: 'float32', shape: [null, 2], labels: ['b', 'a'] },
      { name: 'two', dtype: 'float32', shape: [null, 2], labels: ['0', '1'] },
    ]);
    expect(await run(model, { x: rows([1, 2], 3, 4) }, ['one', 'two'])).toEqual([
      [
        [1, 2],
        [3, 4],
      ],
      [
        [1, 2],
        [3, 4],
      ],
    ]);
  });

  test('of a vector gives the classes of a single row', async () => {
    const model = await read({
      graph: [
        zipMap('x', 'z', integersAttribute('classlabels_int64s', [0, 1])),
        input('x', tensorOf(1, 2)),
        output('z', maps(7)),
      ],
    });
    expect(model.signature.outputs).toEqual([{ name: 'z', dtype: 'float32', shape: [2], labels: ['0', '1'] }]);
    expect(await run(model, { x: rows([2], 3, 4) }, ['z'])).toEqual([[[2], [3, 4]]]);
  });

  test('goes with a node that reads its maps for nobody', async () => {
    const model = await read({ graph: [...classifier.graph, node('Identity', ['probabilities'], ['again'])] });
    expect(await run(model, { x: rows([1, 3], 0, 0, 1000) }, ['probabilities', 'label'])).toEqual([
      [
        [1, 3],
        [0, 0, 1],
      ],
      [[1], [2n]],
    ]);
  });

  test('is found behind an Identity, and leaves what else reads its tensor alone', async () => {
    const model = await read({
      graph: [
        node('Neg', ['x'], ['p']),
        zipMap('p', 'maps', integersAttribute('classlabels_int64s', [0, 1])),
        node('Identity', ['maps'], ['first']),
        node('Identity', ['first'], ['second']),
        node('Abs', ['p'], ['size']),
        input('x', tensorOf(1, null, 2)),
        output('first', maps(7)),
        output('second', maps(7)),
        output('size', tensorOf(1, null, 2)),
      ],
    });
    expect(model.signature.outputs.map(({ name, labels }) => [name, labels])).toEqual([
      ['first', ['0', '1']],
      ['second', ['0', '1']],
      ['size', undefined],
    ]);
    expect(await run(model, { x: rows([1, 2], 3, 4) }, ['first', 'second', 'size'])).toEqual([
      [
        [1, 2],
        [-3, -4],
      ],
      [
        [1, 2],
        [-3, -4],
      ],
      [
        [1, 2],
        [3, 4],
      ],
    ]);
  });

  test('stays when its maps end inside the graph', async () => {
    const vocabulary = { domain: 'ai.onnx.ml', attributes: [integersAttribute('int64_vocabulary', [1, 0])] };
    const model = await read({
      graph: [
        zipMap('x', 'maps', integersAttribute('classlabels_int64s', [0, 1])),
        node('SequenceAt', ['maps', 'first'], ['map']),
        node('DictVectorizer', ['map'], ['y'], vocabulary),
        input('x', tensorOf(1, null, 2)),
        output('y', tensorOf(1, 1, 2)),
      ],
    });
    expect([model.bytes, model.adaptations]).toEqual([null, []]);
  });
});

describe('an edited model', () => {
  test('keeps every field that the edit does not name, known here or not', async () => {
    const unknown = [text(99, 'model field of a later version'), text(6, 'doc string')];
    const graph = [...classifier.graph, text(98, 'graph field of a later version'), text(10, 'graph doc')];
    const { bytes } = await read({ ...classifier, graph, more: unknown, metadata: { kept: 'yes' } });
    for (const part of [
      'model field of a later version',
      'doc string',
      'graph field of a later version',
      'graph doc',
      'kept',
    ]) {
      expect(Buffer.from(bytes!).includes(part)).toBe(true);
    }
    expect(Buffer.from(bytes!).includes('classlabels_int64s')).toBe(false);
  });

  test('finds its external data beside the file, whatever the working directory', async () => {
    const path = await saved({
      graph: [
        externalFloats('w', [2, 2], 'weights/w.bin'),
        node('MatMul', ['x', 'w'], ['p']),
        zipMap('p', 'z', integersAttribute('classlabels_int64s', [0, 1])),
        input('x', tensorOf(1, null, 2)),
        output('z', maps(7)),
      ],
    });
    const weights = bits([1, 2, 3, 4]);
    await mkdir(join(path, '../weights'));
    await writeFile(join(path, '../weights/w.bin'), weights);
    const model = await readModel(path);
    expect(model.identity.externalFiles).toEqual([{ path: 'weights/w.bin', bytes: 16, sha256: sha256(weights) }]);
    expect(model.parameters).toBe(4);
    expect(await run(model, { x: rows([1, 2], 1, 10) }, ['z'])).toEqual([
      [
        [1, 2],
        [31, 42],
      ],
    ]);
  });
});

describe('inputs', () => {
  const withDefault = (irVersion: number): ModelParts => ({
    irVersion,
    graph: [
      floats('bias', [1], [100]),
      node('Add', ['x', 'bias'], ['y']),
      input('x', tensorOf(1, null)),
      input('bias', tensorOf(1, 1)),
      output('y', tensorOf(1, null)),
    ],
  });

  test('with a default are optional, and lose the default when they are fed', async () => {
    const model = await read(withDefault(8));
    expect(model.signature.inputs.map(({ name, optional }) => [name, optional])).toEqual([
      ['x', false],
      ['bias', true],
    ]);
    expect(model.bytes).toBe(null);
    expect(await run(model, { x: rows([2], 1, 2) }, ['y'])).toEqual([[[2], [101, 102]]]);

    const fed = await read(withDefault(8), { fed: ['bias'] });
    expect(fed.signature.inputs.map(({ name, optional }) => [name, optional])).toEqual([
      ['x', false],
      ['bias', false],
    ]);
    expect(fed.adaptations).toEqual(['default of input "bias" removed, because it is fed']);
    expect(await run(fed, { x: rows([2], 1, 2), bias: rows([1], 5) }, ['y'])).toEqual([[[2], [6, 7]]]);
  });

  test('that old models list for their weights are none', async () => {
    const model = await read(withDefault(3));
    expect(model.signature.inputs.map(({ name }) => name)).toEqual(['x']);
    expect(await run(model, { x: rows([1], 1) }, ['y'])).toEqual([[[1], [101]]]);
  });

  test('keep open, named and negative sizes apart', async () => {
    const { signature } = await read({
      graph: [node('Identity', ['x'], ['y']), input('x', tensorOf(1, -1, 'n', '', null, 0)), output('y', tensorOf(1))],
    });
    expect(signature.inputs[0].shape).toEqual([null, 'n', null, null, 0]);
  });
});

test('sequences and optionals that are made of tensors come as the tensors', async () => {
  const tensors = sequenceOf(tensorOf(1, null, 2));
  const model = await read({
    opsets: { '': 18 },
    graph: [
      node('Neg', ['x'], ['a']),
      node('SequenceConstruct', ['x', 'a'], ['both']),
      node('SplitToSequence', ['x'], ['parts'], { attributes: [integerAttribute('axis', 1)] }),
      node('SequenceEmpty', [], ['nothing']),
      node('SequenceInsert', ['nothing', 'a'], ['one']),
      node('Optional', ['a'], ['perhaps']),
      node('SequenceLength', ['both'], ['length']),
      input('x', tensorOf(1, null, 2)),
      output('both', tensors),
      output('parts', tensors),
      output('one', tensors),
      output('perhaps', optionalOf(tensorOf(1, null, 2))),
      output('length', tensorOf(7)),
      // The name of a tensor of "both".
      node('Abs', ['a'], ['both_1']),
      output('both_1', tensorOf(1, null, 2)),
    ],
  });
  expect(model.adaptations).toEqual([
    'SequenceConstruct "both" removed: its tensors come as "both_0", "both_1_2"',
    'SplitToSequence "parts" removed: its tensor comes as "parts"',
    'SequenceInsert "one" removed: its tensor comes as "one"',
    'Optional "perhaps" removed: its tensor comes as "perhaps"',
  ]);
  const names = ['both_0', 'both_1_2', 'parts', 'one', 'perhaps', 'length', 'both_1'];
  expect(model.signature.outputs.map(({ name }) => name)).toEqual(names);
  const [x, a] = [
    [
      [1, 2],
      [5, 6],
    ],
    [
      [1, 2],
      [-5, -6],
    ],
  ];
  expect(await run(model, { x: rows([1, 2], 5, 6) }, names)).toEqual([x, a, x, a, a, [[], [2n]], x]);
});

test('a subgraph that reads a sequence still does when its tensors are outputs', async () => {
  const branch = (name: string) =>
    graphAttribute(
      name,
      node('SequenceLength', ['both'], [`${name}/length`]),
      output(`${name}/length`, tensorOf(7)),
      text(2, name),
    );
  const model = await read({
    graph: [
      node('SequenceConstruct', ['x', 'x'], ['both']),
      message(5, integer(2, 9), text(8, 'yes'), bytes(9, new Uint8Array([1]))),
      node('If', ['yes'], ['length'], { attributes: [branch('then_branch'), branch('else_branch')] }),
      input('x', tensorOf(1, null)),
      output('both', sequenceOf(tensorOf(1, null))),
      output('length', tensorOf(7)),
    ],
  });
  expect(await run(model, { x: rows([1], 5) }, ['both_1', 'length'])).toEqual([
    [[1], [5]],
    [[], [2n]],
  ]);
});

test('outputs that are no tensors are left out while a tensor is left', async () => {
  const model = await read({
    graph: [
      node('Identity', ['x'], ['y']),
      node('SequenceConstruct', ['x', 'x'], ['both']),
      node('SequenceErase', ['both', 'last'], ['rest']),
      message(5, integer(2, 7), text(8, 'last'), bytes(9, new Uint8Array(8).fill(255))),
      input('x', tensorOf(1, null)),
      output('rest', sequenceOf(tensorOf(1, null))),
      output('y', tensorOf(1, null)),
    ],
  });
  expect(model.signature.outputs).toEqual([{ name: 'y', dtype: 'float32', shape: [null] }]);
  expect(model.adaptations).toEqual(['output "rest" left out: sequence(tensor(float)) is no tensor']);
  expect(await run(model, { x: rows([1], 5) }, ['y'])).toEqual([[[1], [5]]]);
});

test.for([
  ['feature_names', '["age", "zip, code"]', ['age', 'zip, code']],
  ['features', 'age, income', ['age', 'income']],
  ['columns', 'age', ['age']],
  ['input_features', '["age", 3]', undefined],
  ['input_features', '["age"', undefined],
  ['features', 'age,,income', undefined],
  ['comment', 'age,income', undefined],
] as const)('metadata %s = %s names the features %j', async ([key, value, expected]) => {
  const model = await read({ ...classifier, metadata: { [key]: value } });
  expect(model.signature.featureNames).toEqual(expected);
  expect(model.metadata).toEqual({ [key]: value });
});

test('all problems of a model are told at once', async () => {
  const failures = await refused({
    irVersion: 99,
    opsets: { '': 99, custom: 1 },
    graph: [
      externalFloats('w', [1], '/etc/weights'),
      node('Foo', ['x'], ['y'], { domain: 'custom' }),
      input('x', tensorOf(16, null)),
      output('y', tensorOf(16, null)),
    ],
  });
  expect(failures.map(({ reason }) => reason)).toEqual([
    'model-ir-version',
    'model-opset',
    'model-operators',
    'model-input-type',
    'model-output-type',
    'external-data-outside',
  ]);
});

test('operators of functions that the model brings along are its own', async () => {
  const add = message(7, node('Add', ['a', 'a'], ['b']).subarray(2));
  const imports = message(9, text(1, ''), integer(2, 13));
  const twice = message(25, text(1, 'Twice'), text(4, 'a'), text(5, 'b'), add, imports, text(10, 'mine'));
  const model = await read({
    opsets: { '': 13, mine: 1 },
    graph: [
      node('Twice', ['x'], ['y'], { domain: 'mine' }),
      input('x', tensorOf(1, null)),
      output('y', tensorOf(1, null)),
    ],
    more: [twice],
  });
  expect(model.operators).toEqual({ 'ai.onnx:Add': 1, 'mine:Twice': 1 });
  expect(await run(model, { x: rows([1], 21) }, ['y'])).toEqual([[[1], [42]]]);
});

test('a model is identified by the bytes of its file, and not hashed again when it is known', async () => {
  const path = await saved(classifier);
  const content = buildModel(classifier);
  const identity = await identifyModel(path);
  expect(identity).toEqual({
    path,
    fileBytes: content.length,
    sha256: sha256(content),
    externalFiles: [],
    sidecars: [],
  });
  expect((await readModel(path)).identity).toEqual(identity);
  expect((await readModel(path, { identity })).identity).toBe(identity);
});

test('a file cut anywhere is refused, or is a whole model still', async () => {
  const whole = buildModel(classifier);
  const path = await saved(classifier);
  for (let length = 0; length < whole.length; length++) {
    await writeFile(path, whole.subarray(0, length));
    const reasons = await readModel(path).then(
      () => [],
      (error: unknown) => failuresOf(error).map(({ reason }) => reason),
    );
    expect(reasons).not.toContain('internal');
    // In front of the last field, the import of ai.onnx.ml in 16 bytes, nothing is missing: the runtime imports it itself.
    if (reasons.length === 0) expect(length).toBe(whole.length - 16);
  }
});

test.for([
  ['a zip archive', Buffer.from('PK\x03\x04rest', 'latin1')],
  ['a Python pickle', Buffer.from('\x80\x04\x95rest', 'latin1')],
  ['a model in the ORT format', Buffer.from('\x30\0\0\0ORTM\0', 'latin1')],
  ['a web page', Buffer.from('<html><body>404</body></html>')],
  ['text that begins with "{"message": "Not Found"}"', Buffer.from('{"message": "Not Found"}\n')],
  ['the text of a symbolic link to ../models/v3/model.onnx', Buffer.from('../models/v3/model.onnx')],
] as const)('%s is named for what it is', async ([found, content]) => {
  const path = join(await mkdtemp(join(folder, 'other-')), 'model.onnx');
  await writeFile(path, content);
  const [failure] = failuresOf(await readModel(path).catch((error: unknown) => error));
  expect(failure).toMatchObject({ reason: 'model-not-onnx', path });
  expect((failure as { found: string }).found).toContain(found);
});
