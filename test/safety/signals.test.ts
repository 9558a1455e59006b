// SIGTERM and SIGINT at every step of a run, also when the command is process 1 of its container: it ends with the code that
// schedulers know, holds nothing, and the same command finishes; it is gone before a scheduler would kill it.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRun } from '../end-to-end/started-run.ts';
import { runCli } from '../run-cli.ts';
import { enginesLeft, notedOf, type Step, withFault } from './fault.ts';
import { publishedIn } from './published.ts';
import { prepareScenario, type Scenario } from './scenarios.ts';
import { type Counts, eachOf, sampled, sweep } from './sweep.ts';
import { writeTinyJob } from './tiny-job.ts';

/** What Kubernetes waits before it kills is 30 s; 5 s are left to it. */
const goneWithinMs = 25_000;
const isLinux = process.platform === 'linux';
const asProcessOne = ['unshare', '--pid', '--fork', '--mount-proc'];
const canBeProcessOne = isLinux && spawnSync(asProcessOne[0], [...asProcessOne.slice(1), 'true']).status === 0;
if (!canBeProcessOne) console.warn('skipped: tests as process 1 (this machine does not allow `unshare --pid`)');

let folder = '';
let scenario: Scenario;
beforeAll(async () => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'scoremill-'));
  scenario = await prepareScenario('a first run', writeTinyJob(join(folder, 'job')), join(folder, 'scenario'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Signalled extends Step {
  readonly signal: 'SIGTERM' | 'SIGINT';
}

const signalled = (): readonly Signalled[] =>
  scenario.steps.flatMap((step) => (['SIGTERM', 'SIGINT'] as const).map((signal) => ({ ...step, signal })));

async function stopAndFinish(one: Signalled, here: string, counts: Counts, through: readonly string[]): Promise<void> {
  const { role, step, signal } = one;
  const out = join(here, 'out');
  mkdirSync(here, { recursive: true });
  const victims = role === 'supervisor' ? 'self' : 'other';
  const fault = withFault(out, { action: signal, at: { role, step }, victims });
  const { exitCode, stderr } = await runCli(scenario.words(out), { ...fault, through });
  // A run that has begun to publish is done sooner than it could be stopped.
  const isDone = existsSync(join(out, '_SUCCESS'));
  expect(exitCode, stderr).toBe(isDone ? 0 : { SIGTERM: 143, SIGINT: 130 }[signal]);
  expect(existsSync(join(out, '_scoremill/lock'))).toBe(false);
  if (through.length === 0) expect(enginesLeft(out)).toEqual([]);
  const again = await runCli(scenario.words(out));
  expect(again.exitCode, again.stderr).toBe(0);
  expect(publishedIn(out)).toEqual(scenario.expected);
  counts.signals += notedOf(out).length;
  if (!isDone) counts.interrupted++;
  rmSync(here, { recursive: true });
}

describe.skipIf(!isLinux)('a run that is asked to stop', () => {
  sweep(
    'Asked to stop at any step, a run ends with 143 or 130 or is done, holds nothing, and can be finished',
    async (counts) => {
      Object.assign(counts, { steps: scenario.steps.length, signals: 0, interrupted: 0 });
      await eachOf(sampled(signalled(), 6), (one, i) => stopAndFinish(one, join(folder, `stop-${i}`), counts, []));
      expect(counts.interrupted).toBeGreaterThan(0);
    },
  );

  test('waits no longer than a scheduler does for batches that do not end', async () => {
    const out = join(folder, 'hung', 'out');
    mkdirSync(join(folder, 'hung'));
    const run = startRun(scenario.words(out));
    await run.until('run-started');
    const engine = run.engine();
    process.kill(engine, 'SIGSTOP');
    const askedMs = performance.now();
    run.process.kill('SIGTERM');
    const { exitCode, stderr } = await run.ended;
    expect(performance.now() - askedMs).toBeLessThan(goneWithinMs);
    expect(stderr).toContain('SIGTERM: 20 s are over, and the batches that are being scored are given up');
    expect({ exitCode, last: stderr.trimEnd().split('\n').at(-1) }).toEqual({
      exitCode: 143,
      last: 'error: the run was interrupted; run the same command again to finish it',
    });
    expect({ engine: existsSync(`/proc/${engine}`), lock: existsSync(join(out, '_scoremill/lock')) }).toEqual({
      engine: false,
      lock: false,
    });
    expect(await runCli(scenario.words(out))).toMatchObject({ exitCode: 0 });
    expect(publishedIn(out)).toEqual(scenario.expected);
  });

  test('by a second SIGINT ends at once, and its engine with it', async () => {
    const out = join(folder, 'twice', 'out');
    mkdirSync(join(folder, 'twice'));
    const run = startRun(scenario.words(out));
    await run.until('run-started');
    const engine = run.engine();
    process.kill(engine, 'SIGSTOP');
    run.process.kill('SIGINT');
    await run.untilSaid('once more to end at once');
    run.process.kill('SIGINT');
    expect(await run.ended).toMatchObject({ exitCode: 130, signal: null });
    expect(existsSync(`/proc/${engine}`)).toBe(false);
    expect(await runCli(scenario.words(out))).toMatchObject({ exitCode: 0 });
    expect(publishedIn(out)).toEqual(scenario.expected);
  });
});

describe.skipIf(!canBeProcessOne)('as process 1', () => {
  test('a command that is asked to stop before it is loaded ends, and nothing was begun', async () => {
    const out = join(folder, 'early', 'out');
    mkdirSync(join(folder, 'early'));
    // As soon as somebody listens; what takes long to load is loaded after that.
    const code = `const { on } = process; let isAsked = false;
      process.on = function (name, ...more) {
        const listening = on.call(this, name, ...more);
        if (name === 'SIGTERM' && !isAsked && (isAsked = true)) process.kill(process.pid, name);
        return listening;
      };`;
    const environment = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` };
    const { stderr, ...found } = await runCli(scenario.words(out), { environment, through: asProcessOne });
    expect({ ...found, out: existsSync(out) }).toEqual({ exitCode: 143, signal: null, stdout: '', out: false });
    // The signal is dealt with when the script lets go: by then the command may be there to speak of it.
    expect(stderr).toMatch(/^(?:SIGTERM: stopping after .*\nerror: the run was interrupted; .*\n)?$/);
  });

  sweep('The same as process 1 of a process namespace', async (counts) => {
    Object.assign(counts, { steps: scenario.steps.length, signals: 0, interrupted: 0 });
    await eachOf(sampled(signalled(), 3), (one, i) =>
      stopAndFinish(one, join(folder, `one-${i}`), counts, asProcessOne),
    );
    expect(counts.interrupted).toBeGreaterThan(0);
  });
});
