// The ways in which a run can meet its output folder, each with what is there before, how the run is started, and what an
// undisturbed one leaves: a killed run, started again, must leave the same.
import { appendFileSync, cpSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { runCli } from '../run-cli.ts';
import { type Step, stepsOf, withFault } from './fault.ts';
import { type Published, publishedIn } from './published.ts';
import { type TinyJob, writeTinyJob } from './tiny-job.ts';
import { type PartHashes, partsIn } from './watch-output.ts';

export interface Scenario {
  readonly title: string;
  readonly words: (out: string) => readonly string[];
  /** Makes `out` what it is before the run. */
  readonly prepare: (out: string) => void;
  /** All steps of an undisturbed run. */
  readonly steps: readonly Step[];
  /** What `publishedIn` finds in the end. */
  readonly expected: Published;
  /** The results that a reader may see meanwhile. */
  readonly results: readonly PartHashes[];
  /** Parts that may lie side by side while there is no `_SUCCESS`. */
  readonly between: readonly PartHashes[];
}

export const scenarioTitles = [
  'a first run',
  'a resumed run',
  'a run that replaces a result',
  'a run that starts over',
  'a run that adds to a result',
] as const;
export type ScenarioTitle = (typeof scenarioTitles)[number];

const unfinishedSplits = 3;

/** Carries out the scenario undisturbed. `folder` is empty and stays until the tests are over. */
export async function prepareScenario(title: ScenarioTitle, common: TinyJob, folder: string): Promise<Scenario> {
  // A dataset that grows is one of its own.
  const job = title === 'a run that adds to a result' ? writeTinyJob(join(folder, 'job')) : common;
  const before = join(folder, 'before');
  const out = join(folder, 'undisturbed/out');
  mkdirSync(join(folder, 'undisturbed'), { recursive: true });
  const other = (path: string): readonly string[] => job.words(path, '--compression', 'snappy', '--run-id', 'other');
  const older: PartHashes[] = [];
  if (title === 'a resumed run') await leaveUnfinished(job.words(before), before);
  if (title === 'a run that starts over') await leaveUnfinished(other(before), before);
  if (title === 'a run that replaces a result') {
    expect(await runCli(other(before))).toMatchObject({ exitCode: 0 });
    older.push(partsIn(before));
  }
  if (title === 'a run that adds to a result') {
    const later = job.shards.slice(3);
    for (const path of later) renameSync(path, `${path}.later`);
    expect(await runCli(job.words(before, '--if-exists', 'append'))).toMatchObject({ exitCode: 0 });
    older.push(partsIn(before));
    for (const path of later) renameSync(`${path}.later`, path);
    // A changed shard, whose part is replaced.
    appendFileSync(job.shards[0], '9999,9999.5\n');
  }
  const flags: Record<ScenarioTitle, readonly string[]> = {
    'a first run': [],
    'a resumed run': [],
    'a run that replaces a result': ['--if-exists', 'replace'],
    'a run that starts over': ['--fresh'],
    'a run that adds to a result': ['--if-exists', 'append'],
  };
  const words = (path: string): readonly string[] => job.words(path, ...flags[title]);
  const prepare = (path: string): void => {
    if (title !== 'a first run') cpSync(before, path, { recursive: true });
  };
  prepare(out);
  expect(await runCli(words(out), withFault(out, { action: 'count' }))).toMatchObject({ exitCode: 0 });
  const results = [...older, partsIn(out)];
  const between =
    title === 'a run that adds to a result' ? [new Map(results.flatMap((parts) => [...parts.entries()]))] : [];
  return { title, words, prepare, steps: stepsOf(out), expected: publishedIn(out), results, between };
}

/** A run that was killed when some of its splits were done. */
async function leaveUnfinished(words: readonly string[], out: string): Promise<void> {
  const at = { role: 'engine', label: 'send answer', times: unfinishedSplits + 1 } as const;
  const { signal } = await runCli(words, withFault(out, { action: 'SIGKILL', at, victims: 'both' }));
  expect(signal).toBe('SIGKILL');
}
