// Which inputs are the state of a recurrent model.
import { describe, expect, test } from 'vitest';
import { describeFailure } from '../../src/core/failure.ts';
import type { Dimension, ModelInput, ModelOutput, Signature } from '../../src/model/signature.ts';
import { stateOf, unboundState } from '../../src/plan/state-input.ts';

const inputOf = (name: string, shape: readonly Dimension[], dtype: ModelInput['dtype'] = 'float32'): ModelInput => ({
  name,
  dtype,
  shape,
  optional: false,
});
const outputOf = (name: string, shape: readonly Dimension[]): ModelOutput => ({ name, dtype: 'float32', shape });
const signatureOf = (inputs: readonly ModelInput[], outputs: readonly ModelOutput[]): Signature => ({
  inputs,
  outputs,
});

describe('an input pairs with the output that gives its next value', () => {
  test.for<readonly [string, readonly Dimension[], readonly ModelOutput[], string | undefined]>([
    ['h0', [2, 'N', 64], [outputOf('y', ['N', 3]), outputOf('hn', [2, 'N', 64]), outputOf('cn', [2, 'N', 64])], 'hn'],
    ['c0', [2, 'N', 64], [outputOf('hn', [2, 'N', 64]), outputOf('cn', [2, 'N', 64])], 'cn'],
    ['state', [2, 1, 128], [outputOf('output', [1, 1]), outputOf('stateN', [2, 1, 128])], 'stateN'],
    [
      'past_key_values.0.key',
      ['b', 4, 'past', 8],
      [outputOf('present.0.key', ['b', 4, 'past + 1', 8])],
      'present.0.key',
    ],
    ['x', ['N', 4], [outputOf('y', ['N', 4])], undefined],
    ['h0', [2, 'N', 64], [outputOf('hn', [2, 'N', 32])], undefined],
    ['state', [64], [outputOf('new_state', [64])], undefined],
  ])('%s %j', ([name, shape, outputs, expected]) => {
    const input = inputOf(name, shape);
    expect(stateOf(input, signatureOf([input], outputs))?.name).toBe(expected);
  });

  test('an integer is none', () => {
    const input = inputOf('state', [1, 2], 'int64');
    expect(stateOf(input, signatureOf([input], [outputOf('new_state', [1, 2])]))).toBeUndefined();
  });
});

test('a state that nothing feeds is refused with what it is and the constant to give', () => {
  const input = inputOf('h0', [2, 'N', 64]);
  const unbound = { reason: 'input-unbound', input: 'h0', known: ['x'] } as const;
  const failure = unboundState(unbound, signatureOf([input], [outputOf('hn', [2, 'N', 64])]));
  expect(describeFailure(failure)).toBe(
    'inputs.h0: nothing feeds this model input [2, N, 64]. It is a state: the model gives its next value as the output "hn", and scoremill does not carry it from row to row. If every row begins anew, give it its first value in the job file: inputs: { h0: { value: 0 } }; if rows follow one another, export the model so that one row holds the whole sequence',
  );
  expect(unboundState(unbound, signatureOf([input], []))).toBe(unbound);
});
