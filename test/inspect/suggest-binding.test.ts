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
        isState: false,
        advice: 'the 2 columns that the model names',
      },
    ]);
  });

  test('are any numeric ones beside the kept, where one input takes a known number', () => {
    const advice =
      'the 30 numeric columns beside those of --keep, in the order of the file, or a list column "x" of 30 values';
    expect(suggest([input('x', [null, 30])])).toEqual([
      { input: 'x', columns: null, values: 30, optional: false, isState: false, advice },
    ]);
    expect(suggest([input('x', [768])])[0]).toMatchObject({ columns: null, values: 768 });
  });

  test('have to be said, where the model leaves their number open', () => {
    const advice = 'the columns of --inputs x=COLUMN,... (the model does not say how many), or a list column "x"';
    expect(suggest([input('x', [null, null])])).toEqual([
      { input: 'x', columns: null, values: null, optional: false, isState: false, advice },
    ]);
  });

  test('are lists, for tensors of more axes', () => {
    const adviceOf = (shape: readonly Dimension[]) => suggest([input('x', shape)])[0].advice;
    expect(adviceOf([null, 3, 32, 32])).toBe(
      'the list column "x" of 3072 values, or of nested lists; or images (inputs: { x: { column: COLUMN, image: PRESET } } in a job file)',
    );
    expect(adviceOf([null, 'length', 7])).toBe('the column "x" of lists');
    expect(adviceOf([null, 'height', 'width', 5])).toBe(
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

  test('are none for a state that the model hands from call to call', () => {
    const output = { name: 'h_next', dtype: 'float32', shape: [2, 'batch', 64] } as const;
    const inputs = [input('x', ['batch', 4]), input('h0', [2, 'batch', 64])];
    const [features, state] = suggestBinding({ inputs, outputs: [output] });
    expect(features).toMatchObject({ columns: null, values: 4, isState: false });
    expect(state).toMatchObject({
      columns: null,
      isState: true,
      advice:
        'a state (the output "h_next" is the next one), the same for every row here: inputs: { h0: { value: 0 } } in a job file',
    });
    const [, other] = suggestBinding({ inputs, outputs: [{ ...output, shape: ['batch', 3] }] });
    expect(other.isState).toBe(false);
  });

  test('are texts, for an input of token numbers with a tokenizer beside the model', () => {
    const ids = { ...input('input_ids', ['batch', 'length']), dtype: 'int64' } as const;
    const adviceOf = (hasTokenizer: boolean) => suggestBinding({ inputs: [ids], outputs: [] }, hasTokenizer)[0].advice;
    expect(adviceOf(true)).toBe(
      'the tokens of the one text column, the list column "input_ids" of token numbers, or text (inputs: { input_ids: { column: COLUMN, text: auto } } in a job file)',
    );
    expect(adviceOf(false)).toBe(
      'the list column "input_ids" of token numbers, or text (inputs: { input_ids: { column: COLUMN, text: { tokenizer: path/to/tokenizer.json } } } in a job file)',
    );
  });
});
