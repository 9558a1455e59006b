// A backfill over several days as a user meets it: what is scored, what is said, and the exit code.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { layoutOf } from '../../src/commit/layout.ts';
import { acquireLock } from '../../src/commit/lock.ts';
import { thisProcess } from '../../src/commit/lock-holder.ts';
import { prepareOutput } from '../../src/commit/prepare-output.ts';
import { readDays } from '../../src/job/run-day.ts';
import { startRun } from '../end-to-end/started-run.ts';
import { runCli } from '../run-cli.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { writeNightlyJob } from './nightly-job.ts';

describe('days', () => {
  it('are a day, a range with both its ends, or a list of these, each once', () => {
    expect(readDays('2026-01-31')).toEqual(['2026-01-31']);
    expect(readDays('2024-02-28..2024-03-01')).toEqual(['2024-02-28', '2024-02-29', '2024-03-01']);
    expect(readDays('2026-01-02, 2026-01-01..2026-01-03')).toEqual(['2026-01-02', '2026-01-01', '2026-01-03']);
  });

  it.each([
    ['2026-02-30', 'must be a day such as 2026-01-31, not "2026-02-30"; a range is written 2026-01-01..2026-01-31'],
    ['2026-01-01..', 'must be a day such as 2026-01-31, not ""; a range is written 2026-01-01..2026-01-31'],
    [
      '2026-01-01..2026-01-02..2026-01-03',
      'must be a day such as 2026-01-31, not "2026-01-01..2026-01-02..2026-01-03"; a range is written 2026-01-01..2026-01-31',
    ],
    ['2026-01-07..2026-01-01', '2026-01-07..2026-01-01 ends before it begins'],
    ['1026-01-01..2026-01-01', '"1026-01-01..2026-01-01" has more than 3660 days'],
  ])('are not %s', (text, problem) => {
    expect(readDays(text)).toBe(problem);
  });
});

const days = ['2026-11-01', '2026-11-02', '2026-11-04'];
const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';

describe('scoremill run --dates', () => {
  it('scores each day into its own output, goes on after one that fails, and tells so with the exit code', async () => {
    const folder = temporaryFolder();
    const job = writeNightlyJob(folder, days);
    const words = ['run', job, '--dates', '2026-11-01..2026-11-04'];
    const planned = await runCli(['plan', job, '--dates', '2026-11-02..2026-11-03', '--json']);
    expect(planned.exitCode).toBe(66);
    expect(JSON.parse(planned.stdout).days).toMatchObject([
      { date: '2026-11-02', decision: 'score', rows: 3 },
      { date: '2026-11-03', failures: [{ reason: 'dataset-missing' }] },
    ]);
    const first = await runCli([...words, '--result-line']);
    const missing = `no file matches ${folder}/data/2026-11-03/*.csv (looked in ${folder}/data, which exists); check the dataset path`;
    expect(first.exitCode, first.stderr).toBe(66);
    expect(JSON.parse(first.stdout)).toEqual({
      verdict: 'failed',
      exitCode: 66,
      days: 4,
      complete: 3,
      alreadyComplete: 0,
      failed: 1,
      notReached: 0,
      rows: 9,
      scored: 9,
      rejected: 0,
      filtered: 0,
      written: 9,
      failedDays: ['2026-11-03'],
      failure: { reason: 'dataset-missing', message: missing },
    });
    expect(readdirSync(join(folder, 'out')).sort()).toEqual(days);
    for (const day of days) {
      expect(existsSync(join(folder, 'out', day, '_SUCCESS'))).toBe(true);
      expect(first.stderr).toContain(`complete: 3 rows scored into ${folder}/out/${day} (1 part, `);
    }
    expect(first.stderr).toContain(`\n2026-11-03 (3 of 4)\nerror: 2026-11-03: ${missing}\n2026-11-04 (4 of 4)\n`);
    expect(first.stderr.trimEnd().split('\n').slice(-3)).toEqual([
      '4 days: 3 complete, 1 failed; 9 rows in = 9 scored + 0 rejected',
      '  failed   2026-11-03 (exit code 66)',
      '  next     the same command again: complete days are left alone, and unfinished ones are resumed',
    ]);

    mkdirSync(join(folder, 'data/2026-11-03'));
    writeFileSync(join(folder, 'data/2026-11-03/rows.csv'), 'id,x\n1,1\n');
    const again = await runCli([...words, '--json']);
    expect(again.exitCode).toBe(0);
    const { days: all, ...head } = JSON.parse(again.stdout);
    expect(head).toEqual({ verdict: 'complete', exitCode: 0 });
    expect(
      all.map((one: { date: string; verdict: string; rows: number }) => [one.date, one.verdict, one.rows]),
    ).toEqual([
      ['2026-11-01', 'already-complete', 3],
      ['2026-11-02', 'already-complete', 3],
      ['2026-11-03', 'complete', 1],
      ['2026-11-04', 'already-complete', 3],
    ]);
    expect(lastLine(again.stderr)).toBe('4 days: 1 complete, 3 complete before; 10 rows in = 10 scored + 0 rejected');

    const nothing = await runCli([...words, '--quiet', '--nothing-to-do-code', '99']);
    expect(nothing).toMatchObject({ exitCode: 99, stdout: '', stderr: '' });
  });

  it('leaves a day to the run that holds its lock', async () => {
    const folder = temporaryFolder();
    const job = writeNightlyJob(folder, days);
    const held = layoutOf(join(folder, 'out/2026-11-02'));
    await prepareOutput(held);
    await using lock = await acquireLock(held);
    const { exitCode, stderr } = await runCli(['run', job, '--dates', days.join(','), '--quiet']);
    expect(exitCode).toBe(75);
    expect(stderr).toMatch(/^error: 2026-11-02: output \S+ is in use by process [^\n]+\n$/);
    await lock.requireHeld();
    expect(days.map((day) => existsSync(join(folder, 'out', day, '_SUCCESS')))).toEqual([true, false, true]);
  });

  it('stops after a day that fails when it is told to; one line for each failure with --quiet', async () => {
    const folder = temporaryFolder();
    const job = writeNightlyJob(folder, ['2026-11-02']);
    const words = ['run', job, '--dates', '2026-11-01,2026-11-02', '--quiet'];
    const stopped = await runCli([...words, '--stop-on-failure', '--json']);
    expect(stopped.exitCode).toBe(66);
    expect(JSON.parse(stopped.stdout).days[1]).toEqual({ date: '2026-11-02', verdict: 'not-reached' });
    expect(stopped.stderr).toMatch(/^error: 2026-11-01: no file matches [^\n]*\n$/);
    expect(existsSync(join(folder, 'out/2026-11-02'))).toBe(false);
  });

  it('ends at the day it is at when it is asked to', async () => {
    const folder = temporaryFolder();
    const job = writeNightlyJob(folder, ['2026-11-01', '2026-11-02', '2026-11-03']);
    const run = startRun(['run', job, '--dates', '2026-11-01..2026-11-03', '--result-line']);
    const { date } = await run.until('run-finished');
    expect(date).toBe('2026-11-01');
    run.process.kill('SIGTERM');
    const { exitCode, stdout } = await run.ended;
    expect(exitCode).toBe(143);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'interrupted', complete: 1, exitCode: 143 });
    expect(existsSync(join(folder, 'out/2026-11-03'))).toBe(false);
    const rest = await runCli(['run', job, '--dates', '2026-11-01..2026-11-03', '--quiet']);
    expect(rest).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('is interrupted, not failed, when a day is stopped before it has a plan', async () => {
    const folder = temporaryFolder();
    const days = ['2026-11-01', '2026-11-02'];
    const job = writeNightlyJob(folder, days);
    const held = layoutOf(join(folder, 'out/2026-11-02'));
    await prepareOutput(held);
    writeFileSync(
      held.lock,
      JSON.stringify({ ...(await thisProcess()), host: 'elsewhere', bootId: 'another', renewalMs: 5000 }),
    );
    const run = startRun(['run', job, '--dates', days.join(','), '--take-over-after', '1h', '--result-line']);
    await run.untilSaid('is locked by process');
    run.process.kill('SIGTERM');
    const { exitCode, stdout } = await run.ended;
    expect(exitCode).toBe(143);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'interrupted', complete: 1, exitCode: 143 });
  });

  it('refuses to write all days into one output', async () => {
    const folder = temporaryFolder();
    const job = writeNightlyJob(folder, days, 'out');
    const words = ['--dates', '2026-11-01..2026-11-02', '--quiet'];
    expect(await runCli(['run', job, ...words])).toMatchObject({
      exitCode: 78,
      stderr: `error: every day would be written to ${folder}/out; write {{ ds }} into output.path of ${job}, as in out/{{ ds }}, for a folder of its own\n`,
    });
    const typed = await runCli(['run', job, '--output', join(folder, 'out/{{ ds }}'), ...words]);
    expect(typed).toMatchObject({
      exitCode: 78,
      stderr: `error: every day would be written to ${folder}/out/{{ ds }}; an --output is taken as it is typed, so leave it away and write output.path: out/{{ ds }} into a job file, for a folder of its own\n`,
    });
  });

  it('warns when every day would score the same rows', async () => {
    const folder = temporaryFolder();
    const job = writeNightlyJob(folder, days);
    const { exitCode, stderr } = await runCli([
      ...['run', job, '--dataset', join(folder, 'data/2026-11-01'), '--dates', '2026-11-01,2026-11-02'],
    ]);
    expect(exitCode).toBe(0);
    expect(stderr.split('\n')[0]).toBe(
      'warning: every day scores the same rows: {{ ds }} stands neither in dataset.path nor in dataset.where',
    );
  });
});
