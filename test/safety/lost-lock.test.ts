// Runs that cannot see each other's processes, as in containers: each is in a process namespace of its own. One that is killed is
// followed by the next without anybody's help; one that is suspended until another took its lock, and then wakes at whichever
// step, publishes nothing more.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { descendantsOf, signalIfThere } from '../descendants.ts';
import { startRun } from '../end-to-end/started-run.ts';
import { type CliOptions, runCli } from '../run-cli.ts';
import { type Fault, notedOf, type Step, withFault } from './fault.ts';
import { type Published, publishedIn } from './published.ts';
import { prepareScenario, type Scenario } from './scenarios.ts';
import { eachOf, isFull, sweep } from './sweep.ts';
import { type TinyJob, writeTinyJob } from './tiny-job.ts';

// The shell is process 1: the kernel keeps SIGSTOP from process 1 of a namespace.
const inContainer = ['unshare', '--pid', '--fork', '--mount-proc', 'sh', '-c', '"$0" "$@"; exit $?'];
const canContain = process.platform === 'linux' && spawnSync('unshare', ['--pid', '--fork', 'true']).status === 0;
if (!canContain) console.warn('skipped: runs in process namespaces (this machine does not allow `unshare --pid`)');

let folder = '';
let scenario: Scenario;
beforeAll(async () => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'scoremill-'));
  const job = writeTinyJob(join(folder, 'job'));
  const words: TinyJob['words'] = (out, ...more) => job.words(out, '--take-over-after', '1s', ...more);
  scenario = await prepareScenario('a first run', { ...job, words }, join(folder, 'scenario'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A run that stands still at a step, until there is a file at `go`. */
async function startHeld(name: string, at: Fault['at'], options: CliOptions = {}) {
  const here = join(folder, name);
  const [out, go] = [join(here, 'out'), join(here, 'go')];
  mkdirSync(here);
  const fault = withFault(out, { action: 'hold', at, go });
  const run = startRun(scenario.words(out), { ...fault, ...options });
  await expect.poll(() => notedOf(out).length, { timeout: 50_000 }).toBe(1);
  return { run, out, go };
}

test('a run whose lock is taken over before a split is handed out ends', async () => {
  const { run, out, go } = await startHeld('robbed', { role: 'supervisor', label: 'rename ledger.jsonl' });
  const lock = join(out, '_scoremill/lock');
  const held = JSON.parse(readFileSync(lock, 'utf8'));
  rmSync(lock);
  writeFileSync(lock, JSON.stringify({ ...held, host: 'elsewhere', bootId: 'another' }));
  // It looks every 0.1 s.
  await setTimeout(1000);
  writeFileSync(go, '');
  const { exitCode, stderr } = await run.ended;
  expect({ exitCode, stderr }).toEqual({
    exitCode: 75,
    stderr: expect.stringContaining('is no longer held by this run'),
  });
});

test('the engine makes no staging folder: it goes with the lock, and who lost the lock leaves no trace in a result', async () => {
  const mkdir = scenario.steps.find(({ role, label }) => role === 'engine' && label.startsWith('mkdir preflight-'));
  const { run, out, go } = await startHeld('late', { role: 'engine', step: mkdir!.step });
  const staging = join(out, '_scoremill/staging');
  rmSync(staging, { recursive: true });
  writeFileSync(go, '');
  const { exitCode, stderr } = await run.ended;
  expect({ exitCode, stderr }).toEqual({
    exitCode: 74,
    stderr: expect.stringContaining(`error: cannot create ${staging}/preflight-`),
  });
  expect(existsSync(staging)).toBe(false);
});

describe.skipIf(!canContain)('in another container', () => {
  test('a run that lives is respected, and one that was killed is followed by the next by itself', async () => {
    const at = { role: 'supervisor', label: 'open ledger.jsonl' } as const;
    const { run: first, out } = await startHeld('killed', at, { through: inContainer });
    const { pid, host } = JSON.parse(readFileSync(join(out, '_scoremill/lock'), 'utf8'));
    const respected = await runCli(scenario.words(out));
    expect(respected.exitCode).toBe(75);
    expect(respected.stderr).toContain(`error: output ${out} is in use by process ${pid} on host ${host} since `);

    for (const one of descendantsOf(first.process.pid!)) signalIfThere(one, 'SIGKILL');
    await first.ended;
    const next = await runCli(scenario.words(out));
    expect(next.stderr).toContain(
      `process ${pid} on host ${host} gave no sign of life for 1 s: its lock on ${out} is taken over`,
    );
    expect(next.exitCode, next.stderr).toBe(0);
    expect(publishedIn(out)).toEqual(scenario.expected);
  });

  sweep(
    'A run that wakes at any step, when another one has taken over its lock, publishes nothing more',
    async (counts) => {
      Object.assign(counts, { steps: scenario.steps.length, wakeUps: 0, foundLost: 0, disturbed: 0 });
      const steps = scenario.steps.filter(({ role }) => role === 'supervisor');
      const place = (label: string): number => steps.findIndex((step) => step.label === label);
      const commit = steps.slice(place('kill engine'), place('unlink ledger.jsonl') + 1);
      const some = isFull ? steps : [steps[place('send start')], commit[commit.length >> 1]];
      await eachOf(some, async ({ role, step }: Step, index) => {
        const here = join(folder, String(index));
        const out = join(here, 'out');
        const lock = join(out, '_scoremill/lock');
        mkdirSync(here);
        const fault = withFault(out, { action: 'SIGSTOP', at: { role, step } });
        const first = startRun(scenario.words(out), { ...fault, through: inContainer, timeoutMs: 300_000 });
        await expect.poll(() => notedOf(out).length, { timeout: 120_000 }).toBe(1);
        const wake = (): void => {
          for (const one of descendantsOf(first.process.pid!)) signalIfThere(one, 'SIGCONT');
        };
        const held = contentOf(lock);
        const next = startRun(scenario.words(out));
        // Every other one wakes while its successor is at work, the rest when it is done.
        if (index % 2 === 1) {
          await Promise.race([next.ended, expect.poll(() => contentOf(lock), { timeout: 120_000 }).not.toBe(held)]);
          wake();
        }
        const { exitCode, stderr } = await next.ended;
        // At its last word the first may disturb the second, which then says so and is started again.
        if (index % 2 === 1 && exitCode !== 0) {
          counts.disturbed++;
          expect([74, 75, 80], stderr).toContain(exitCode);
          await first.ended;
          expect(await runCli(scenario.words(out))).toMatchObject({ exitCode: 0 });
        } else expect(exitCode, stderr).toBe(0);
        if (index % 2 === 0) {
          // What the first still holds is its own until it wakes.
          expect(withoutHeld(publishedIn(out))).toEqual(withoutHeld(scenario.expected));
          wake();
        }
        const woken = await first.ended;
        counts.wakeUps++;
        if (woken.exitCode === 75) counts.foundLost++;
        else expect(woken.exitCode, woken.stderr).toBe(0);
        expect(publishedIn(out)).toEqual(scenario.expected);
        expect(existsSync(lock)).toBe(false);
        const last = await runCli(['verify', out]);
        expect(last.exitCode, last.stdout).toBe(0);
        rmSync(here, { recursive: true });
      });
      expect(counts.foundLost).toBeGreaterThan(0);
    },
  );
});

/** Without the names of a lock, and of what its holder works with. */
const withoutHeld = ({ names, ...rest }: Published): object => ({
  ...rest,
  names: names.filter((name) => !/^_scoremill\/(lock|staging)/.test(name)),
});

const contentOf = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');
