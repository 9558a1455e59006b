// What the library's options become: one override for each value that is given, under the name that a message shows.
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { jobRequest } from '../../src/run/run-request.ts';

it('lays each given value over the job file, and the named paths over the settings', () => {
  expect(
    jobRequest({
      job: 'jobs/churn.yaml',
      dataset: ['a.csv', 'b.csv'],
      settings: {
        dataset: { path: 'ignored.csv', csv: { delimiter: ';' }, types: { id: 'string' } },
        inputs: { features: { columns: ['age', 'income'], nulls: 'nan' } },
        keep: ['id'],
        rejects: { budget: 0, fill: {} },
        run: { workers: undefined },
      },
      workingFolder: 'data',
      environment: { DAY: 'monday' },
      params: { region: 'north' },
      date: '2026-01-31',
      runId: 'monday',
    }),
  ).toEqual({
    jobPath: 'jobs/churn.yaml',
    overrides: [
      { source: 'settings.dataset.path', path: ['dataset', 'path'], value: 'ignored.csv' },
      { source: 'settings.dataset.csv.delimiter', path: ['dataset', 'csv', 'delimiter'], value: ';' },
      { source: 'settings.dataset.types.id', path: ['dataset', 'types', 'id'], value: 'string' },
      {
        source: 'settings.inputs.features',
        path: ['inputs', 'features'],
        value: { columns: ['age', 'income'], nulls: 'nan' },
      },
      { source: 'settings.keep', path: ['keep'], value: ['id'] },
      { source: 'settings.rejects.budget', path: ['rejects', 'budget'], value: 0 },
      { source: 'dataset', path: ['dataset', 'path'], value: ['a.csv', 'b.csv'] },
    ],
    environment: { DAY: 'monday' },
    params: { region: 'north' },
    date: '2026-01-31',
    runId: 'monday',
    workingFolder: resolve('data'),
  });
});

it('starts in the working directory with the environment of the process', () => {
  expect(jobRequest({})).toEqual({
    jobPath: undefined,
    overrides: [],
    environment: process.env,
    params: {},
    date: undefined,
    runId: undefined,
    workingFolder: process.cwd(),
  });
});
