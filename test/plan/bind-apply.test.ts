// What apply, labels and from make of outputs, and what is refused.
import { describe, expect, test } from 'vitest';
import { describeFailure } from '../../src/core/failure.ts';
import type { ModelOutput } from '../../src/model/signature.ts';
import { bindResults } from '../../src/plan/bind-results.ts';
import { jobOf, modelOutput, signatureOf } from './plan-fixtures.ts';

const logits = [modelOutput('logits', 'float32', ['N', 3])];
const labels = ['cat', 'dog', 'emu'];

function columnsOf(
  outputs: unknown,
  model: readonly ModelOutput[] = logits,
  observed: Readonly<Record<string, readonly number[]>> = {},
) {
  const { results, failures } = bindResults({
    signature: signatureOf([], { outputs: model }),
    outputs: jobOf({ outputs }).outputs,
    kept: [],
    hasRowAxis: true,
    isEven: true,
    observed,
  });
  if (failures.length > 0) return failures.map(describeFailure);
  return results.map(
    ({ name, index, type, output }) => `${name}${index === null ? '' : `[${index}]`} ${type} <- ${output}`,
  );
}

describe('one output, computed', () => {
  test.each([
    ['softmax', ['y FLOAT[3] <- softmax(logits)']],
    ['sigmoid', ['y FLOAT[3] <- sigmoid(logits)']],
    ['argmax', ['y[0] INTEGER <- argmax(logits)']],
    [{ threshold: 0.5 }, ['y BOOLEAN[3] <- logits >= 0.5']],
    [{ topk: 2 }, ['y_indices INTEGER[2] <- top 2 of logits', 'y_scores FLOAT[2] <- scores of top 2 of logits']],
    [{ topk: 1 }, ['y_indices INTEGER[1] <- top 1 of logits', 'y_scores FLOAT[1] <- scores of top 1 of logits']],
    [['softmax', { threshold: 0.9 }], ['y BOOLEAN[3] <- softmax(logits) >= 0.9']],
  ])('%j', (apply, wanted) => {
    expect(columnsOf({ y: { from: 'logits', apply } })).toEqual(wanted);
  });

  test.each([
    ['softmax', ['y_cat[0] FLOAT', 'y_dog[1] FLOAT', 'y_emu[2] FLOAT']],
    [undefined, ['y_cat[0] FLOAT', 'y_dog[1] FLOAT', 'y_emu[2] FLOAT']],
    [{ threshold: 0.5 }, ['y_cat[0] BOOLEAN', 'y_dog[1] BOOLEAN', 'y_emu[2] BOOLEAN']],
    ['argmax', ['y[0] VARCHAR']],
    [{ topk: 2 }, ['y_labels VARCHAR[2]', 'y_scores FLOAT[2]']],
  ])('with labels: %j', (apply, wanted) => {
    const columns = columnsOf({ y: { from: 'logits', labels, apply } });
    expect(columns.map((column) => column.replace(/ <-.*/, ''))).toEqual(wanted);
  });

  test('labels of the model are taken, unless the job gives others', () => {
    const model = [modelOutput('p', 'float32', ['N', 2], ['no', 'yes'])];
    expect(columnsOf({ p: { apply: 'argmax' } }, model)).toEqual(['p[0] VARCHAR <- label of argmax(p)']);
    expect(columnsOf({ p: { labels: [0, 1], pick: { bad: '1' } } }, model)).toEqual(['bad[1] FLOAT <- p']);
  });

  test('goes on with as, columns and pick', () => {
    expect(columnsOf({ logits: { apply: 'softmax', labels, as: 'p' } })).toEqual(['p FLOAT[3] <- softmax(logits)']);
    expect(columnsOf({ logits: { apply: 'softmax', labels, pick: { p_dog: 'dog', last: 2 } } })).toEqual([
      'p_dog[1] FLOAT <- softmax(logits)',
      'last[2] FLOAT <- softmax(logits)',
    ]);
    expect(columnsOf({ logits: { apply: { topk: 2 }, labels, as: 'best' } })).toEqual([
      'best_labels VARCHAR[2] <- label of top 2 of logits',
      'best_scores FLOAT[2] <- scores of label of top 2 of logits',
    ]);
  });

  test('of half floats and doubles is in floats and doubles', () => {
    const model = [modelOutput('half', 'float16', ['N', 2]), modelOutput('double', 'float64', ['N', 2])];
    expect(columnsOf({ half: { apply: 'softmax' }, double: { apply: 'softmax' } }, model)).toEqual([
      'half FLOAT[2] <- softmax(half)',
      'double DOUBLE[2] <- softmax(double)',
    ]);
  });

  test('of open size is a list of open length, but for labels, which say how many there are', () => {
    const model = [modelOutput('y', 'float32', ['N', null])];
    expect(columnsOf({ y: { apply: { topk: 2 } } }, model, { y: [5] })).toEqual([
      'y_indices INTEGER[] <- top 2 of y',
      'y_scores FLOAT[] <- scores of top 2 of y',
    ]);
    expect(columnsOf({ y: { apply: { topk: 2 }, labels } }, model, { y: [3] })[0]).toMatch('y_labels VARCHAR[2]');
  });

  test('of several axes goes over the last one', () => {
    const model = [modelOutput('y', 'float32', ['N', 'T', 3])];
    expect(columnsOf({ y: { apply: 'argmax', labels } }, model, { y: [5, 3] })).toEqual([
      'y VARCHAR[] <- label of argmax(y)',
    ]);
  });
});

test('several entries take from one output, each under its own name', () => {
  const outputs = {
    decision: { from: 'logits', apply: 'argmax', labels },
    probability: { from: 'logits', apply: 'softmax', pick: { p_cat: 0 } },
    other: { from: 'logits', apply: 'argmax', labels: ['x', 'y', 'z'] },
    logits: {},
  };
  expect(columnsOf(outputs)).toEqual([
    'decision[0] VARCHAR <- label of argmax(logits)',
    'p_cat[0] FLOAT <- softmax(logits)',
    "other[0] VARCHAR <- label of argmax(logits)'",
    'logits FLOAT[3] <- logits',
  ]);
});

test('with nothing but SQL, every output is there to compute from', () => {
  expect(columnsOf({ risk: { sql: 'logits[1] > 0' } })).toEqual(['logits FLOAT[3] <- logits']);
});

describe('is refused:', () => {
  const text = [
    modelOutput('t', 'string', ['N', 3]),
    modelOutput('i', 'int64', ['N', 3]),
    modelOutput('y', 'float32', ['N']),
  ];
  test.each([
    [
      { z: {} },
      'outputs.z: the model has no output "z" (it has: t, i, y). Name one of these, or say with from or sql what the column is made of',
    ],
    [{ z: { from: 'yy' } }, 'outputs.z.from: the model has no output "yy" (it has: t, i, y). Did you mean "y"?'],
    [
      { t: { apply: 'argmax' } },
      'outputs.t: argmax takes numbers, and the output "t" gives text; leave out apply, or name an output of numbers (from)',
    ],
    [
      { i: { apply: 'sigmoid' } },
      'outputs.i: sigmoid takes floats, and the output "i" gives int64; leave out apply, or name an output of floats (from)',
    ],
    [
      { y: { apply: 'softmax' } },
      'outputs.y: softmax goes over the values of a row, and a row of the output "y" has one value; use sigmoid or { threshold: ... }',
    ],
    [
      { i: { apply: { topk: 4 } } },
      'outputs.i: topk takes the 4 largest values, and a row of the output "i" has 3 values; take at most as many',
    ],
    [
      { i: { apply: 'argmax', labels: ['a'] } },
      'outputs.i: there are 1 labels (a) and 3 values to choose from; give one label for each value (labels: [...])',
    ],
    [
      { i: { labels: ['a', 'b'] } },
      'outputs.i: 2 labels are given (a, b) and a row has 3 values; name the columns in the job file (columns: [...])',
    ],
  ])('%j', (outputs, message) => {
    expect(columnsOf(outputs, text)).toEqual([message]);
  });
});
