// What a user meets who has a path, a folder or a disk wrong: what, where, and the next step, with the documented exit code.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../run-cli.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { resultOf } from './result.ts';
import { startRun } from './started-run.ts';

const root = resolve(import.meta.dirname, '../..');

async function refused(...words: string[]): Promise<{ readonly exitCode: number | null; readonly stderr: string }> {
  const { exitCode, stderr } = await runCli([...words, '--quiet']);
  return { exitCode, stderr };
}

describe.each(['run', 'plan'])('%s', (command) => {
  test('says which model is not there', async () => {
    const out = join(temporaryFolder(), 'out');
    expect(await refused(command, 'jobs/digits.yaml', '--model', 'no/such.onnx', '--output', out)).toEqual({
      exitCode: 66,
      stderr: `error: no model at ${join(root, 'no/such.onnx')}; check --model, or model.path in the job file\n`,
    });
  });

  test('says where it looked for data', async () => {
    const here = temporaryFolder();
    const words = [command, 'jobs/digits.yaml', '--output', join(here, 'out'), '--dataset'];
    mkdirSync(join(here, 'empty'));
    expect(await refused(...words, join(here, 'none/*.arrow'))).toEqual({
      exitCode: 66,
      stderr: `error: no file matches ${join(here, 'none/*.arrow')} (looked in ${here}, which exists); check the dataset path\n`,
    });
    expect(await refused(...words, join(here, 'none.arrow'))).toEqual({
      exitCode: 66,
      stderr: `error: no file or folder ${join(here, 'none.arrow')} (looked in ${here}, which exists); check the dataset path\n`,
    });
    expect(await refused(...words, join(here, 'empty'))).toEqual({
      exitCode: 66,
      stderr: `error: no data in folder ${join(here, 'empty')} (names that begin with "_" or "." are not data); check the dataset path\n`,
    });
    expect(readdirSync(here)).toEqual(['empty']);
  });

  test('does not write into a file, nor among the files of others', async () => {
    const here = temporaryFolder();
    writeFileSync(join(here, 'notes.txt'), 'mine');
    expect(await refused(command, 'jobs/digits.yaml', '--output', join(here, 'notes.txt'))).toEqual({
      exitCode: 73,
      stderr: `error: output ${join(here, 'notes.txt')} is a file; give a folder\n`,
    });
    expect(await refused(command, 'jobs/digits.yaml', '--output', join(here, 'notes.txt/out'))).toEqual({
      exitCode: 73,
      stderr: `error: output ${join(here, 'notes.txt/out')} cannot be created: ${join(here, 'notes.txt')} is not a folder; give another output folder\n`,
    });
    expect(await refused(command, 'jobs/digits.yaml', '--output', here)).toEqual({
      exitCode: 73,
      stderr: `error: output ${here} holds files that are not part of a result of scoremill: notes.txt; move them away, or give another output folder\n`,
    });
    expect(readdirSync(here)).toEqual(['notes.txt']);
  });

  test('reports all problems of model, inputs and outputs at once, and leaves nothing behind', async () => {
    const out = join(temporaryFolder(), 'out');
    const words = ['--inputs', 'image=pixels', '--set', 'outputs={digits: {}}', '--output', out];
    const { exitCode, stderr } = await refused(command, 'jobs/digits.yaml', ...words);
    expect(exitCode).toBe(78);
    expect(stderr).toContain('pixels');
    expect(readdirSync(join(out, '..'))).toEqual([]);
  });
});

test('more rejects than the budget: the first are named, all are written down, nothing is published', async () => {
  const out = join(temporaryFolder(), 'out');
  const words = ['run', 'jobs/recommendation.yaml', '--output', out, '--budget', '2', '--run-id', 'same'];
  const { exitCode, stderr } = await refused(...words);
  expect(exitCode).toBe(65);
  expect(stderr).toMatch(
    /^error: 3 rows were rejected and the budget is 2: \S+candidates-0.csv.gz row 7345: .*; \S+candidates-1.csv.gz row 9400: .*; \S+candidates-3.csv.gz row 12499: .*All 3 are in \S+rejects.parquet\. Mend the rows, or allow for as many with --budget \(rows, or a share such as 1%\) and run the same command again: finished splits are kept\n$/,
  );
  expect({ parts: resultOf(out).partNames(), isPublished: resultOf(out).isPublished() }).toEqual({
    parts: [],
    isPublished: false,
  });
  // A budget says what is done with a result, not what is in it: with a larger one the run goes on.
  const again = startRun([...words, '--budget', '3']);
  expect((await again.ended).exitCode).toBe(0);
  expect(again.events.find(({ event }) => event === 'run-started')).toMatchObject({ resumedRows: 50_000 });
});

/** A file system of this many bytes on a folder; where that is not allowed, the tests of it are skipped. */
function mount(folder: string, ...options: string[]): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', options.join(','), 'tmpfs', folder]).status === 0;
}

let disk = '';
let canMount = false;
beforeAll(() => {
  disk = mkdtempSync(join(realpathSync(tmpdir()), 'scoremill-disk-'));
  canMount = process.platform === 'linux' && mount(disk, 'size=400k');
  if (!canMount) console.warn('skipped: tests of full and read-only disks (no permission to mount)');
});
afterAll(() => {
  if (canMount) spawnSync('umount', [disk]);
  rmSync(disk, { recursive: true });
});

test('a full disk ends the run with what is done kept; the same command goes on when there is room', async ({
  skip,
}) => {
  if (!canMount) skip();
  const out = join(disk, 'out');
  const words = ['run', 'jobs/credit-risk.yaml', '--output', out, '--run-id', 'same', '--rows-per-file', '5000'];
  const { exitCode, stderr } = await refused(...words, '--retries', '0');
  expect(exitCode).toBe(74);
  expect(stderr).toMatch(
    /^error: cannot .*scoremill-disk.*: .*; the disk is full: free some space, then run the same command again: finished splits are kept(?: \(and \d+ more problems?; [^\n]*\))?\n$/,
  );
  expect(resultOf(out).partNames()).toEqual([]);

  spawnSync('mount', ['-o', 'remount,size=50m', disk]);
  const again = startRun(words);
  expect((await again.ended).exitCode).toBe(0);
  expect(again.events.find(({ event }) => event === 'run-started')?.resumedSplits).toBeGreaterThan(0);
  expect((await resultOf(out).rows()).length).toBe(59_988);
});

test('a read-only file system is named as such', async ({ skip }) => {
  if (!canMount) skip();
  spawnSync('mount', ['-o', 'remount,ro', disk]);
  const out = join(disk, 'other');
  const found = await refused('run', 'jobs/digits.yaml', '--output', out);
  spawnSync('mount', ['-o', 'remount,rw', disk]);
  expect(found).toEqual({
    exitCode: 77,
    stderr: `error: cannot create ${out}/_scoremill/staging: its file system is read-only; give an output folder on another one\n`,
  });
});

test.skipIf(process.platform !== 'linux')('an output where no folder can be made is refused', async () => {
  const { exitCode, stderr } = await refused('run', 'jobs/digits.yaml', '--output', '/proc/scoremill');
  expect({ exitCode, first: stderr.slice(0, 21) }).toEqual({ exitCode: 74, first: 'error: cannot create ' });
});
