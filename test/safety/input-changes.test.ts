// Input that shrinks, grows, is rewritten, touched, replaced or vanishes while a run goes on, or between two attempts at it: no
// result ever has rows of both. Put back as it was, the same command finishes with the bytes of an undisturbed run.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resultOf } from '../end-to-end/result.ts';
import { type CliResult, runCli } from '../run-cli.ts';
import { notedOf, withFault } from './fault.ts';
import { type FormatJob, type ShardFormat, shardFormats, writeFormatJob, writeShard } from './format-job.ts';
import { eachOf, sampled, sweep } from './sweep.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'scoremill-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What happens to a file; all but the last leave size or time of modification other than they were. */
const changes = {
  shrinks: (path: string) => truncateSync(path, statSync(path).size >> 1),
  grows: (path: string) => writeFileSync(path, readFileSync(path), { flag: 'a' }),
  'is rewritten with the same size': (path: string) => writeFileSync(path, readFileSync(path).reverse()),
  'is touched': (path: string) => utimesSync(path, new Date(), new Date()),
  'is replaced by another file': (path: string) => {
    writeFileSync(`${path}.new`, readFileSync(path).subarray(0, -1));
    renameSync(`${path}.new`, path);
  },
  vanishes: (path: string) => unlinkSync(path),
} as const;
type Change = keyof typeof changes;

/** Where the run is held: before the plan, before the first split is read, and when one split is done. */
const places = {
  'while it is planned': { role: 'supervisor', label: 'link lock' },
  'between plan and read': { role: 'supervisor', label: 'rename ledger.jsonl' },
  'between two splits': { role: 'supervisor', label: 'write ledger.jsonl' },
} as const;
type Place = keyof typeof places;

interface Disturbance {
  readonly format: ShardFormat;
  readonly change: Change;
  readonly place: Place;
}

/** What is done to an input file of the last split, with everything to put it back. */
function disturb(path: string, change: Change): () => void {
  const bytes = readFileSync(path);
  const { atime, mtime } = statSync(path);
  changes[change](path);
  return () => {
    writeFileSync(path, bytes);
    utimesSync(path, atime, mtime);
  };
}

/** Starts a run, holds it at a place, changes an input there and lets it go on. */
async function runDisturbed(job: FormatJob, out: string, { change, place }: Omit<Disturbance, 'format'>) {
  const go = join(out, '../go');
  const running = runCli(job.words(out), withFault(out, { action: 'hold', at: places[place], go }));
  await untilHeld(out, running);
  const restore = disturb(job.shardPaths.at(-1)!, change);
  writeFileSync(go, '');
  return { ...(await running), restore };
}

/** Resolves when a run is held; rejects when it ends without. */
async function untilHeld(out: string, running: Promise<CliResult>): Promise<void> {
  let ended: CliResult | undefined;
  running.then((result) => (ended = result));
  while (notedOf(out).length === 0) {
    if (ended !== undefined) throw new Error(`the run ended and was not held:\n${ended.stderr}`);
    await sleep(10);
  }
}

const disturbances = shardFormats.flatMap((format) =>
  (Object.keys(changes) as Change[]).flatMap((change) =>
    (Object.keys(places) as Place[]).map((place): Disturbance => ({ format, change, place })),
  ),
);

/** Compressed text is read once, when it is planned: what happens to the file afterwards does not reach the run. */
const isReadBefore = ({ format, place }: Disturbance): boolean =>
  format === 'csv.gz' && place !== 'while it is planned';

describe.skipIf(process.platform !== 'linux')('input that is written to during a run', () => {
  sweep(
    'input that changes or vanishes during a run is named and nothing is published; put back, the same command finishes with the same bytes',
    async (counts) => {
      Object.assign(counts, { changes: 0, refused: 0 });
      await eachOf(sampled(disturbances, 6), async (one, index) => {
        const here = join(folder, String(index));
        const out = join(here, 'out');
        mkdirSync(here);
        const job = await writeFormatJob(join(here, 'job'), one.format);
        const path = job.shardPaths.at(-1)!;
        const { exitCode, stderr, restore } = await runDisturbed(job, out, one);
        counts.changes++;
        if (isReadBefore(one)) {
          expect(exitCode, stderr).toBe(0);
        } else {
          counts.refused++;
          expect(stderr).toContain(
            one.change === 'vanishes'
              ? `error: no file or folder ${path}`
              : `error: ${path} has changed since this run began: it had `,
          );
          expect(stderr.match(/error: /g), stderr).toHaveLength(1);
          expect(exitCode, stderr).toBe(one.change === 'vanishes' ? 66 : 80);
          expect(existsSync(join(out, '_SUCCESS'))).toBe(false);
          restore();
          expect(await runCli(job.words(out))).toMatchObject({ exitCode: 0 });
        }
        const undisturbed = join(here, 'undisturbed');
        if (isReadBefore(one)) restore();
        expect(await runCli(job.words(undisturbed))).toMatchObject({ exitCode: 0 });
        expect(resultOf(out).partHashes()).toEqual(resultOf(undisturbed).partHashes());
        rmSync(here, { recursive: true });
      });
    },
  );
});

describe.skipIf(process.platform !== 'linux')('between two attempts', () => {
  test.each(['grows', 'is touched', 'vanishes'] as const)(
    'input that %s is refused with what changed',
    async (change) => {
      const here = join(folder, `attempts ${change}`);
      const out = join(here, 'out');
      const job = await writeFormatJob(join(here, 'job'), 'csv');
      const at = { role: 'engine', label: 'send answer', times: 2 } as const;
      await runCli(job.words(out), withFault(out, { action: 'SIGKILL', at, victims: 'both' }));
      const path = job.shardPaths[0];
      const restore = disturb(path, change);
      const refused = await runCli(job.words(out));
      expect(refused.exitCode).toBe(73);
      expect(refused.stderr).toContain(`error: output ${out} holds an unfinished run that differs from this one:\n`);
      expect(refused.stderr).toContain(`  shard ${path}: ${change === 'vanishes' ? 'gone (was ' : ''}`);
      restore();
      expect(await runCli(job.words(out))).toMatchObject({ exitCode: 0 });
      expect((await resultOf(out).rows()).map(({ id, y }) => [Number(id), y])).toEqual(
        Array.from({ length: 150 }, (_, id) => [id, 2 * id + 1]),
      );
    },
  );
});

describe.skipIf(process.platform !== 'linux')('a file that is replaced by another of its size and time', () => {
  async function replaceKeepingTime(path: string): Promise<void> {
    const { atime, mtime, size } = statSync(path);
    await writeShard(
      path,
      'parquet',
      Array.from({ length: 50 }, (_, row) => 100 + row),
      7.5,
    );
    expect(statSync(path).size).toBe(size);
    utimesSync(path, atime, mtime);
  }

  test('is known by its footer, during a run and between two attempts', async () => {
    const here = join(folder, 'footer');
    const out = join(here, 'out');
    const job = await writeFormatJob(join(here, 'job'), 'parquet');
    const path = job.shardPaths[2];
    const go = join(here, 'go');
    const running = runCli(job.words(out), withFault(out, { action: 'hold', at: places['between plan and read'], go }));
    await untilHeld(out, running);
    await replaceKeepingTime(path);
    writeFileSync(go, '');
    const { exitCode, stderr } = await running;
    expect(stderr).toContain(`error: ${path} has changed since this run began: it had `);
    expect(stderr).toContain(', now it has another footer; nothing was published. ');
    expect(exitCode).toBe(80);
    const again = await runCli(job.words(out));
    expect(again.exitCode).toBe(73);
    expect(again.stderr).toContain('fingerprint of the splits');
  });
});

test.skipIf(process.platform !== 'linux')(
  'a model that is replaced during a run is named, and nothing is published',
  async () => {
    const here = join(folder, 'model');
    const out = join(here, 'out');
    const job = await writeFormatJob(join(here, 'job'), 'csv');
    const go = join(here, 'go');
    const running = runCli(job.words(out), withFault(out, { action: 'hold', at: places['while it is planned'], go }));
    await untilHeld(out, running);
    const model = readFileSync(job.modelPath);
    // The constant 2 of the model becomes another number.
    model[model.indexOf(Buffer.from(Float32Array.of(2).buffer)) + 2] ^= 0x40;
    writeFileSync(job.modelPath, model);
    writeFileSync(go, '');
    const { exitCode, stderr } = await running;
    expect(stderr).toContain(`error: ${job.modelPath} has changed since this run began, and nothing was published. `);
    expect(exitCode).toBe(80);
  },
);
