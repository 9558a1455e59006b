import { describe, expect, test } from 'vitest';
import type { Dimension, ModelInput } from '../../src/model/signature.ts';
import { suggestBinding } from '../../src/run/suggest-binding.ts';

const input = (name: string, shape: readonly Dimension[], optional = false): ModelInput => ({
  name,
  dtype: 'float32',
  shape,
  optional,
});

const suggest = (inputs: readonly ModelInput[], featureNames?: readonly string[]) =>
  suggestBinding({ inputs, outputs: [], ...(featureNames && { featureNames }) });

describe('the columns that a model takes by its signature', () => {
  test('are those of its inputs, where a row has one value in each', () => {
    const suggested = suggest([input('age', [null, 1]), input('income', ['N']), input('sex', [1, 1])]);
    expect(suggested.map(({ columns, values, advice }) => [columns, values, advice])).toEqual([
      [['age'], 1, 'the column "age"'],
      [['income'], 1, 'the column "income"'],
      [['sex'], 1, 'the column "sex"'],
    ]);
  });

  test('are those that the metadata names', () => {
    expect(suggest([input('x', [null, 2])], ['a', 'b'])).toEqual([
      {
        input: 'x',
        columns: ['a', 'b'],
        values: 2,
        optional: false,
        advice: "the 2 columns that the model's metadata names",
      },
    ]);
  });

  test('are any numeric ones beside the kept, where one input takes a known number', () => {
    const advice =
      'the 30 numeric columns beside those of --keep, in the order of the file, or a list column "x" of 30 values';
    expect(suggest([input('x', [null, 30])])).toEqual([
      { input: 'x', columns: null, values: 30, optional: false, advice },
    ]);
    expect(suggest([input('x', [768])])[0]).toMatchObject({ columns: null, values: 768 });
  });

  test('have to be said, where the model leaves their number open', () => {
    const advice = 'the columns of --inputs x=COLUMN,... (the model does not say how many), or a list column "x"';
    expect(suggest([input('x', [null, null])])).toEqual([
      { input: 'x', columns: null, values: null, optional: false, advice },
    ]);
  });

  test('are lists, for tensors of more axes', () => {
    const adviceOf = (shape: readonly Dimension[]) => suggest([input('x', shape)])[0].advice;
    expect(adviceOf([null, 3, 32, 32])).toBe('the list column "x" of 3072 values, or of nested lists');
    expect(adviceOf([null, 'length', 7])).toBe('the column "x" of lists');
    expect(adviceOf([null, 'height', 'width', 3])).toBe(
      'the column "x" of nested lists; for flat lists say the shape of one row in a job file (inputs: { x: { column: x, shape: [...] } })',
    );
  });

  test('are list columns of the names of several inputs', () => {
    const [ids, mask] = suggest([input('ids', [null, 'length']), input('mask', [null, 8])]);
    expect(ids.advice).toBe('the list column "ids", or the columns of --inputs ids=COLUMN,...');
    expect(mask.advice).toBe('the list column "mask" of 8 values, or the columns of --inputs mask=COLUMN,...');
  });

  test('are none for an input with a default', () => {
    const [, scale] = suggest([input('x', [null, 2]), input('scale', [1], true)]);
    expect(scale).toMatchObject({
      columns: null,
      optional: true,
      advice: 'optional: the model has a default for it; to feed it, say --inputs scale=COLUMN',
    });
  });
});
