// An engine process that ends because of one row: here the row makes the model ask for much memory, and a guard kills whatever
// process takes so much, as the kernel does in a container. The row becomes a reject, and the rows beside it are scored.
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hungryModel } from '../model/hungry-model.ts';
import type { CliResult } from '../run-cli.ts';
import { isFull } from '../safety/sweep.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { resultOf } from './result.ts';
import { type StartedRun, startRun } from './started-run.ts';

const isLinux = process.platform === 'linux';
let folder = '';
let model = '';
beforeAll(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'scoremill-'));
  model = join(folder, 'repeat.onnx');
  writeFileSync(model, hungryModel());
});
afterAll(() => rmSync(folder, { recursive: true }));

/** An engine is started up to a dozen times. */
const timeoutMs = 180_000;
const mostBytes = 512 * 2 ** 20;
/** As float32 three quarters of a gigabyte. */
const tooMany = 3 * 2 ** 26;

/** Starts a run and kills its engine whenever that takes more memory than it may. */
function startGuarded(words: readonly string[]): StartedRun {
  const run = startRun(words, { timeoutMs });
  const guard = setInterval(() => {
    for (const pid of run.children()) if (residentBytes(pid) > mostBytes) process.kill(pid, 'SIGKILL');
  }, 5);
  run.ended.finally(() => clearInterval(guard));
  return run;
}

/** Field 2 of proc(5) statm, in pages. */
function residentBytes(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096;
  } catch {
    return 0;
  }
}

const rowsPerShard = 16;

/** CSV files of 16 rows: id, a = 1000 + id, and b, which is harmless but for the rows in `heavy`. One split each. */
function writeShards(here: string, shards: number, heavy: readonly number[]): readonly string[] {
  return Array.from({ length: shards }, (_, shard) => {
    const ids = Array.from({ length: rowsPerShard }, (_, row) => shard * rowsPerShard + row);
    const path = join(here, `rows-${shard}.csv`);
    writeFileSync(
      path,
      `id,a,b\n${ids.map((id) => `${id},${1000 + id},${heavy.includes(id) ? tooMany : 7}\n`).join('')}`,
    );
    return path;
  });
}

const scoredBut = (shards: number, heavy: readonly number[]) =>
  Array.from({ length: shards * rowsPerShard }, (_, id) => id)
    .filter((id) => !heavy.includes(id))
    .map((id) => ({ id: BigInt(id), y: 1000 + id }));

const crashedAt = (shards: readonly string[], id: number) => ({
  run_id: expect.any(String),
  replaced_by: null,
  shard: shards[Math.floor(id / rowsPerShard)],
  row: BigInt(id % rowsPerShard),
  reason: 'crashed',
  column: null,
  message: 'the engine process died on this row (signal SIGKILL)',
  content: `{"id":${id},"a":${1000 + id}.0,"b":${tooMany}}`,
});

const words = (here: string, ...more: string[]) => [
  ...['run', '--model', model, '--dataset', join(here, '*.csv'), '--keep', 'id', '--output', join(here, 'out')],
  ...['--batch-rows', '8', '--rows-per-file', '16', '--workers', '2', ...more],
];

/** The exit code and the last line of the messages. */
const ended = ({ exitCode, stderr }: CliResult) => ({ exitCode, last: stderr.trimEnd().split('\n').at(-1) });

describe.skipIf(!isLinux)('a row that ends the engine process', { timeout: timeoutMs }, () => {
  test('becomes a reject, and all others are scored', async () => {
    const here = temporaryFolder();
    const shards = writeShards(here, 3, [21]);
    const run = startGuarded(words(here, '--budget', '1'));
    expect((await run.ended).exitCode).toBe(0);

    const result = resultOf(join(here, 'out'));
    expect(await result.rows()).toEqual(scoredBut(3, [21]));
    expect(await result.rejects()).toEqual([crashedAt(shards, 21)]);
    const restarts = run.events.filter(({ event }) => event === 'engine-restarted');
    expect(restarts[0]).toMatchObject({ restarts: 1, cause: 'signal SIGKILL' });
    expect(restarts.every(({ splits }) => (splits as number[]).includes(1))).toBe(true);
    expect(await result.run()).toMatchObject({
      rows: 48n,
      scored: 47n,
      rejected: 1n,
      engine_restarts: BigInt(restarts.length),
    });
    // Two deaths beside others, one alone, at most one for each time that 16 rows are halved, and two of the row alone.
    expect(restarts.length).toBeLessThanOrEqual(3 + 4 + 2);
  });

  test.runIf(isFull)('is found in the first batch, too, which preflight tries', async () => {
    const here = temporaryFolder();
    const shards = writeShards(here, 1, [3]);
    const run = startGuarded(words(here, '--budget', '1'));

    expect((await run.ended).exitCode).toBe(0);
    expect(run.events[0]).toMatchObject({
      event: 'notice',
      text: 'the first rows end the engine process (signal SIGKILL); rows that do so are looked for and rejected',
    });
    expect(await resultOf(join(here, 'out')).rows()).toEqual(scoredBut(1, [3]));
    expect(await resultOf(join(here, 'out')).rejects()).toEqual([crashedAt(shards, 3)]);
  });

  test('counts against the budget and is named; with a larger budget the same command goes on', async () => {
    const here = temporaryFolder();
    const shards = writeShards(here, 2, [20, 23]);
    expect(ended(await startGuarded(words(here, '--run-id', 'same')).ended)).toEqual({
      exitCode: 65,
      last: `error: the engine process dies on ${shards[1]} row 4; with 0 other rejects that is more than the budget of 0, so more such rows were not looked for. Leave them out (--where), or allow for them with --budget and run the same command again: finished splits are kept`,
    });
    expect(resultOf(join(here, 'out')).partNames()).toEqual([]);

    const again = startGuarded(words(here, '--run-id', 'same', '--budget', '2'));
    expect((await again.ended).exitCode).toBe(0);
    expect(again.events.find(({ event }) => event === 'run-started')).toMatchObject({ resumedSplits: 1, splits: 2 });
    expect(await resultOf(join(here, 'out')).rows()).toEqual(scoredBut(2, [20, 23]));
    expect(await resultOf(join(here, 'out')).rejects()).toEqual([crashedAt(shards, 20), crashedAt(shards, 23)]);
  });
});

test.skipIf(!isLinux)('an engine that is killed again and again, before it can do anything, ends the run', async () => {
  const here = temporaryFolder();
  writeShards(here, 1, []);
  const run = startRun(words(here));
  await run.until('run-started');
  const killer = setInterval(() => {
    for (const child of run.children()) {
      try {
        process.kill(child, 'SIGKILL');
      } catch {
        // It has ended since it was listed.
      }
    }
  }, 5);
  const result = await run.ended.finally(() => clearInterval(killer));
  expect(ended(result)).toEqual({
    exitCode: 70,
    last: 'error: the engine process died whenever it was started again, before it was given a row (signal SIGKILL): probably killed for memory; give it more, or a lower --memory',
  });
  expect(run.events.filter(({ event }) => event === 'engine-restarted')).toHaveLength(4);
  expect(resultOf(join(here, 'out')).partNames()).toEqual([]);
});
