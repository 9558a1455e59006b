// Batches through real models: rows that fail, rows that stand in, and every kind of batch axis.
import { describe, expect, test } from 'vitest';
import type { ConstantInput } from '../../src/scoring/binding.ts';
import { integerAttribute } from '../model/build-onnx.ts';
import {
  batchOf,
  bindingOf,
  boundInput,
  floats,
  input,
  integers,
  node,
  output,
  score,
  sessionOf,
  tensorOf,
} from './models.ts';

const range = (rows: number): number[] => Array.from({ length: rows }, (_, row) => row);
const random = (seed: number) => () => ((seed = (seed * 48271) % 2147483647) / 2147483647) * 2 - 1;

/** Looks an id up in a table of 8 rows of 16 numbers, and multiplies: an id beyond the table fails the whole call. */
async function embedding() {
  const next = random(7);
  const session = await sessionOf([
    node('Gather', ['table', 'x'], ['found']),
    node('MatMul', ['found', 'weights'], ['y']),
    floats('table', [8, 16], range(8 * 16).map(next)),
    floats('weights', [16, 5], range(16 * 5).map(next)),
    input('x', tensorOf(7, null)),
    output('y', tensorOf(1, null, 5)),
  ]);
  return { session, bound: boundInput('int64', []) };
}

describe('rows that fail in the model', () => {
  const bits = (rows: readonly (readonly unknown[] | null)[]) =>
    rows.map((row) => (row === null ? null : [...new Uint32Array(Float32Array.from(row as number[]).buffer)]));

  test.each([
    ['none', []],
    ['the first', [0]],
    ['the last', [36]],
    ['one in the middle', [17]],
    ['neighbours and others', [3, 4, 5, 20, 36]],
    ['all but one', range(37).filter((row) => row !== 21)],
    ['all', range(37)],
  ] as readonly (readonly [string, readonly number[]])[])(
    '%s: each is a reject, and the others have the very bits of an undisturbed run',
    async (_, bad) => {
      const { session, bound } = await embedding();
      const binding = bindingOf({ inputs: [bound], fetches: ['y'] });
      const ids = range(37).map((row) => BigInt(row % 8));
      const undisturbed = await score(session, binding, batchOf(bound, { values: ids }));
      const { rows, faults, counted } = await score(
        session,
        binding,
        batchOf(bound, { values: ids.map((id, row) => (bad.includes(row) ? 99n : id)) }),
      );
      expect(bits(rows)).toEqual(bits(undisturbed.rows).map((row, index) => (bad.includes(index) ? null : row)));
      expect(faults).toEqual(Object.fromEntries(bad.map((row) => [row, 'inference-failed'])));
      expect(counted).toBe(bad.length === 37 ? 0 : 1);
    },
  );

  test('are told with what the runtime said', async () => {
    const { session, bound } = await embedding();
    const batch = batchOf(bound, { values: [1n, 99n] });
    await score(session, bindingOf({ inputs: [bound], fetches: ['y'] }), batch);
    expect(batch.faults.get(1)).toMatchObject({
      reason: 'inference-failed',
      column: null,
      message: expect.stringMatching(/out of|bounds|range/i),
    });
  });

  test('are found in small calls: whole ones are made twice, first and last', async () => {
    const { session, bound } = await embedding();
    const ids = range(1024).map((row) => (row % 500 === 7 ? 99n : 1n));
    const { calls, faults } = await score(
      session,
      bindingOf({ inputs: [bound], fetches: ['y'] }),
      batchOf(bound, { values: ids }),
    );
    expect(Object.keys(faults)).toEqual(['7', '507', '1007']);
    expect(calls.filter((rows) => rows === 1024)).toHaveLength(2);
    expect(calls.reduce((sum, rows) => sum + rows, 0)).toBeLessThan(8 * 1024);
  });

  test('beside rows that were rejected before cost nothing else', async () => {
    const { session, bound } = await embedding();
    const { rows, faults } = await score(
      session,
      bindingOf({ inputs: [bound], fetches: ['y'] }),
      batchOf(bound, { values: [99n, 1n, 2n, 99n, 3n], rejected: [0, 4] }),
    );
    expect(faults).toEqual({ 0: 'null', 3: 'inference-failed', 4: 'null' });
    expect(rows.map((row) => row !== null)).toEqual([false, true, true, false, false]);
  });

  test('in calls of texts, too', async () => {
    const session = await sessionOf([
      node('Cast', ['x'], ['y'], { attributes: [integerAttribute('to', 7)] }),
      input('x', tensorOf(8, null, 2)),
      output('y', tensorOf(7, null, 2)),
    ]);
    const bound = boundInput('string', [2]);
    const { rows, faults } = await score(
      session,
      bindingOf({ inputs: [bound], fetches: ['y'] }),
      batchOf(bound, { values: ['1', '2', 'x', '4', '5', '6'] }),
    );
    expect(rows).toEqual([[1n, 2n], null, [5n, 6n]]);
    expect(faults).toEqual({ 1: 'inference-failed' });
  });

  test('that fail together and not alone are scored in smaller calls', async () => {
    // A Reshape to two columns fails for odd numbers of rows only.
    const session = await sessionOf([
      node('Reshape', ['x', 'to'], ['pairs']),
      node('Reshape', ['pairs', 'back'], ['y']),
      integers('to', [-1, 4]),
      integers('back', [-1, 2]),
      input('x', tensorOf(1, null, 2)),
      output('y', tensorOf(1, null, 2)),
    ]);
    const bound = boundInput('float32', [2]);
    const { rows, faults } = await score(
      session,
      bindingOf({ inputs: [bound], fetches: ['y'] }),
      batchOf(bound, { values: range(12) }),
    );
    expect(faults).toEqual({});
    expect(rows).toEqual(range(6).map((row) => [row * 2, row * 2 + 1]));
  });
});

describe('a fixed batch of 3', () => {
  /** Adds 0, 100 and 200 by the place in the call. */
  const placed = () =>
    sessionOf([
      node('Add', ['x', 'offsets'], ['y']),
      floats('offsets', [3, 1], [0, 100, 200]),
      input('x', tensorOf(1, 3, 1)),
      output('y', tensorOf(1, 3, 1)),
    ]);
  const bound = boundInput('float32', [1]);
  const binding = bindingOf({ inputs: [bound], fetches: ['y'], callRows: 3, isFixedBatch: true });

  test.each([0, 1, 2, 9])(
    'puts every row at the place that its number in the shard gives, from row %d on',
    async (from) => {
      const { rows, calls } = await score(await placed(), binding, batchOf(bound, { values: range(7), from }));
      expect(rows).toEqual(range(7).map((row) => [row + ((from + row) % 3) * 100]));
      expect(new Set(calls)).toEqual(new Set([3]));
    },
  );

  test('keeps the others in their place when rows are rejected, and skips calls without any row', async () => {
    const { rows, calls } = await score(
      await placed(),
      binding,
      batchOf(bound, { values: range(9), rejected: [0, 3, 4, 5, 7] }),
    );
    expect(rows).toEqual([null, [101], [202], null, null, null, [6], null, [208]]);
    expect(calls).toEqual([3, 3]);
  });

  test('keeps the others in their place when rows fail', async () => {
    const session = await sessionOf([
      node('Gather', ['table', 'x'], ['found']),
      node('Add', ['found', 'offsets'], ['y']),
      floats('table', [8], range(8)),
      floats('offsets', [3], [0, 100, 200]),
      input('x', tensorOf(7, 3)),
      output('y', tensorOf(1, 3)),
    ]);
    const ids = boundInput('int64', []);
    const { rows, faults } = await score(
      session,
      bindingOf({ inputs: [ids], fetches: ['y'], callRows: 3, isFixedBatch: true }),
      batchOf(ids, { values: [1n, 99n, 3n, 99n, 99n, 99n, 4n] }),
    );
    expect(rows).toEqual([[1], null, [203], null, null, null, [4]]);
    expect(Object.keys(faults)).toEqual(['1', '3', '4', '5']);
  });
});

test('a model without an axis of rows is called row by row', async () => {
  const session = await sessionOf([
    node('Mul', ['x', 'x'], ['y']),
    input('x', tensorOf(1, 2)),
    output('y', tensorOf(1, 2)),
  ]);
  const bound = boundInput('float32', [2], { hasRowAxis: false });
  const binding = bindingOf({ inputs: [bound], fetches: ['y'], callRows: 1, isFixedBatch: true });
  const { rows, counted } = await score(session, binding, batchOf(bound, { values: range(6), rejected: [1] }));
  expect(rows).toEqual([[0, 1], null, [16, 25]]);
  expect(counted).toBe(2);
});

test('rows of one shape share calls, and each gets its own result', async () => {
  const session = await sessionOf([
    node('ReduceSum', ['x', 'axes'], ['y'], { attributes: [integerAttribute('keepdims', 0)] }),
    integers('axes', [1]),
    input('x', tensorOf(1, null, null)),
    output('y', tensorOf(1, null)),
  ]);
  const bound = boundInput('float32', [null]);
  const values = [[1], [2, 3], [4], [], [5, 6], [7, 8, 9], [10]];
  const { rows, calls } = await score(
    session,
    bindingOf({ inputs: [bound], fetches: ['y'] }),
    batchOf(bound, { values, rejected: [2] }),
  );
  expect(rows).toEqual([[1], [5], null, [0], [11], [24], [10]]);
  expect(calls).toEqual([2, 2, 1, 1]);
  const pairs = await score(
    session,
    bindingOf({ inputs: [bound], fetches: ['y'], callRows: 2, isFixedBatch: true }),
    batchOf(bound, { values }),
  );
  expect(pairs.rows).toEqual([[1], [5], [4], [0], [11], [24], [10]]);
  expect(new Set(pairs.calls)).toEqual(new Set([2]));
});

test('an output with another number of rows is refused by name', async () => {
  const session = await sessionOf([
    node('Concat', ['x', 'x'], ['y'], { attributes: [integerAttribute('axis', 0)] }),
    input('x', tensorOf(1, null, 1)),
    output('y', tensorOf(1, null, 1)),
  ]);
  const bound = boundInput('float32', [1]);
  await expect(
    score(session, bindingOf({ inputs: [bound], fetches: ['y'] }), batchOf(bound, { values: [1, 2, 3] })),
  ).rejects.toMatchObject({
    failures: [{ reason: 'result-rows', output: 'y', shape: [6, 1], rows: 3 }],
  });
});

describe('constants', () => {
  const scaled = (scaleType: number, scaleDims: readonly (number | null)[]) =>
    sessionOf([
      node('Mul', ['x', 'k'], ['y']),
      input('x', tensorOf(scaleType, null, 2)),
      input('k', tensorOf(scaleType, ...scaleDims)),
      output('y', tensorOf(scaleType, null, 2)),
    ]);
  const run = async (
    constant: Omit<ConstantInput, 'name'>,
    type = 1,
    dtype: 'float32' | 'int64' | 'float16' = 'float32',
  ) => {
    const bound = boundInput(dtype, [2]);
    const values =
      dtype === 'int64' ? [1n, 2n, 3n, 4n] : dtype === 'float16' ? [0x3c00, 0x4000, 0x3c00, 0x4000] : [1, 2, 3, 4];
    const binding = bindingOf({ inputs: [bound], fetches: ['y'], constants: [{ name: 'k', ...constant }] });
    return (await score(await scaled(type, constant.dims), binding, batchOf(bound, { values }))).rows;
  };

  test('are one value, one value for every row, or the values of one row', async () => {
    expect(await run({ dtype: 'float32', dims: [], values: [10] })).toEqual([
      [10, 20],
      [30, 40],
    ]);
    expect(await run({ dtype: 'float32', dims: [1], values: [10] })).toEqual([
      [10, 20],
      [30, 40],
    ]);
    expect(await run({ dtype: 'float32', dims: [null, 1], values: [10] })).toEqual([
      [10, 20],
      [30, 40],
    ]);
    expect(await run({ dtype: 'float32', dims: [null, 2], values: [10, 100] })).toEqual([
      [10, 200],
      [30, 400],
    ]);
    expect(await run({ dtype: 'float32', dims: [2], values: [10, 100] })).toEqual([
      [10, 200],
      [30, 400],
    ]);
  });

  test('are exact in 64 bits, and half floats by value', async () => {
    expect(await run({ dtype: 'int64', dims: [], values: ['9007199254740993'] }, 7, 'int64')).toEqual([
      [9007199254740993n, 18014398509481986n],
      [27021597764222979n, 36028797018963972n],
    ]);
    expect(await run({ dtype: 'float16', dims: [], values: [1.5] }, 10, 'float16')).toEqual([
      [0x3e00, 0x4200],
      [0x3e00, 0x4200],
    ]);
  });
});
