// What is left for Airflow's sidecar and for Kubernetes, and what `--quiet` and `--result-line` print.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inOneLine } from '../../src/cli/complain-about.ts';
import { leaveMessage, leaveXcom } from '../../src/cli/leave-result.ts';
import { runCli } from '../run-cli.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { writeNightlyJob } from './nightly-job.ts';

describe('the XCom of a pod', () => {
  it('is left where its folder is, and only there', async () => {
    const folder = temporaryFolder();
    await leaveXcom({ rows: 3 }, folder);
    expect(readFileSync(join(folder, 'return.json'), 'utf8')).toBe('{"rows":3}\n');
    await leaveXcom({ rows: 3 }, join(folder, 'none'));
    await leaveXcom({ rows: 3 }, join(folder, 'return.json'));
    expect(readdirSync(folder)).toEqual(['return.json']);
  });
});

describe('the termination message', () => {
  it('has at most 4096 bytes, in whole letters, and is never made where it was not', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'termination-log');
    await leaveMessage(['first'], path);
    expect(readdirSync(folder)).toEqual([]);
    writeFileSync(path, '');
    await leaveMessage(['error first', 'second'], path);
    expect(readFileSync(path, 'utf8')).toBe('error first\nsecond');
    await leaveMessage([`a${'é'.repeat(4000)}`], path);
    expect(readFileSync(path, 'utf8')).toBe(`a${'é'.repeat(2047)}`);
  });
});

describe('the result line', () => {
  it('is the last line on stdout, whatever became of the run', async () => {
    const folder = temporaryFolder();
    const job = writeNightlyJob(folder, ['2026-11-01']);
    const words = ['run', job, '--date', '2026-11-01', '--run-id', 'r1', '--result-line', '--quiet'];
    const counts = { rows: 3, scored: 3, rejected: 0, filtered: 0, written: 3, parts: 1 };
    const common = { date: '2026-11-01', output: join(folder, 'out/2026-11-01'), runId: 'r1', ...counts };
    const first = await runCli(words);
    expect(first).toMatchObject({ exitCode: 0, stderr: '' });
    expect(first.stdout.endsWith('}\n')).toBe(true);
    const { wallMs, ...line } = JSON.parse(first.stdout);
    expect(line).toEqual({ verdict: 'complete', exitCode: 0, ...common, resumedSplits: 0, failure: null });
    expect(wallMs).toBeGreaterThan(0);
    const again = await runCli(words);
    const rest = { resumedSplits: 0, wallMs: 0, failure: null };
    expect(JSON.parse(again.stdout)).toEqual({ verdict: 'already-complete', exitCode: 0, ...common, ...rest });
    const refused = await runCli([...words, '--if-exists', 'fail']);
    const { failure, ...head } = JSON.parse(refused.stdout);
    expect(refused.stderr).toBe(`error: ${failure.message}\n`);
    expect({ head, reason: failure.reason, exitCode: refused.exitCode }).toEqual({
      head: { verdict: 'refused', exitCode: 73, date: '2026-11-01' },
      reason: 'output-complete',
      exitCode: 73,
    });
  });

  it('does not share stdout with --json', async () => {
    expect(await runCli(['run', '--json', '--result-line'])).toMatchObject({
      exitCode: 64,
      stderr: 'error: give --json or --result-line, not both: either is all of stdout\n',
    });
  });
});

describe('--quiet', () => {
  it('says nothing of a run that is right, and of one that is not all in one line', async () => {
    const folder = temporaryFolder();
    const job = writeNightlyJob(folder, ['2026-11-01']);
    const words = ['run', job, '--date', '2026-11-01', '--quiet'];
    // An unknown variable is a warning, not a failure.
    const environment = { SCOREMILL_WORKER: '2' };
    expect(await runCli(words, { environment })).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
    mkdirSync(join(folder, 'data/2026-11-01/more'));
    for (const name of ['a', 'b']) writeFileSync(join(folder, `data/2026-11-01/${name}.csv`), 'id,x\n9,9\n');
    const { exitCode, stderr } = await runCli(words);
    expect(exitCode).toBe(73);
    expect(stderr).toMatch(
      /^error: output \S+ holds a complete result of another job, model or input: shard \S+a\.csv: .* \(was not there\), and 1 more; use --if-exists replace [^\n]*\n$/,
    );
  });

  it('puts failures that list things, and several failures, into one line', () => {
    expect(inOneLine([{ reason: 'job-incomplete', missing: ['model'], command: 'scoremill run' }])).toBe(
      'model is missing, and there is no job file; for example: scoremill run',
    );
    const resume = { reason: 'resume-mismatch', output: 'out', changes: ['a: 1 (was 2)', 'b: 1 (was 2)'] } as const;
    expect(inOneLine([resume, resume, resume])).toBe(
      'output out holds an unfinished run that differs from this one: a: 1 (was 2), and 1 more; undo the change to resume it, or run with --fresh to start over (and 2 more problems; without --quiet all are shown)',
    );
  });
});
