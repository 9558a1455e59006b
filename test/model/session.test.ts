// Running models: every dtype in and out, and what the runtime says when it does not work.
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failuresOf } from '../../src/core/failure.ts';
import { readModel } from '../../src/model/model-file.ts';
import { openSession, type Session, type TensorData } from '../../src/model/session.ts';
import { buildModel, floats, input, type ModelParts, node, output, tensorOf } from './build-onnx.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scoremill-session-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function saved(parts: ModelParts): Promise<string> {
  const path = join(await mkdtemp(join(folder, 'case-')), 'model.onnx');
  await writeFile(path, buildModel(parts));
  return path;
}
const open = async (parts: ModelParts): Promise<Session> =>
  openSession(await readModel(await saved(parts)), { threads: 1 });

const identity = (elementType: number): ModelParts => ({
  graph: [
    node('Identity', ['x'], ['y']),
    input('x', tensorOf(elementType, null, 2)),
    output('y', tensorOf(elementType, null, 2)),
  ],
});

const samples: readonly (readonly [number, TensorData])[] = [
  [1, { dtype: 'float32', dims: [1, 2], data: new Float32Array([Number.NaN, -0]) }],
  [11, { dtype: 'float64', dims: [1, 2], data: new Float64Array([Math.PI, Number.NEGATIVE_INFINITY]) }],
  [10, { dtype: 'float16', dims: [1, 2], data: new Uint16Array([0x3c00, 0x8001]) }],
  [3, { dtype: 'int8', dims: [1, 2], data: new Int8Array([-128, 127]) }],
  [5, { dtype: 'int16', dims: [1, 2], data: new Int16Array([-32768, 32767]) }],
  [6, { dtype: 'int32', dims: [1, 2], data: new Int32Array([-(2 ** 31), 2 ** 31 - 1]) }],
  [7, { dtype: 'int64', dims: [1, 2], data: new BigInt64Array([-(2n ** 63n), 2n ** 63n - 1n]) }],
  [2, { dtype: 'uint8', dims: [1, 2], data: new Uint8Array([0, 255]) }],
  [4, { dtype: 'uint16', dims: [1, 2], data: new Uint16Array([0, 65535]) }],
  [12, { dtype: 'uint32', dims: [1, 2], data: new Uint32Array([0, 2 ** 32 - 1]) }],
  [13, { dtype: 'uint64', dims: [1, 2], data: new BigUint64Array([0n, 2n ** 64n - 1n]) }],
  [9, { dtype: 'bool', dims: [1, 2], data: new Uint8Array([0, 1]) }],
  [8, { dtype: 'string', dims: [1, 2], data: ['', 'Zürich 🏔'] }],
];

describe.each(samples)('element type %i', (elementType, tensor) => {
  test(`passes as ${tensor.dtype}, and so does a tensor without elements`, async () => {
    await using session = await open(identity(elementType));
    expect(session.run({ x: tensor }, ['y'])).toEqual({ y: tensor });
    const none: TensorData = { ...tensor, dims: [0, 2], data: tensor.data.slice(0, 0) };
    expect(session.run({ x: none }, ['y'])).toEqual({ y: none });
  });
});

test('a run that fails says what ONNX Runtime said, without its source code, and the session stays usable', async () => {
  const parts: ModelParts = {
    graph: [
      floats('w', [2, 1], [1, 2]),
      node('Reshape', ['x', 'shape'], ['r']),
      node('MatMul', ['r', 'w'], ['y']),
      input('x', tensorOf(1, null)),
      input('shape', tensorOf(7, 2)),
      output('y', tensorOf(1, null, 1)),
    ],
  };
  await using session = await open(parts);
  const x: TensorData = { dtype: 'float32', dims: [3], data: new Float32Array([1, 2, 3]) };
  const shape: TensorData = { dtype: 'int64', dims: [2], data: new BigInt64Array([1n, 2n]) };
  let thrown: unknown;
  try {
    session.run({ x, shape }, ['y']);
  } catch (error) {
    thrown = error;
  }
  expect(failuresOf(thrown)[0]).toEqual({
    reason: 'inference-failed',
    path: expect.stringMatching(/model\.onnx$/),
    message:
      "Non-zero status code returned while running Reshape node. Name:'Reshape of r' Status Message: input_shape_size == requested_shape_size was false. The input tensor cannot be reshaped to the requested shape. Input shape:{3}, requested shape:{1,2}",
  });
  const two: TensorData = { dtype: 'float32', dims: [2], data: new Float32Array([1, 2]) };
  const result = session.run({ x: two, shape }, ['y']);
  expect(result.y).toEqual({ dtype: 'float32', dims: [1, 1], data: new Float32Array([5]) });
});

test('nothing is printed, neither by a model that ONNX Runtime warns about nor by a run that fails', async () => {
  const path = await saved({
    // The declared output shape is wrong on purpose: the runtime warns about it in every run.
    graph: [node('Identity', ['x'], ['y']), input('x', tensorOf(1, 'n')), output('y', tensorOf(1, 7))],
    opsets: { '': 1 },
  });
  const script = `import { runnerImport } from 'vite'; await runnerImport(${JSON.stringify(join(import.meta.dirname, 'silent-run.ts'))});`;
  const { status, stdout, stderr } = spawnSync('node', ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    env: { ...process.env, SILENT_RUN_MODEL: path },
  });
  expect({ status, stdout, stderr }).toEqual({ status: 42, stdout: '', stderr: '' });
});
