// Two ways of scoring compared: what counts as the same, and what does not.
import { expect, test } from 'vitest';
import type { Session, TensorData } from '../../src/model/session.ts';
import { sameResults } from '../../src/plan/same-results.ts';
import { batchOf, bindingOf, boundInput } from '../scoring/models.ts';

/** A scorer whose session gives for each call what `results` makes of the values. */
function scorerOf(dtype: TensorData['dtype'], results: (values: readonly number[]) => readonly (number | string)[]) {
  const session = {
    run: (feeds: Readonly<Record<string, TensorData>>) => {
      const values = [...(feeds.x.data as Float32Array)];
      const made = results(values);
      const data = dtype === 'string' ? (made as string[]) : Float32Array.from(made as number[]);
      return { y: { dtype, dims: [values.length, made.length / values.length], data } };
    },
  } as unknown as Session;
  const binding = bindingOf({ inputs: [boundInput('float32', [])], fetches: ['y'] });
  return { session, binding, onCall: () => {} };
}
const singly = (scorer: ReturnType<typeof scorerOf>) => ({
  ...scorer,
  binding: { ...scorer.binding, callRows: 1, isFixedBatch: true },
});
const batch = (rejected: readonly number[] = []) => batchOf(boundInput('float32', []), { values: [1, 2, 4], rejected });
const unit = 2 ** -23;

test('the same bits agree, and rows that are no rows count for nothing', async () => {
  const same = scorerOf('float32', (values) => values.map((value) => value * 3));
  expect(sameResults(batch([1]), singly(same), same)).toEqual({ rows: 2, largestUnits: 0 });
});

test('a difference is measured against the largest value of its row', async () => {
  const exact = scorerOf('float32', (values) => values.flatMap((value) => [value, 1e-6]));
  const near = scorerOf('float32', (values) => values.flatMap((value) => [value * (1 + 2 * unit), 1e-6]));
  expect(sameResults(batch(), exact, near)).toEqual({ rows: 3, largestUnits: 2 });
  const far = scorerOf('float32', (values) => values.flatMap((value) => [value * (1 + 40 * unit), 1e-6]));
  expect(sameResults(batch(), exact, far)).toBe('row 0 of output "y" is not the same');
});

test('rows that change with their neighbours do not agree', async () => {
  const mixing = scorerOf('float32', (values) => values.map((value) => value / Math.max(...values)));
  expect(sameResults(batch(), singly(mixing), mixing)).toBe('row 0 of output "y" is not the same');
});

test('NaN equals NaN and nothing else, texts agree when they are equal', async () => {
  const nan = scorerOf('float32', (values) => values.map(() => Number.NaN));
  const one = scorerOf('float32', (values) => values.map(() => 1));
  expect(sameResults(batch(), nan, nan)).toEqual({ rows: 3, largestUnits: 0 });
  expect(sameResults(batch(), nan, one)).toBe('row 0 of output "y" is not the same');
  const text = (suffix: string) => scorerOf('string', (values) => values.map((value) => `${value}${suffix}`));
  expect(sameResults(batch(), text('a'), text('a'))).toEqual({ rows: 3, largestUnits: 0 });
  expect(sameResults(batch(), text('a'), text('b'))).toBe('row 0 of output "y" is not the same');
});

test('another shape is named', async () => {
  const one = scorerOf('float32', (values) => values);
  const two = scorerOf('float32', (values) => values.flatMap((value) => [value, value]));
  expect(sameResults(batch(), one, two)).toBe('row 0 of output "y" has the shape [2] in place of [1]');
});
