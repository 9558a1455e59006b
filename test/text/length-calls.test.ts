// Which rows share a call when rows have different lengths, and what a call is fed.
import { expect, it } from 'vitest';
import { Batch } from '../../src/scoring/batch.ts';
import type { Binding, TensorInput } from '../../src/scoring/binding.ts';
import { planCalls } from '../../src/scoring/call-plan.ts';
import { feedsOf } from '../../src/scoring/feeds.ts';

const binding: Binding = {
  inputs: [],
  preparations: [],
  constants: [],
  applied: [],
  results: [],
  computed: [],
  writeWhere: null,
  fetches: [],
  kept: [],
  callRows: 512,
  isFixedBatch: false,
};

/** Rows of so many ones; null: a row that was refused before its tensor was made. */
function batchOf(lengths: readonly (number | null)[], side: 'left' | 'right' = 'right'): Batch {
  const input: TensorInput = {
    name: 'ids',
    dtype: 'int64',
    rowShape: [null],
    hasRowAxis: true,
    nulls: 'reject',
    padding: { value: 9, side },
  };
  const batch = new Batch([input], lengths.length);
  batch.begin(0, 0);
  batch.rows = lengths.length;
  for (const [row, length] of lengths.entries()) {
    const values = new BigInt64Array(length ?? 0).fill(1n);
    batch.inputs[0].uneven[row] = { values, shape: length === null ? [] : [length] };
    if (length === null) batch.fault(row, 'null', 'text', 'null');
  }
  return batch;
}

const callsOf = (batch: Batch, more: Partial<Binding> = {}): number[][] =>
  planCalls(batch, { ...binding, ...more }).map((slots) => [...slots]);

it('puts rows of like length into one call, in their order where they are equal', () => {
  expect(callsOf(batchOf([5, 2, 9, 2, 5, 1]), { callRows: 2 })).toEqual([
    [5, 1],
    [3, 0],
    [4, 2],
  ]);
});

it('cuts calls at 32 rows, and at 2,048 tokens with those that are filled up', () => {
  expect(callsOf(batchOf(new Array(70).fill(3))).map((slots) => slots.length)).toEqual([32, 32, 6]);
  expect(callsOf(batchOf(new Array(9).fill(512))).map((slots) => slots.length)).toEqual([4, 4, 1]);
  expect(callsOf(batchOf([5000, 6000]))).toEqual([[0], [1]]);
});

it('fills rows up to the longest of their call, on the side that the tokenizer says', () => {
  for (const side of ['right', 'left'] as const) {
    const batch = batchOf([3, 1], side);
    const [slots] = planCalls(batch, binding);
    const { ids } = feedsOf(batch, binding, slots);
    const short = side === 'right' ? [1n, 9n, 9n] : [9n, 9n, 1n];
    expect({ dims: ids.dims, data: [...(ids.data as BigInt64Array)] }).toEqual({
      dims: [2, 3],
      data: [...short, 1n, 1n, 1n],
    });
  }
});

it('leaves the calls of other rows as they were when a row becomes a fault after it was prepared', () => {
  const batch = batchOf([4, 7, 2, 7]);
  batch.fault(3, 'crashed', null, 'ended the process');
  batch.fault(1, 'crashed', null, 'ended the process');
  const [slots] = planCalls(batch, binding);
  expect([...slots]).toEqual([2, 0, -1, -1]);
  const { ids } = feedsOf(batch, binding, slots);
  expect(ids.dims).toEqual([4, 7]);
});

it('gives rows without a tensor no place, and a call without a good row no run', () => {
  expect(callsOf(batchOf([4, null, 4]))).toEqual([[0, 2]]);
  const batch = batchOf([4]);
  batch.fault(0, 'crashed', null, '');
  expect(callsOf(batch)).toEqual([]);
});

it('fills the places of a model with a fixed batch with copies', () => {
  expect(callsOf(batchOf([4, 2, 3]), { isFixedBatch: true, callRows: 2 })).toEqual([
    [1, 2],
    [0, -1],
  ]);
});
