import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from '../run-cli.ts';
import { writeTinyJob } from '../safety/tiny-job.ts';
import { temporaryFolder } from '../temporary-folder.ts';

test('every log line of --log-format json is an event with its time and, from the start of the run on, its run id', async () => {
  const folder = temporaryFolder();
  const words = writeTinyJob(join(folder, 'job')).words(join(folder, 'out'), '--budget', '0', '--log-format', 'json');
  const { exitCode, stderr } = await runCli(words, { environment: { SCOREMILL_NO_SUCH_OPTION: '1' } });
  expect(exitCode).toBe(65);
  const events = stderr
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  for (const { time } of events) expect(new Date(time as string).toISOString()).toBe(time);
  const names = events.map(({ event }) => event);
  expect(names[0]).toBe('warning');
  const started = names.indexOf('run-started');
  const ofRun = events.slice(started).filter(({ event }) => event !== 'failure');
  expect(new Set(ofRun.map(({ runId }) => runId))).toEqual(new Set(['same']));
  expect(names.slice(-2)).toEqual(['run-finished', 'failure']);
  expect(events.at(-2)).toMatchObject({ verdict: 'over-budget', rejected: 1 });
  expect(events.at(-1)).toMatchObject({
    reason: 'over-budget',
    exitCode: 65,
    message: expect.stringContaining('rejected and the budget is 0'),
  });
});
