// SIGKILL at random moments, several times in one output folder before the run may end: while it starts, scores, resumes and
// commits, and while native code writes, where no step is numbered.
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { signalIfThere } from '../descendants.ts';
import { type StartedRun, startRun } from '../end-to-end/started-run.ts';
import { runCli } from '../run-cli.ts';
import { publishedIn } from './published.ts';
import { prepareScenario } from './scenarios.ts';
import { type Counts, eachOf, isFull, sweep } from './sweep.ts';
import { type TinyJob, writeTinyJob } from './tiny-job.ts';
import { watchOutput } from './watch-output.ts';

const kills = isFull ? 1000 : 50;
const mostKillsInARow = 5;
/** About what a phase lasts; a phase is chosen first, or most kills would come before the first row is scored. */
const mostDelayMs = 300;
const phases = ['starting', 'run-started', 'split-finished', 'committing'] as const;
const countOf = {
  starting: 'killsInPreflight',
  'run-started': 'killsInTheFirstSplits',
  'split-finished': 'killsBetweenSplits',
  committing: 'killsInCommit',
};

let folder = '';
let job: TinyJob;
beforeAll(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'scoremill-'));
  job = writeTinyJob(join(folder, 'job'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const below = (end: number): number => Math.floor(Math.random() * end);

/** Kills the supervisor, the engine or both at a random moment. False when the run was over before. */
async function killOnce(run: StartedRun, counts: Counts): Promise<boolean> {
  const phase = phases[below(phases.length)];
  const moment = async (): Promise<boolean> => {
    if (phase !== 'starting') await run.until(phase, phase === 'split-finished' ? 1 + below(4) : 1).catch(() => {});
    await sleep(Math.random() * (phase === 'committing' ? mostDelayMs / 10 : mostDelayMs));
    return true;
  };
  const isThere = await Promise.race([moment(), run.ended.then(() => false)]);
  const victim = below(3);
  if (isThere && run.process.exitCode === null) {
    const engines = run.children();
    if (victim !== 1) run.process.kill('SIGKILL');
    if (victim !== 0) for (const pid of engines) signalIfThere(pid, 'SIGKILL');
  }
  const { exitCode, signal, stderr } = await run.ended;
  expect([0, null], stderr).toContain(exitCode);
  const isKilled = signal === 'SIGKILL' || run.events.some(({ event }) => event === 'engine-restarted');
  if (isKilled) counts[countOf[phase]] = (counts[countOf[phase]] ?? 0) + 1;
  return isKilled;
}

describe.skipIf(process.platform !== 'linux')('a run', () => {
  sweep('A run that is killed at random moments, several times in a row, ends with the same bytes', async (counts) => {
    const scenario = await prepareScenario('a first run', job, join(folder, 'scenario'));
    Object.assign(counts, { kills: 0, rounds: 0, looks: 0 });
    // As many rounds as could be needed; they end when there were enough kills.
    await eachOf([...Array(kills).keys()], async (round) => {
      if (counts.kills >= kills) return;
      const here = join(folder, String(round));
      const out = join(here, 'out');
      mkdirSync(here);
      const watch = watchOutput(out, scenario.results, scenario.between);
      for (let inARow = 0; inARow < mostKillsInARow; inARow++) {
        if (!(await killOnce(startRun(scenario.words(out)), counts))) break;
        counts.kills++;
      }
      const last = await runCli(scenario.words(out));
      expect(last.exitCode, last.stderr).toBe(0);
      expect(watch.end()).toEqual([]);
      expect(publishedIn(out)).toEqual(scenario.expected);
      counts.rounds++;
      counts.looks += watch.looks();
      rmSync(here, { recursive: true });
    });
  });
});
