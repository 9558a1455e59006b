// The page of a run that published nothing: it says why and how far it came, and is gone once the run goes on. What the output
// folder promises is as if it were not there.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from '../run-cli.ts';
import { writeTinyJob } from '../safety/tiny-job.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { resultOf } from './result.ts';

const pageOf = (out: string): string => join(out, '_scoremill/unpublished.html');
const reportOf = (out: string): string => join(out, '_scoremill/report.html');

/** Text of a page as a reader sees it. */
const textOf = (path: string): string =>
  readFileSync(path, 'utf8')
    .replace(/<style>[\s\S]*?<\/style>/, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');

const timeout = 120_000;

test('over the budget: verdict, reason, next step and the rejects; the run that goes on takes it away', {
  timeout,
}, async () => {
  const here = temporaryFolder();
  const job = writeTinyJob(join(here, 'job'));
  const out = join(here, 'out');
  // Of 200 rows three are rejected, in the first, the third and the fifth of five splits.
  const over = await runCli([...job.words(out), '--budget', '1', '--json']);
  expect(over.exitCode).toBe(65);
  expect(over.stderr).toContain(`report   ${pageOf(out)}`);
  expect(JSON.parse(over.stdout)).toMatchObject({ reportPath: pageOf(out) });
  const text = textOf(pageOf(out));
  expect(text).toMatch(
    /Not published .*score Run same , ended .*Why nothing was published 2 rows were rejected and the budget is 1: /,
  );
  // The split that was being scored when the budget was spent was finished.
  expect(text).toMatch(/[34] of 5 splits finished and kept\. Raise --budget and run the same command: it goes on from/);
  expect(text).toMatch(/(120|160) of 200 rows so far = (118|158) scored \+ 2 rejected/);
  expect(text).toContain('value-misfit 2 Columns: x 2');
  expect(text).toContain(`row 7 of ${job.shards[0]}`);
  expect(text).toContain('All of them stand in _scoremill/staging/rejects.parquet');
  expect(existsSync(join(out, '_scoremill/staging/rejects.parquet'))).toBe(true);

  // What looks at the folder sees an unfinished run, as before.
  expect(
    resultOf(out)
      .names()
      .filter((name) => !name.startsWith('_scoremill')),
  ).toEqual([]);
  expect((await runCli(['inspect', out])).stdout).toMatch(/UNFINISHED[\s\S]*report +.*_scoremill\/unpublished\.html/);
  expect((await runCli(['verify', out])).exitCode).toBe(80);
  expect((await runCli(['report', out])).exitCode).toBe(80);

  // It goes on, and is still over its budget: the page is of that execution.
  expect((await runCli([...job.words(out), '--budget', '2'])).exitCode).toBe(65);
  expect(textOf(pageOf(out))).toMatch(/after 2 executions.*5 of 5 splits finished.*200 of 200 rows so far/);
  // It scores nothing more, for nothing is left.
  expect((await runCli([...job.words(out), '--budget', '0'])).exitCode).toBe(65);
  expect(textOf(pageOf(out))).toContain('Every finished split was scored by an earlier execution.');

  const done = await runCli([...job.words(out), '--budget', '3']);
  expect([done.exitCode, done.stderr]).toEqual([0, expect.stringContaining(`report   ${reportOf(out)}`)]);
  expect(existsSync(pageOf(out))).toBe(false);
  expect(textOf(reportOf(out))).toContain('Complete, with 3 rejects within the budget');
  expect((await runCli(['verify', out])).exitCode).toBe(0);
});

test('a shard that cannot be read is named with what was scored; mended, the same command publishes', {
  timeout,
}, async () => {
  const here = temporaryFolder();
  const data = join(here, 'data');
  cpSync('sample-data/credit-risk/data', data, { recursive: true });
  const shard = join(data, 'applications-1.parquet');
  const { mtime, atime } = statSync(shard);
  utimesSync(shard, atime, mtime);
  const whole = readFileSync(shard);
  const damaged = Buffer.from(whole);
  damaged.fill(0x5a, damaged.length >> 1, (damaged.length >> 1) + 40_000);
  const put = (bytes: Buffer): void => {
    writeFileSync(shard, bytes);
    utimesSync(shard, atime, mtime);
  };
  put(damaged);
  const out = join(here, 'out');
  const words = ['run', 'jobs/credit-risk.yaml', '--dataset', `${data}/*.parquet`, '--output', out, '--workers', '1'];
  const failed = await runCli(words);
  expect(failed.exitCode).toBe(66);
  expect(failed.stderr).toContain(`report   ${pageOf(out)}`);
  const text = textOf(pageOf(out));
  expect(text).toMatch(/Not published .*Why nothing was published .*applications-1\.parquet/);
  expect(text).toMatch(
    /\d+ of \d+ splits finished and kept, nothing published\. With the cause above mended, the same command goes on/,
  );
  expect(existsSync(reportOf(out))).toBe(false);

  put(whole);
  const mended = await runCli(words);
  expect([mended.exitCode, mended.stderr]).toEqual([0, expect.stringContaining('came from an earlier execution')]);
  expect([existsSync(pageOf(out)), resultOf(out).isPublished()]).toEqual([false, true]);
  expect(textOf(reportOf(out))).toMatch(/Complete.*finished .*, after 2 executions/);
});

test('beside an older result the report stays that of the older result, also when the new run is thrown away', {
  timeout,
}, async () => {
  const here = temporaryFolder();
  const job = writeTinyJob(join(here, 'job'));
  const out = join(here, 'out');
  expect((await runCli([...job.words(out), '--run-id', 'first'])).exitCode).toBe(0);
  const report = readFileSync(reportOf(out), 'utf8');
  const replace = [...job.words(out), '--if-exists', 'replace', '--run-id', 'second'];
  expect((await runCli([...replace, '--budget', '0'])).exitCode).toBe(65);
  expect(textOf(pageOf(out))).toContain('The output folder still holds the complete result of run first');
  expect([readFileSync(reportOf(out), 'utf8') === report, resultOf(out).isPublished()]).toEqual([true, true]);
  // Started over, and told to make no page.
  expect((await runCli([...replace, '--budget', '0', '--fresh', '--no-report'])).exitCode).toBe(65);
  expect(existsSync(pageOf(out))).toBe(false);
  expect((await runCli([...replace, '--budget', '0'])).exitCode).toBe(65);
  expect(existsSync(pageOf(out))).toBe(true);
  expect((await runCli(replace)).exitCode).toBe(0);
  expect([existsSync(pageOf(out)), textOf(reportOf(out)).includes('Run second')]).toEqual([false, true]);

  // Left behind by a run that was killed right after it had published: the next one tidies up.
  writeFileSync(pageOf(out), 'old');
  expect((await runCli(job.words(out))).exitCode).toBe(0);
  expect(existsSync(pageOf(out))).toBe(false);
  expect((await runCli(['verify', out])).exitCode).toBe(0);
});

test('a page that cannot be written is a warning; whatever has its name goes when the run goes on', {
  timeout,
}, async () => {
  const here = temporaryFolder();
  const job = writeTinyJob(join(here, 'job'));
  const out = join(here, 'out');
  const inTheWay = join(out, '_scoremill/unpublished.html.writing');
  mkdirSync(inTheWay, { recursive: true });
  const over = await runCli([...job.words(out), '--budget', '0', '--json']);
  expect([over.exitCode, JSON.parse(over.stdout).reportPath]).toEqual([65, null]);
  expect(over.stderr).toContain('warning: the report could not be written (');
  rmSync(inTheWay, { recursive: true });
  mkdirSync(join(pageOf(out), 'somewhat'), { recursive: true });
  expect((await runCli(job.words(out))).exitCode).toBe(0);
  expect([existsSync(pageOf(out)), resultOf(out).isPublished()]).toEqual([false, true]);
});
