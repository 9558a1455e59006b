// What may pass is tried again, what cannot is not; and a run whose budget is spent stops scoring.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import type { CliOptions } from '../run-cli.ts';
import { writeTinyJob } from '../safety/tiny-job.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { startRun } from './started-run.ts';

/** Options under which file operations below `folder` are counted, or one of a worker's fails once. */
function withDisk(folder: string, operation: number | null): CliOptions {
  const at = operation === null ? null : { role: 'worker', operation };
  const told = { folders: [folder], log: join(folder, 'io.log'), at, code: 'EIO', lasting: false };
  const preload = resolve(import.meta.dirname, '../safety/io-fault.mjs');
  return { environment: { NODE_OPTIONS: `--import=${preload}`, IO_FAULT: JSON.stringify(told) } };
}

test('a disk error that passes costs a second attempt, which comes later; without retries it ends the run', async () => {
  const here = temporaryFolder();
  const job = writeTinyJob(join(here, 'job'));
  const folderOf = (name: string): string => {
    mkdirSync(join(here, name));
    return join(here, name);
  };
  const counted = folderOf('counted');
  expect(await startRun(job.words(join(counted, 'out')), withDisk(counted, null)).ended).toMatchObject({ exitCode: 0 });
  const staged = /^worker (\d+) open .*\/staging\/split-.*\.parquet$/m.exec(
    readFileSync(join(counted, 'io.log'), 'utf8'),
  );
  const operation = Number(staged?.[1]);
  expect(operation).toBeGreaterThan(0);

  const retried = folderOf('retried');
  const run = startRun(job.words(join(retried, 'out')), withDisk(retried, operation));
  expect(await run.ended).toMatchObject({ exitCode: 0 });
  const attempts = run.events.filter(({ event }) => event === 'split-finished').map(({ attempt }) => attempt);
  expect(attempts.sort()).toEqual([0, 0, 0, 0, 1]);

  const given = folderOf('given-up');
  const { exitCode, stderr } = await startRun(
    job.words(join(given, 'out'), '--retries', '0'),
    withDisk(given, operation),
  ).ended;
  expect([exitCode, stderr]).toEqual([74, expect.stringContaining('EIO')]);
  expect(existsSync(join(given, 'out/_SUCCESS'))).toBe(false);
});

test('a budget in percent that is spent stops the run before the rest is scored, and nothing is tried again', async () => {
  const here = temporaryFolder();
  const job = writeTinyJob(join(here, 'job'));
  // Of 200 rows 0.4 % are none, and there is a reject in the first of five splits.
  const run = startRun(job.words(join(here, 'out'), '--budget', '0.4%'));
  const { exitCode, stderr } = await run.ended;
  expect(exitCode, stderr).toBe(65);
  expect(stderr).toContain('error: 1 row was rejected and the budget is 0.4%: ');
  const finished = run.events.filter(({ event }) => event === 'split-finished');
  expect(finished.length).toBeLessThan(job.splits);
  expect(finished.map(({ attempt }) => attempt)).toEqual(finished.map(() => 0));
});
