// Fixed batches opened: the rebuilt model gives for many rows what the declared one gives for each, and what mixes rows is left.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failuresOf } from '../../src/core/failure.ts';
import { readModel } from '../../src/model/model-file.ts';
import { openSession } from '../../src/model/session.ts';
import {
  buildModel,
  floats,
  graphAttribute,
  input,
  integerAttribute,
  integers,
  integersAttribute,
  type ModelParts,
  node,
  output,
  tensorOf,
} from './build-onnx.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scoremill-open-batch-'));
});
afterAll(() => rm(folder, { recursive: true }));

type Parts = ModelParts['graph'];

/** A model of one input and one output `y`, with the shapes that are declared. */
async function saved(
  graph: Parts,
  { from = [1, 4], to = [1, 4], opset = 13 }: { from?: readonly number[]; to?: readonly number[]; opset?: number } = {},
): Promise<string> {
  const path = join(await mkdtemp(join(folder, 'case-')), 'model.onnx');
  const declared = [input('x', tensorOf(1, ...from)), output('y', tensorOf(1, ...to))];
  const opsets = { '': opset, 'ai.onnx.ml': 3, 'com.microsoft': 1 };
  await writeFile(path, buildModel({ graph: [...graph, ...declared], opsets }));
  return path;
}

const openRows = (rows: number) => ({ rewrite: { openBatch: { rows, inputs: ['x'] } } });

const reasonOf = async (graph: Parts, shapes: Parameters<typeof saved>[1] = {}): Promise<string> => {
  const [failure] = failuresOf(
    await readModel(await saved(graph, shapes), openRows(shapes.from?.[0] ?? 1)).catch((error: unknown) => error),
  );
  return failure.reason === 'model-batch-fixed' ? failure.why : failure.reason;
};

/** Three different rows through the declared model, call by call, and through the opened one in one call. */
async function bothWays(graph: Parts, shapes: Parameters<typeof saved>[1] = {}) {
  const path = await saved(graph, shapes);
  const [callRows, ...rowShape] = shapes.from ?? [1, 4];
  const perRow = rowShape.reduce((product, size) => product * size, 1);
  const rows = 3 * callRows;
  const data = Float32Array.from({ length: rows * perRow }, (_, i) => Math.sin(i * 1.7) * 3);
  await using declared = await openSession(await readModel(path), { threads: 1 });
  await using opened = await openSession(await readModel(path, openRows(callRows)), { threads: 1 });
  const perCall = callRows * perRow;
  const singly: unknown[] = [];
  for (let call = 0; call < 3; call++) {
    const part = data.subarray(call * perCall, (call + 1) * perCall);
    const { y } = declared.run({ x: { dtype: 'float32', dims: [callRows, ...rowShape], data: part } }, ['y']);
    singly.push(...y.data);
  }
  const { y } = opened.run({ x: { dtype: 'float32', dims: [rows, ...rowShape], data } }, ['y']);
  return { singly, together: [...y.data], rows, firstSize: y.dims[0] };
}

const weights = (name: string, ...dims: readonly number[]) =>
  floats(
    name,
    dims,
    Array.from({ length: dims.reduce((product, size) => product * size, 1) }, (_, i) => Math.cos(i)),
  );
const along = (axis: number) => ({ attributes: [integerAttribute('axis', axis)] });

const kept: readonly (readonly [string, Parts, Parameters<typeof saved>[1]?])[] = [
  [
    'Gemm, Relu, Softmax',
    [node('Gemm', ['x', 'w'], ['a']), node('Relu', ['a'], ['b']), node('Softmax', ['b'], ['y']), weights('w', 4, 4)],
  ],
  [
    'MatMul, and Add of a constant row',
    [node('MatMul', ['x', 'w'], ['a']), node('Add', ['a', 'b'], ['y']), weights('w', 4, 4), weights('b', 1, 4)],
  ],
  [
    'Conv, MaxPool, and a Reshape that names one row',
    [
      node('Conv', ['x', 'w'], ['a']),
      node('Reshape', ['a', 'shape'], ['b']),
      node('MatMul', ['b', 'v'], ['y']),
      weights('w', 3, 2, 3, 3),
      weights('v', 27, 2),
      integers('shape', [1, 27]),
    ],
    { from: [1, 2, 5, 5], to: [1, 2] },
  ],
  [
    'a Reshape that leaves the rows to be counted',
    [node('Reshape', ['x', 'shape'], ['y']), integers('shape', [-1, 2, 2])],
    { to: [1, 2, 2] },
  ],
  [
    'a Reshape to a computed number of rows',
    [
      node('Shape', ['x'], ['s']),
      node('Gather', ['s', 'zero'], ['n'], along(0)),
      node('Concat', ['n', 'rest'], ['shape'], along(0)),
      node('Reshape', ['x', 'shape'], ['y']),
      integers('zero', [0]),
      integers('rest', [2, -1]),
    ],
    { to: [1, 2, 2] },
  ],
  ['Flatten of one row from axis 0', [node('Flatten', ['x'], ['y'], along(0))], { from: [1, 2, 2] }],
  [
    'Transpose there and back',
    [
      node('Transpose', ['x'], ['a'], { attributes: [integersAttribute('perm', [1, 0, 2])] }),
      node('ReduceMean', ['a'], ['b'], {
        attributes: [integersAttribute('axes', [0]), integerAttribute('keepdims', 0)],
      }),
      node('Identity', ['b'], ['y']),
    ],
    { from: [1, 3, 2], to: [1, 2] },
  ],
  ['a batch of three', [node('Gemm', ['x', 'w'], ['y']), weights('w', 4, 4)], { from: [3, 4], to: [3, 4] }],
  [
    'a Slice that takes all rows',
    [node('Slice', ['x', 'starts', 'ends'], ['y']), integers('starts', [0, 1]), integers('ends', [1, 3])],
    { to: [1, 2] },
  ],
  [
    'Split, Concat, TopK',
    [
      node('Split', ['x'], ['a', 'b'], along(1)),
      node('Concat', ['b', 'a'], ['c'], along(-1)),
      node('TopK', ['c', 'k'], ['y', 'places']),
      integers('k', [2]),
    ],
    { to: [1, 2] },
  ],
];

describe('a fixed batch is opened through', () => {
  test.for(kept)('%s', async ([, graph, shapes]) => {
    const { singly, together, rows, firstSize } = await bothWays(graph, shapes);
    expect(firstSize).toBe(rows);
    expect(together).toEqual(singly);
  });
});

const left: readonly (readonly [string, Parts, string, Parameters<typeof saved>[1]?])[] = [
  [
    'a sum over the rows',
    [node('ReduceSum', ['x', 'axes'], ['y']), integers('axes', [0])],
    'ReduceSum "ReduceSum of y": it works along the axis of the rows',
  ],
  [
    'a mean of everything',
    [node('ReduceMean', ['x'], ['y'])],
    'ReduceMean "ReduceMean of y": it works along the axis of the rows',
  ],
  [
    'a Softmax over the rows',
    [node('Softmax', ['x'], ['y'], along(0))],
    'Softmax "Softmax of y": it works along the axis of the rows',
  ],
  [
    'rows times rows',
    [node('Transpose', ['x'], ['t']), node('MatMul', ['x', 't'], ['y'])],
    'MatMul "MatMul of y": it multiplies rows with rows',
    { to: [1, 1] },
  ],
  [
    'rows shifted against rows',
    [node('Transpose', ['x'], ['t']), node('Add', ['x', 't'], ['y'])],
    'Add "Add of y": two values have their rows on different axes',
    { to: [4, 4] },
  ],
  [
    'a constant of its own for each row',
    [node('Mul', ['x', 'w'], ['y']), weights('w', 2, 4)],
    'Mul "Mul of y": a constant has a size of its own on the axis of the rows',
    { from: [2, 4], to: [2, 4] },
  ],
  [
    'a row of the model itself beside the rows',
    [node('Concat', ['x', 'w'], ['y'], along(0)), weights('w', 1, 4)],
    'Concat "Concat of y": its rows are not in all of its inputs',
    { to: [2, 4] },
  ],
  [
    'one scale for the whole batch',
    [node('DynamicQuantizeLinear', ['x'], ['q', 's', 'z']), node('DequantizeLinear', ['q', 's', 'z'], ['y'])],
    'DynamicQuantizeLinear "DynamicQuantizeLinear of q": whether it leaves each row by itself is not known',
  ],
  [
    'rows that become one',
    [node('Reshape', ['x', 'shape'], ['y']), integers('shape', [4, 1])],
    'Reshape "Reshape of y": its shape is of one call',
    { to: [4, 1] },
  ],
  [
    'an axis of rows that goes',
    [node('Squeeze', ['x'], ['y'])],
    'Squeeze "Squeeze of y": it takes out whatever axis has one element, that of the rows included',
    { to: [4] },
  ],
  [
    'an output without rows',
    [node('Identity', ['w'], ['y']), node('Neg', ['x'], ['z']), output('z', tensorOf(1, 1, 4)), weights('w', 1, 4)],
    'the output "y" has no rows on axis 0',
  ],
  [
    'a body that is not looked into',
    [
      node('Equal', ['one', 'one'], ['yes']),
      node('Squeeze', ['yes'], ['m']),
      node('If', ['m'], ['y'], {
        attributes: [graphAttribute('then_branch', node('Neg', ['x'], ['i']), output('i', tensorOf(1)))],
      }),
      integers('one', [1]),
    ],
    'If "If of y": what it does inside is not reviewed',
  ],
];

describe('a fixed batch stays, by name of the operator, for', () => {
  test.for(left)('%s', async ([, graph, why, shapes]) => {
    expect(await reasonOf(graph, shapes)).toBe(why);
  });
});

test('the signature of an opened model counts rows on an open axis, and the change is said', async () => {
  const model = await readModel(await saved([node('Neg', ['x'], ['y'])]), openRows(1));
  expect(model.signature.inputs.map(({ shape }) => shape)).toEqual([[null, 4]]);
  expect(model.signature.outputs.map(({ shape }) => shape)).toEqual([[null, 4]]);
  expect(model.adaptations).toEqual(['batch of one row opened: the model takes any number of rows a call']);
});
