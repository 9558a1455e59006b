// Which columns the outputs become, where the model declares the truth and where it does not.
import { describe, expect, test } from 'vitest';
import { describeFailure } from '../../src/core/failure.ts';
import type { ModelOutput } from '../../src/model/signature.ts';
import { bindResults, type ResultRequest } from '../../src/plan/bind-results.ts';
import { jobOf, modelOutput, signatureOf } from './plan-fixtures.ts';

interface Parts extends Partial<Omit<ResultRequest, 'outputs' | 'signature'>> {
  readonly outputs?: unknown;
}

function results(
  model: readonly ModelOutput[],
  { outputs, kept = [], hasRowAxis = true, isEven = true, observed = {} }: Parts = {},
) {
  const job = jobOf({ outputs });
  const found = bindResults({
    signature: signatureOf([], { outputs: model }),
    outputs: job.outputs,
    kept,
    hasRowAxis,
    isEven,
    observed,
  });
  if (found.failures.length > 0) return found.failures.map(describeFailure);
  return found.results.map(
    ({ name, index, type, rowShape }) =>
      `${name}${index === null ? '' : `[${index}]`} ${type} of ${JSON.stringify(rowShape)}`,
  );
}

const y = (shape: ModelOutput['shape'], dtype: ModelOutput['dtype'] = 'float32') => [modelOutput('y', dtype, shape)];

describe('one output', () => {
  test.each([
    ['[N]', ['N'], [], 'y[0] FLOAT of []'],
    ['[N, 1]', ['N', 1], [1], 'y[0] FLOAT of [1]'],
    ['[N, 3]', ['N', 3], [3], 'y FLOAT[3] of [3]'],
    ['[N, 2, 3]', ['N', 2, 3], [2, 3], 'y FLOAT[3][2] of [2,3]'],
    ['[N, 1, 1]', ['N', 1, 1], [1, 1], 'y FLOAT[1][1] of [1,1]'],
    ['[N, C] of open size', ['N', null], [3], 'y FLOAT[] of [null]'],
    ['[N, T, 2] of open size', ['N', 'T', 2], [5, 2], 'y FLOAT[2][] of [null,2]'],
    ['[N] that gives [N, 1]', ['N'], [1], 'y[0] FLOAT of [1]'],
    ['[N, 1] that gives [N]', ['N', 1], [], 'y[0] FLOAT of []'],
    ['[N, C] that gives one value', ['N', null], [1], 'y[0] FLOAT of [1]'],
    ['[N, 3] that gives 4', ['N', 3], [4], 'y FLOAT[] of [null]'],
    ['[N, 3] that gives [N, 2, 2]', ['N', 3], [2, 2], 'y FLOAT[][] of [null,null]'],
    ['[1] that is one value a row', [1], [], 'y[0] FLOAT of []'],
    ['no shape that gives one value', null, [], 'y[0] FLOAT of []'],
    ['no shape that gives three', null, [3], 'y FLOAT[] of [null]'],
  ] as const)('%s', (_, shape, observed, wanted) => {
    expect(results(y(shape), { observed: { y: observed } })).toEqual([wanted]);
  });

  test('of which nothing was seen is what it declares', () => {
    expect([results(y(['N'])), results(y(['N', 3])), results(y(['N', null])), results(y(null))].flat()).toEqual([
      'y[0] FLOAT of []',
      'y FLOAT[3] of [3]',
      'y FLOAT[] of [null]',
      'y FLOAT[] of [null]',
    ]);
  });

  test('of rows that differ is a list of open length, also where the first row gave one value', () => {
    expect(results(y(['N', null]), { observed: { y: [1] }, isEven: false })).toEqual(['y FLOAT[] of [null]']);
  });

  test('without an axis of rows is a row as a whole', () => {
    expect(results(y([3]), { hasRowAxis: false, observed: { y: [3] } })).toEqual(['y FLOAT[3] of [3]']);
    expect(results(y([]), { hasRowAxis: false, observed: { y: [] } })).toEqual(['y[0] FLOAT of []']);
  });

  test('too large for a fixed-size list, or empty, is a list', () => {
    expect(results(y(['N', 100_000]))).toEqual(['y FLOAT[100000] of [100000]']);
    expect(results(y(['N', 100_001]))).toEqual(['y FLOAT[] of [100001]']);
    expect(results(y(['N', 0]))).toEqual(['y FLOAT[] of [0]']);
  });

  test.each([
    ['float16', 'FLOAT'],
    ['int64', 'BIGINT'],
    ['uint64', 'UBIGINT'],
    ['bool', 'BOOLEAN'],
    ['string', 'VARCHAR'],
  ] as const)('of %s is %s', (dtype, type) => {
    expect(results(y(['N'], dtype))).toEqual([`y[0] ${type} of []`]);
  });
});

describe('what the job says', () => {
  const three = y(['N', 3]);

  test('as: another name', () => {
    expect(results(three, { outputs: { y: { as: 'p' } } })).toEqual(['p FLOAT[3] of [3]']);
  });

  test('columns: one column each', () => {
    expect(results(three, { outputs: { y: { columns: ['a', 'b', 'c'] } } })).toEqual([
      'a[0] FLOAT of [3]',
      'b[1] FLOAT of [3]',
      'c[2] FLOAT of [3]',
    ]);
    expect(results(three, { outputs: { y: { columns: ['a', 'b'] } } })).toEqual([
      'outputs.y: 2 column names are given and a row has 3 values; give one name for each, or pick some (pick: { NAME: INDEX })',
    ]);
    expect(results(y(['N', null]), { outputs: { y: { columns: ['a', 'b'] } }, observed: { y: [3] } })).toEqual([
      'outputs.y: 2 column names are given and a row has 3 values; give one name for each, or pick some (pick: { NAME: INDEX })',
    ]);
    expect(results(y(['N', null]), { outputs: { y: { columns: ['a', 'b'] } } })).toEqual([
      'a[0] FLOAT of [null]',
      'b[1] FLOAT of [null]',
    ]);
  });

  test('pick: single values by index', () => {
    expect(results(three, { outputs: { y: { pick: { last: 2, first: 0 } } } })).toEqual([
      'last[2] FLOAT of [3]',
      'first[0] FLOAT of [3]',
    ]);
    expect(results(three, { outputs: { y: { pick: { p: 3 } } } })).toEqual([
      'outputs.y: there is no value 3: a row has 3, counted from 0; pick one of them',
    ]);
    expect(results(three, { outputs: { y: { pick: { p: 'yes' } } } })).toEqual([
      'outputs.y: no class label "yes" (labels: none are known); pick one of these, or an index from 0',
    ]);
  });

  test("outputs that are left out are left out, and their order is the model's", () => {
    const model = [
      modelOutput('label', 'int64', ['N']),
      modelOutput('score', 'float32', ['N']),
      modelOutput('more', 'float32', ['N']),
    ];
    expect(results(model)).toHaveLength(3);
    expect(results(model, { outputs: { score: {}, label: {} } })).toEqual([
      'label[0] BIGINT of []',
      'score[0] FLOAT of []',
    ]);
    expect(results(model, { outputs: { scores: {}, label: {} } })).toEqual([
      expect.stringContaining('the model has no output "scores" (it has: label, score, more). Did you mean "score"?'),
    ]);
  });
});

describe('classes that the model names', () => {
  const classes = [modelOutput('p', 'float32', ['N', 3], ['0', '1', 'no idea'])];

  test('are one column each', () => {
    expect(results(classes, { observed: { p: [3] } })).toEqual([
      'p_0[0] FLOAT of [3]',
      'p_1[1] FLOAT of [3]',
      'p_no idea[2] FLOAT of [3]',
    ]);
  });

  test('are picked by their label, or named otherwise, or left as a list', () => {
    expect(results(classes, { outputs: { p: { pick: { maybe: 'no idea', yes: '1', no: 0 } } } })).toEqual([
      'maybe[2] FLOAT of [3]',
      'yes[1] FLOAT of [3]',
      'no[0] FLOAT of [3]',
    ]);
    expect(results(classes, { outputs: { p: { columns: ['a', 'b', 'c'] } } })).toEqual([
      'a[0] FLOAT of [3]',
      'b[1] FLOAT of [3]',
      'c[2] FLOAT of [3]',
    ]);
    expect(results(classes, { outputs: { p: { as: 'all' } } })).toEqual(['all FLOAT[3] of [3]']);
    expect(results(classes, { outputs: { p: { pick: { x: '2' } } } })).toEqual([
      'outputs.p: no class label "2" (labels: 0, 1, no idea); pick one of these, or an index from 0',
    ]);
    expect(results(classes, { outputs: { p: { columns: ['a'] } } })).toEqual([
      'outputs.p: 1 column names are given and a row has 3 values (0, 1, no idea); give one name for each, or pick some (pick: { NAME: INDEX })',
    ]);
  });

  test('are a list where there are too many for a column each, and still picked by their label', () => {
    const wide = [{ ...classes[0], isWide: true }];
    expect(results(wide)).toEqual(['p FLOAT[3] of [3]']);
    expect(results(wide, { outputs: { p: { pick: { maybe: 'no idea' } } } })).toEqual(['maybe[2] FLOAT of [3]']);
    expect(results(wide, { outputs: { p: { labels: ['a', 'b', 'c'] } } })).toHaveLength(3);
  });

  test('of another number than a row has values are not believed', () => {
    expect(results([modelOutput('p', 'float32', ['N', null], ['a', 'b'])], { observed: { p: [3] } })).toEqual([
      'outputs.p: the model names 2 classes (a, b) and a row has 3 values; name the columns in the job file (columns: [...])',
    ]);
  });
});

describe('names that are taken', () => {
  test.each([['y'], ['Y']])('by a kept column %s', (kept) => {
    expect(results(y(['N']), { kept: ['id', kept] })).toEqual([
      `two result columns would be named "y"; leave "${kept}" out of keep, or name the result otherwise in the job file (outputs: { y: { as: ... } })`,
    ]);
  });

  test('by another result', () => {
    const model = [modelOutput('a', 'float32', ['N']), modelOutput('b', 'float32', ['N'])];
    expect(results(model, { outputs: { a: { as: 'p' }, b: { as: 'P' } } })).toEqual([
      'two result columns would be named "P"; give them other names in the job file (outputs)',
    ]);
    expect(results(y(['N', 2]), { outputs: { y: { columns: ['p', 'p'] } } })).toHaveLength(1);
  });
});
