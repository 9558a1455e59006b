// What is said of missing values when too many rows were rejected: the options that do something about them, and no others.
import { expect, it } from 'vitest';
import { describeFailure } from '../../src/core/failure.ts';

const sentence = (nullColumns: readonly string[], isNan: boolean): string =>
  describeFailure({
    ...{
      reason: 'over-budget',
      rejected: 1,
      budget: '0',
      first: ['a.csv row 3 column "x": null'],
      rejectsPath: 'r.parquet',
    },
    nullColumns,
    isNan,
  }).replace(/^.* finished splits are kept/, '');

it.each([
  [[], false, ''],
  [
    ['city', 'age'],
    false,
    '. Missing values: if the model was trained to take missing numbers as NaN, start over with --nulls nan --fresh; or say what stands in for them (--set rejects.fill.city=VALUE --set rejects.fill.age=VALUE --fresh)',
  ],
  [['city'], true, '. Missing values: say what stands in for them (--set rejects.fill.city=VALUE --fresh)'],
  [['mean radius'], true, '. Missing values: say what stands in for them (rejects.fill in the job file)'],
])('%j, NaN already: %s', (columns, isNan, expected) => {
  expect(sentence(columns, isNan)).toBe(expected);
});

it('speaks of one row as of one', () => {
  const failure = {
    reason: 'over-budget',
    rejected: 1,
    budget: '0',
    first: ['a.csv row 3: x'],
    rejectsPath: 'r.parquet',
  } as const;
  expect(describeFailure({ ...failure, nullColumns: [], isNan: false })).toBe(
    '1 row was rejected and the budget is 0: a.csv row 3: x. It is in r.parquet. Mend the row, or allow for it with --budget (rows, or a share such as 1%) and run the same command again: finished splits are kept',
  );
});
