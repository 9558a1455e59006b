// Outputs of a call, and what apply makes of them: types, shapes, labels.
import { describe, expect, test } from 'vitest';
import type { Dtype } from '../../src/core/dtype.ts';
import { type Failure, FailureError } from '../../src/core/failure.ts';
import { float16Bits } from '../../src/core/float16.ts';
import type { TensorValues } from '../../src/model/session.ts';
import { applyOutputs } from '../../src/scoring/apply-outputs.ts';
import type { AppliedOutput } from '../../src/scoring/binding.ts';
import type { ScoredBatch } from '../../src/scoring/score-batch.ts';

const applied = (steps: AppliedOutput['steps'], more: Partial<AppliedOutput> = {}): AppliedOutput => ({
  name: 'made',
  scoresName: null,
  output: 'y',
  entry: 'decision',
  rowShape: [null],
  steps,
  labels: null,
  ...more,
});

function scored(dtype: Dtype, rowShape: readonly number[], data: TensorValues): ScoredBatch {
  const rowValues = rowShape.reduce((product, size) => product * size, 1);
  const rows = data.length / rowValues;
  return {
    outputs: { y: [{ tensor: { dtype, dims: [rows, ...rowShape], data }, rowShape, rowValues }] },
    callOf: new Int32Array(rows),
    placeOf: Int32Array.from({ length: rows }, (_, row) => row),
  };
}

/** The outputs that are made of one call. */
function made(batch: ScoredBatch, one: AppliedOutput) {
  const { y: _y, ...others } = applyOutputs(batch, [one]).outputs;
  return Object.fromEntries(Object.entries(others).map(([name, [call]]) => [name, call]));
}

test('with nothing to compute the batch is left as it is', () => {
  const batch = scored('float32', [2], Float32Array.of(1, 2));
  expect(applyOutputs(batch, [])).toBe(batch);
});

test('softmax of half floats is in floats', () => {
  const batch = scored('float16', [2], Uint16Array.from([0, 0, 1, 1], float16Bits));
  expect(made(batch, applied(['softmax']))).toEqual({
    made: {
      tensor: { dtype: 'float32', dims: [2, 2], data: Float32Array.of(0.5, 0.5, 0.5, 0.5) },
      rowShape: [2],
      rowValues: 2,
    },
  });
});

test('argmax takes the last axis away: an index for each, or its label', () => {
  const batch = scored('float64', [2, 2], Float64Array.of(1, 2, 4, 3, 0, 0, 0, 1));
  expect(made(batch, applied(['argmax'], { rowShape: [2, 2] }))).toEqual({
    made: { tensor: { dtype: 'int32', dims: [2, 2], data: Int32Array.of(1, 0, 0, 1) }, rowShape: [2], rowValues: 2 },
  });
  expect(made(batch, applied(['argmax'], { rowShape: [2, 2], labels: ['no', 'yes'] })).made.tensor).toEqual({
    dtype: 'string',
    dims: [2, 2],
    data: ['yes', 'no', 'no', 'yes'],
  });
});

test('topk gives classes and their scores, of 64-bit integers without loss', () => {
  const batch = scored('int64', [3], BigInt64Array.of(5n, 2n ** 60n + 1n, 2n ** 60n, 3n, 2n, 1n));
  expect(made(batch, applied([{ topk: 2 }], { rowShape: [3], scoresName: 'scores', labels: ['a', 'b', 'c'] }))).toEqual(
    {
      made: { tensor: { dtype: 'string', dims: [2, 2], data: ['b', 'c', 'a', 'b'] }, rowShape: [2], rowValues: 2 },
      scores: {
        tensor: { dtype: 'int64', dims: [2, 2], data: BigInt64Array.of(2n ** 60n + 1n, 2n ** 60n, 3n, 2n) },
        rowShape: [2],
        rowValues: 2,
      },
    },
  );
});

test('topk of an open axis that has fewer values gives what there is', () => {
  const { made: classes } = made(
    scored('float32', [1], Float32Array.of(7)),
    applied([{ topk: 2 }], { scoresName: 's' }),
  );
  expect(classes.tensor.data).toEqual(Int32Array.of(0));
});

describe('a threshold is rounded as the values are', () => {
  test.each([
    ['float32', Float32Array.of(0.7), 0.7],
    ['float16', Uint16Array.of(float16Bits(0.1)), 0.1],
    ['float64', Float64Array.of(0.7), 0.7],
  ] as const)('to %s', (dtype, data, threshold) => {
    expect(made(scored(dtype, [1], data), applied([{ threshold }])).made.tensor).toEqual({
      dtype: 'bool',
      dims: [1, 1],
      data: Uint8Array.of(1),
    });
  });
});

test('steps are taken one after the other', () => {
  const batch = scored('float32', [2], Float32Array.of(0, 0, 5, 0));
  const one = applied(['softmax', { threshold: 0.9 }]);
  expect(made(batch, one).made.tensor.data).toEqual(Uint8Array.of(0, 0, 1, 0));
});

test.each([
  ['another number of values', [3], '[2]'],
  ['another axis', [1, 2], '[2]'],
  ['no axis', [], '[2]'],
])('rows with %s than planned are refused, not scored wrongly', (_, rowShape, wanted) => {
  const values = rowShape.reduce((product, size) => product * size, 1);
  const batch = scored('float32', rowShape, new Float32Array(values));
  const failure: Failure = { reason: 'result-shape', output: 'y', column: 'decision', wanted, found: rowShape };
  expect(() => applyOutputs(batch, [applied(['argmax'], { rowShape: [2] })])).toThrow(new FailureError(failure));
});

test('rows without any value have no largest one', () => {
  const batch: ScoredBatch = scored('float32', [1], new Float32Array(1));
  const empty = {
    tensor: { dtype: 'float32' as const, dims: [1, 0], data: new Float32Array(0) },
    rowShape: [0],
    rowValues: 0,
  };
  expect(() => applyOutputs({ ...batch, outputs: { y: [empty] } }, [applied(['argmax'])])).toThrow(FailureError);
});
