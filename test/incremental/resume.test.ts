// An addition that was killed, while the dataset goes on growing: the same command ends it with the shards that it began with, and
// what came meanwhile is for the next run. Each test begins with the same result of one night.
import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { resultOf } from '../end-to-end/result.ts';
import { type CliResult, runCli } from '../run-cli.ts';
import { withFault } from '../safety/fault.ts';
import { type TinyJob, writeTinyJob } from '../safety/tiny-job.ts';

let folder = '';
let job: TinyJob;
beforeAll(async () => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'scoremill-'));
  job = writeTinyJob(join(folder, 'job'));
  for (const path of job.shards.slice(2)) renameSync(path, `${path}.later`);
  const { exitCode, stderr } = await runCli(job.words(join(folder, 'night'), '--if-exists', 'append'));
  if (exitCode !== 0) throw new Error(stderr);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const arrive = (shard: number): void => renameSync(`${job.shards[shard]}.later`, job.shards[shard]);
const leave = (shard: number): void => renameSync(job.shards[shard], `${job.shards[shard]}.later`);

/** The result of the first night, and an addition of shards 2 and 3 that was killed at a step. */
async function killedAt(title: string, label: string): Promise<string> {
  const out = join(folder, title, 'out');
  mkdirSync(join(folder, title));
  cpSync(join(folder, 'night'), out, { recursive: true });
  for (const shard of [2, 3]) arrive(shard);
  onTestFinished(() => {
    for (const shard of [2, 3]) leave(shard);
  });
  const at = { role: 'supervisor', label } as const;
  const { signal } = await runCli(append(out), withFault(out, { action: 'SIGKILL', at, victims: 'both' }));
  expect(signal).toBe('SIGKILL');
  return out;
}

const append = (out: string, ...more: readonly string[]): readonly string[] =>
  job.words(out, '--if-exists', 'append', '--nothing-to-do-code', '99', ...more);

/** Shards whose rows stand in the result, each once, and whether it is whole. */
async function shardsIn(out: string): Promise<readonly number[]> {
  const ids = (await resultOf(out).rows()).map(({ id }) => Number(id));
  expect(new Set(ids).size).toBe(ids.length);
  expect(existsSync(join(out, '_SUCCESS'))).toBe(true);
  expect(await runCli(['verify', out])).toMatchObject({ exitCode: 0 });
  return [...new Set(ids.map((id) => Math.floor(id / 40)))];
}

const ended = ({ exitCode, stderr }: CliResult): number | null => {
  expect(exitCode, stderr).not.toBe(null);
  return exitCode;
};

describe.skipIf(process.platform !== 'linux')('an addition that was killed', { timeout: 120_000 }, () => {
  test('ends with its own shards though another one came, which the next run takes', async () => {
    const out = await killedAt('grows', 'kill engine');
    arrive(4);
    onTestFinished(() => leave(4));
    const planned = JSON.parse((await runCli(['plan', ...append(out, '--json').slice(1)])).stdout);
    expect([planned.decision, planned.growth.shards.map(({ state }: { state: string }) => state)]).toEqual([
      'resume',
      ['done', 'done', 'new', 'new', 'later'],
    ]);
    expect(ended(await runCli(append(out)))).toBe(0);
    expect(await shardsIn(out)).toEqual([0, 1, 2, 3]);
    expect(ended(await runCli(append(out)))).toBe(0);
    expect(await shardsIn(out)).toEqual([0, 1, 2, 3, 4]);
    expect(
      resultOf(out)
        .manifest()
        .runs.map(({ runId, attempts }) => [runId, attempts]),
    ).toEqual([
      ['same', 1],
      ['same-2', 2],
      ['same-3', 1],
    ]);
  });

  test('starts over when one of its shards changed meanwhile, and says why', async () => {
    const out = await killedAt('changes', 'kill engine');
    utimesSync(job.shards[3], new Date(), new Date(Date.now() + 5000));
    const again = await runCli(append(out));
    expect([ended(again), again.stderr]).toEqual([
      0,
      expect.stringContaining(`the unfinished run cannot go on, for ${job.shards[3]} was changed`),
    ]);
    expect(await shardsIn(out)).toEqual([0, 1, 2, 3]);
  });

  test('that had published needs nothing of its input any more, and tells a scheduler that there is something new', async () => {
    const out = await killedAt('published', 'open _SUCCESS.writing');
    expect(existsSync(join(out, '_SUCCESS'))).toBe(false);
    const again = await runCli(append(out));
    expect([ended(again), again.stderr]).toEqual([
      0,
      expect.stringContaining('run same-2 was published and is now tidied up'),
    ]);
    expect(await shardsIn(out)).toEqual([0, 1, 2, 3]);
    expect(ended(await runCli(append(out)))).toBe(99);
  });

  test('as it took away the part of a shard that changed is finished by the same command', async () => {
    utimesSync(job.shards[0], new Date(), new Date(Date.now() + 7000));
    const out = await killedAt('unnamed', 'unlink part-00000-same.parquet');
    const inspected = await runCli(['inspect', out]);
    expect(inspected.stdout).not.toContain('FOREIGN');
    expect(ended(await runCli(append(out)))).toBe(0);
    expect(await shardsIn(out)).toEqual([1, 0, 2, 3]);
    expect(existsSync(join(out, 'part-00000-same.parquet'))).toBe(false);
  });

  test('is not gone on with by another command: it says what is different', async () => {
    const out = await killedAt('other', 'kill engine');
    const { exitCode, stderr } = await runCli(append(out, '--if-exists', 'skip'));
    expect([exitCode, stderr]).toEqual([73, expect.stringContaining('output.ifExists: "skip" (was "append")')]);
    // Thrown away, what it would have added to is whole.
    const fresh = await runCli(append(out, '--fresh', '--set', 'rejects.budget=0'));
    expect(ended(fresh)).toBe(65);
    expect(existsSync(join(out, '_SUCCESS'))).toBe(true);
  });
});
