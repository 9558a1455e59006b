// When a run takes no worker thread: what is left is one split, and calling the model for it is soon over.
import { expect, it } from 'vitest';
import type { Split } from '../../src/core/split.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { isScoredInline } from '../../src/run/room.ts';

const run = (workers: number | 'auto') => ({ workers }) as Parameters<typeof isScoredInline>[0];
const plan = (callRows: number, expectedCallMs: number | null) => ({ expectedCallMs, binding: { callRows } }) as Plan;
const split = (rows: number) => ({ rows }) as Split;

it.each([
  ['1,000 rows of a quick model', run('auto'), plan(2048, 4), [split(1000)], true],
  ['calls that take a second in all', run(2), plan(100, 100), [split(1000)], true],
  ['a last call for the rows that are left over', run(2), plan(100, 100), [split(1001)], false],
  ['a model that takes one row a call, slowly', run('auto'), plan(1, 30), [split(1000)], false],
  ['two quick splits', run('auto'), plan(2048, 4), [split(1000), split(1000)], false],
  ['nothing left to score', run('auto'), plan(2048, 4), [], false],
  ['a model that was never tried', run('auto'), plan(2048, null), [split(1000)], false],
  ['a job that wants no threads', run(0), plan(1, 30), [split(1000), split(1000)], true],
])('%s', (_what, settings, planned, remaining, isInline) => {
  expect(isScoredInline(settings, planned, remaining)).toBe(isInline);
});
