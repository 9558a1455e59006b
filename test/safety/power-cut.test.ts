// A power cut at every step of a run: all that was not synced is gone. What is left is finished by the same command, with the
// bytes of an undisturbed run.
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { runCli } from '../run-cli.ts';
import { keepAll, restore } from './durable.mjs';
import { notedOf, withFault } from './fault.ts';
import { publishedIn } from './published.ts';
import { prepareScenario } from './scenarios.ts';
import { eachOf, sampled, sweep } from './sweep.ts';
import { type TinyJob, writeTinyJob } from './tiny-job.ts';
import { watchOutput } from './watch-output.ts';

let folder = '';
let job: TinyJob;
beforeAll(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'scoremill-'));
  job = writeTinyJob(join(folder, 'job'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const titles = [
  'a first run',
  'a run that replaces a result',
  'a run that starts over',
  'a run that adds to a result',
] as const;

describe.skipIf(process.platform !== 'linux').each(titles)('%s', (title) => {
  sweep(
    `${title}, ended by a power cut at any step that loses all that was not synced, is finished`,
    async (counts) => {
      const here = join(folder, title);
      const scenario = await prepareScenario(title, job, here);
      Object.assign(counts, { steps: scenario.steps.length, powerCuts: 0 });
      await eachOf(sampled(scenario.steps, title === 'a first run' ? 4 : 2), async ({ role, step }, index) => {
        const machine = join(here, String(index));
        const out = join(machine, 'out');
        const durable = join(here, `${index}-durable`);
        for (const path of [machine, durable]) mkdirSync(path);
        scenario.prepare(out);
        keepAll(durable, machine);
        await runCli(
          scenario.words(out),
          withFault(out, { action: 'SIGKILL', at: { role, step }, victims: 'both', durable }),
        );
        counts.powerCuts += notedOf(out).length;
        rmSync(machine, { recursive: true });
        restore(durable, machine, machine);

        const watch = watchOutput(out, scenario.results, scenario.between);
        const again = await runCli(scenario.words(out));
        expect(again.exitCode, again.stderr).toBe(0);
        expect(watch.end()).toEqual([]);
        expect(publishedIn(out)).toEqual(scenario.expected);
        for (const path of [machine, durable]) rmSync(path, { recursive: true });
      });
    },
  );
});
