import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { RunEvent } from '../../src/core/event.ts';
import type { RunResult } from '../../src/run/run-result.ts';
import { startedRun } from '../../src/run/started-run.ts';

const result = { verdict: 'already-complete' } as RunResult;
const notice = (text: string): RunEvent => ({ event: 'notice', text });
const progress = (rowsDone: number): RunEvent => ({ event: 'progress', rowsDone, rejected: 0 });

async function allOf(events: AsyncIterable<RunEvent>): Promise<readonly RunEvent[]> {
  const seen: RunEvent[] = [];
  for await (const event of events) seen.push(event);
  return seen;
}

it('gives every event in its order, and the result', async () => {
  const run = startedRun(async (observe) => {
    observe(notice('before anybody can wait'));
    await wait(1);
    observe(notice('a'));
    observe(progress(1));
    observe(notice('b'));
    return result;
  });
  const [first, second] = await Promise.all([allOf(run), allOf(run)]);
  expect(first).toEqual([notice('a'), progress(1), notice('b')]);
  expect(second).toEqual(first);
  expect(await run).toBe(result);
  expect(await allOf(run)).toEqual([]);
});

it('keeps the last report of progress alone for a slow reader', async () => {
  const run = startedRun(async (observe) => {
    await wait(1);
    for (let row = 0; row < 1000; row++) observe(progress(row));
    observe(notice('last'));
    return result;
  });
  const reader = run[Symbol.asyncIterator]();
  await run;
  const seen = [await reader.next(), await reader.next(), await reader.next()];
  expect(seen.map(({ value }) => value)).toEqual([progress(999), notice('last'), undefined]);
});

it('throws in the loop what the run rejects with, and that is enough', async () => {
  const error = new Error('refused');
  const run = startedRun(async (observe) => {
    await wait(1);
    observe(notice('a'));
    throw error;
  });
  const reader = run[Symbol.asyncIterator]();
  const answers = [reader.next(), reader.next(), reader.next()];
  expect(await answers[0]).toEqual({ done: false, value: notice('a') });
  await expect(answers[1]).rejects.toBe(error);
  expect(await answers[2]).toEqual({ done: true, value: undefined });
  await expect(allOf(run)).rejects.toBe(error);
  await expect(run).rejects.toBe(error);
});

it('goes on when a loop is left', async () => {
  const run = startedRun(async (observe) => {
    for (let row = 0; row < 3; row++) {
      await wait(1);
      observe(progress(row));
    }
    return result;
  });
  for await (const event of run) {
    expect(event).toEqual(progress(0));
    break;
  }
  expect(await run).toBe(result);
});
