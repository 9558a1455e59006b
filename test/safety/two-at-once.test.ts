// Several starts of one job on one output folder: one of them runs, the others leave and say who it is. Whoever held the lock
// before and is dead for certain does not stand in the way; whoever cannot be seen does, until it is told otherwise.
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LockHolder, thisProcess } from '../../src/commit/lock-holder.ts';
import { startRun } from '../end-to-end/started-run.ts';
import { runCli } from '../run-cli.ts';
import { notedOf, withFault } from './fault.ts';
import { publishedIn } from './published.ts';
import { prepareScenario, type Scenario } from './scenarios.ts';
import { isFull, sweep } from './sweep.ts';
import { writeTinyJob } from './tiny-job.ts';

const rounds = isFull ? 200 : 6;
const isLinux = process.platform === 'linux';

let folder = '';
let scenario: Scenario;
beforeAll(async () => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'scoremill-'));
  scenario = await prepareScenario('a first run', writeTinyJob(join(folder, 'job')), join(folder, 'scenario'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const lockOf = (out: string): string => join(out, '_scoremill/lock');
const plant = (out: string, holder: LockHolder): void => {
  mkdirSync(join(out, '_scoremill'), { recursive: true });
  writeFileSync(lockOf(out), JSON.stringify(holder));
};

/** What the lock file holds before a round: nothing, or a holder that is dead, though its number is that of a living process. */
const plantNothing = (): void => {};
async function plantReusedNumber(out: string): Promise<void> {
  plant(out, { ...(await thisProcess()), startTicks: '1' });
}
async function plantEarlierBoot(out: string): Promise<void> {
  plant(out, { ...(await thisProcess()), bootId: '00000000-0000-0000-0000-000000000000' });
}
const before = [plantNothing, plantReusedNumber, plantEarlierBoot];

describe.skipIf(!isLinux)('starts at once', () => {
  sweep(
    'Of 2 or 8 starts on one output folder one runs, and the others leave with 75 and say who it is',
    async (counts) => {
      Object.assign(counts, { rounds, starts: 0, refused: 0, takenOver: 0 });
      for (let round = 0; round < rounds; round++) {
        const here = join(folder, `round-${round}`);
        const out = join(here, 'out');
        const go = join(here, 'go');
        mkdirSync(here);
        await before[round % before.length](out);
        // The one that has the lock waits in its first append until the others are gone.
        const hold = withFault(out, { action: 'hold', at: { role: 'supervisor', label: 'open ledger.jsonl' }, go });
        const starts = Array.from({ length: round % 10 === 9 ? 8 : 2 }, () => startRun(scenario.words(out), hold));
        let left = starts.length;
        for (const { ended } of starts) ended.then(() => --left === 1 && writeFileSync(go, ''));
        const results = await Promise.all(starts.map(({ ended }) => ended));

        const [holder] = notedOf(out).map((line) => Number(line.split(' ')[0]));
        const codes = results.map(({ exitCode }) => exitCode).sort();
        expect(codes, results.map(({ stderr }) => stderr).join('\n')).toEqual([
          0,
          ...Array(starts.length - 1).fill(75),
        ]);
        expect(starts.filter(({ process }) => process.pid === holder)).toHaveLength(1);
        for (const { exitCode, stderr } of results) {
          if (exitCode === 0) continue;
          expect(stderr).toContain(`output ${out} is in use by process ${holder} on host ${hostname()} since `);
        }
        expect(publishedIn(out)).toEqual(scenario.expected);
        counts.starts += starts.length;
        counts.refused += starts.length - 1;
        if (round % before.length > 0) counts.takenOver++;
        rmSync(here, { recursive: true });
      }
    },
  );

  test('without anything to wait for, each start scores, leaves with 75, or finds the result complete', async () => {
    const out = join(folder, 'free', 'out');
    mkdirSync(join(folder, 'free'));
    const results = await Promise.all(Array.from({ length: 4 }, () => runCli([...scenario.words(out), '--json'])));
    const verdicts = results.map(({ exitCode, stdout }) => [exitCode, JSON.parse(stdout).verdict] as const);
    expect(verdicts.filter(([, verdict]) => verdict === 'complete')).toEqual([[0, 'complete']]);
    for (const verdict of verdicts) {
      expect([
        [0, 'complete'],
        [0, 'already-complete'],
        [75, 'refused'],
      ]).toContainEqual(verdict);
    }
    expect(publishedIn(out)).toEqual(scenario.expected);
  });
});

describe.skipIf(!isLinux)('a holder', () => {
  test('on another host is respected, and the way out is named and works', async () => {
    const out = join(folder, 'elsewhere');
    const holder = { ...(await thisProcess()), host: 'elsewhere', bootId: 'another', pid: 4711 };
    plant(out, holder);
    const { exitCode, stderr } = await runCli(scenario.words(out));
    const since = new Date(holder.createdMs).toISOString();
    expect({ exitCode, stderr }).toEqual({
      exitCode: 75,
      stderr: `error: output ${out} is locked by process 4711 on host elsewhere since ${since}, which cannot be seen from here; wait until it is done or, if it is gone, run with --steal-lock\n`,
    });
    expect(JSON.parse(readFileSync(lockOf(out), 'utf8'))).toEqual(holder);
    expect(await runCli(scenario.words(out))).toMatchObject({ exitCode: 75 });
    expect(await runCli([...scenario.words(out), '--steal-lock'])).toMatchObject({ exitCode: 0 });
    expect(publishedIn(out)).toEqual(scenario.expected);
  });

  test('that lives is not robbed, and one that was robbed all the same publishes nothing', async () => {
    const here = join(folder, 'robbed');
    const out = join(here, 'out');
    mkdirSync(here);
    const at = { role: 'supervisor', label: 'kill engine' } as const;
    const run = startRun(scenario.words(out), withFault(out, { action: 'SIGSTOP', at }));
    await expect.poll(() => notedOf(out).length, { timeout: 50_000 }).toBe(1);
    const stolen = await runCli([...scenario.words(out), '--steal-lock']);
    expect({ exitCode: stolen.exitCode, stderr: stolen.stderr }).toEqual({
      exitCode: 75,
      stderr: expect.stringContaining(`is in use by process ${run.process.pid} on host ${hostname()}`),
    });
    // What --steal-lock does from another host.
    plant(out, { ...(await thisProcess()), host: 'elsewhere', bootId: 'another' });
    run.process.kill('SIGCONT');
    const { exitCode, stderr } = await run.ended;
    expect({ exitCode, stderr }).toEqual({
      exitCode: 75,
      stderr: expect.stringContaining(
        `the lock ${lockOf(out)} is no longer held by this run: another one took it over`,
      ),
    });
    expect(readFileSync(lockOf(out), 'utf8')).toContain('elsewhere');
    expect(await runCli([...scenario.words(out), '--steal-lock'])).toMatchObject({ exitCode: 0 });
    expect(publishedIn(out)).toEqual(scenario.expected);
  });
});
