// The public API as a program uses it: imported from the built package, with the sample jobs.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import type { Failure, RunEvent } from '../../src/index.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const root = resolve(import.meta.dirname, '../..');
const built = new URL('../../dist/index.js', import.meta.url).href;
const { describeFailure, exitCodeOf, FailureError, plan, run, version } = (await import(
  /* @vite-ignore */ built
)) as typeof import('../../src/index.ts');

const job = join(root, 'jobs/credit-risk.yaml');
const medical = join(root, 'sample-data/medical-diagnosis');

/** The failures that a promise rejects with. */
async function failuresOf(promise: Promise<unknown>): Promise<readonly Failure[]> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(FailureError);
  return (error as InstanceType<typeof FailureError>).failures;
}

it('scores a job file into another folder and tells what happens', async () => {
  const output = join(temporaryFolder(), 'scored');
  const events: RunEvent[] = [];
  const result = await run({ job, output, runId: 'first', onEvent: (event) => events.push(event) });
  if (result.verdict !== 'complete') throw new Error(JSON.stringify(result));
  const { runId, rows, scored, rejected, filtered } = result.stats;
  expect({ runId, rows, scored, rejected, filtered }).toEqual({
    runId: 'first',
    rows: 60_000,
    scored: 59_988,
    rejected: 12,
    filtered: 0,
  });
  expect(result.outputPath).toBe(output);
  expect(result.manifest?.versions.scoremill).toBe(version);
  expect(readdirSync(output).sort()).toEqual([
    '_SUCCESS',
    '_scoremill',
    ...(result.manifest?.parts.map(({ name }) => name) ?? []),
  ]);
  const kinds = events.map(({ event }) => event).filter((event) => event !== 'progress' && event !== 'notice');
  expect([kinds[0], ...kinds.slice(-2)]).toEqual(['run-started', 'committing', 'run-finished']);
  expect(kinds.filter((event) => event === 'split-finished')).toHaveLength(result.parts);

  const again = await run({ job, output });
  expect(again.verdict).toBe('already-complete');
});

it('needs no job file when it is given a model, a dataset and an output', async () => {
  const workingFolder = temporaryFolder();
  const result = await run({
    model: join(medical, 'model.onnx'),
    dataset: [join(medical, 'data/patients.csv')],
    output: 'scored',
    settings: {
      dataset: { types: { patient_id: 'string' } },
      keep: ['patient_id'],
      outputs: { output_label: { as: 'diagnosis' } },
      run: { workers: 1 },
    },
    workingFolder,
  });
  if (result.verdict !== 'complete') throw new Error(JSON.stringify(result));
  expect(result.manifest?.columns.map(({ name }) => name)).toEqual(['patient_id', 'diagnosis']);
  expect(result.manifest?.counts.scored).toBe(569);
  expect(readFileSync(join(workingFolder, 'scored/_scoremill/manifest.json'), 'utf8')).toContain(result.stats.runId);
});

it('plans without touching anything', async () => {
  const folder = temporaryFolder();
  const planned = await plan({ job, output: join(folder, 'scored'), settings: { output: { rowsPerFile: 10_000 } } });
  expect(planned.decision).toBe('score');
  expect(planned.plan?.rows).toBe(60_000);
  expect(planned.plan?.splits.every(({ rows }) => rows <= 10_000)).toBe(true);
  expect(readdirSync(folder)).toEqual([]);
});

it('rejects with every problem found, each with its place', async () => {
  const failures = await failuresOf(
    run({
      job,
      output: join(temporaryFolder(), 'scored'),
      // biome-ignore lint/suspicious/noExplicitAny: a caller without types
      settings: { rejects: { budget: -1 }, output: { compression: 'zip' as any } },
    }),
  );
  expect(failures.map(describeFailure)).toEqual([
    expect.stringMatching(/^settings\.rejects\.budget: .+ not -1/),
    expect.stringMatching(/^settings\.output\.compression: must be .+ not "zip"/),
  ]);
  expect(failures.map(exitCodeOf)).toEqual([64, 64]);
});

it('keeps what is done when it is told to stop, and goes on from there', async () => {
  const output = join(temporaryFolder(), 'scored');
  const stop = new AbortController();
  const options = { job, output, settings: { run: { workers: 1 }, output: { rowsPerFile: 5_000 } } };
  const stopped = await run({
    ...options,
    signal: stop.signal,
    onEvent: ({ event }) => event === 'split-finished' && stop.abort(),
  });
  if (stopped.verdict !== 'interrupted') throw new Error(JSON.stringify(stopped));
  expect(stopped.stats.rows).toBeGreaterThan(0);
  expect(readdirSync(output)).toEqual(['_scoremill']);

  let resumedRows = 0;
  const resumed = await run({
    ...options,
    onEvent: (event) => {
      if (event.event === 'run-started') resumedRows = event.resumedRows;
    },
  });
  expect(resumed.verdict).toBe('complete');
  expect(resumedRows).toBe(stopped.stats.rows);
});
