// SIGKILL at every step of a run: of the supervisor, of the engine, of both. The same command then finishes with the bytes of
// an undisturbed run, and a reader who looks all the time never sees anything partial.
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { runCli } from '../run-cli.ts';
import { enginesLeft, notedOf, type Role, withFault } from './fault.ts';
import { publishedIn } from './published.ts';
import { prepareScenario, type Scenario, scenarioTitles } from './scenarios.ts';
import { eachOf, sampled, sweep } from './sweep.ts';
import { type TinyJob, writeTinyJob } from './tiny-job.ts';
import { watchOutput } from './watch-output.ts';

interface Kill {
  readonly role: Role;
  readonly step: number;
  readonly label: string;
  readonly victims: 'self' | 'other' | 'both';
}

let folder = '';
let job: TinyJob;
beforeAll(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'scoremill-'));
  job = writeTinyJob(join(folder, 'job'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Every step with every process that is there: before `send preflight` and after `kill engine` there is only the supervisor. */
function killsOf({ steps }: Scenario): readonly Kill[] {
  const place = (label: string): number => steps.findIndex((one) => one.role === 'supervisor' && one.label === label);
  const [first, last] = [place('send preflight'), place('kill engine')];
  return steps.flatMap((step, i) =>
    (i < first || i > last ? (['self'] as const) : (['self', 'other', 'both'] as const)).map((victims) => ({
      ...step,
      victims,
    })),
  );
}

describe.skipIf(process.platform !== 'linux').each(scenarioTitles)('%s', (title) => {
  sweep(
    `${title}, killed at any step and started again, ends with the same bytes, and nothing partial was visible`,
    async (counts) => {
      const here = join(folder, title);
      const scenario = await prepareScenario(title, job, here);
      const kills = sampled(killsOf(scenario), title === 'a first run' ? 8 : 2);
      Object.assign(counts, { steps: scenario.steps.length, kills: 0, looks: 0 });
      await eachOf(kills, async (kill, index) => {
        const out = join(here, String(index), 'out');
        mkdirSync(join(here, String(index)));
        scenario.prepare(out);
        const watch = watchOutput(out, scenario.results, scenario.between);
        const { role, step, victims } = kill;
        const killed = await runCli(
          scenario.words(out),
          withFault(out, { action: 'SIGKILL', at: { role, step }, victims }),
        );
        const happened = notedOf(out).length;
        const isSupervisorHit = victims === 'both' || (victims === 'self') === (role === 'supervisor');
        expect(killed.signal ?? killed.exitCode, killed.stderr).toBe(happened > 0 && isSupervisorHit ? 'SIGKILL' : 0);
        const again = await runCli(scenario.words(out));
        expect(again.exitCode, again.stderr).toBe(0);
        expect(watch.end()).toEqual([]);
        expect(publishedIn(out)).toEqual(scenario.expected);
        // One that is still being loaded learns of it when it is.
        await expect.poll(() => enginesLeft(out), { timeout: 10_000 }).toEqual([]);
        counts.kills += happened;
        counts.looks += watch.looks();
        rmSync(join(here, String(index)), { recursive: true });
      });
    },
  );
});
