// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the job file's own templates are what is tested
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadJob } from '../../src/job/load.ts';
import type { Job } from '../../src/job/schema.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scoremill-filled-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function load(text: string, environment: Record<string, string>): Promise<Job> {
  await writeFile(join(folder, 'job.yaml'), `model: { path: m }\ndataset: { path: d }\noutput: { path: o }\n${text}`);
  const { job } = await loadJob({
    jobPath: 'job.yaml',
    overrides: [],
    environment,
    params: { n: '3' },
    workingFolder: folder,
  });
  return job;
}

it('reads text of a template as the number that the schema wants, quoted or not', async () => {
  const job = await load(
    'rejects:\n  budget: ${N}\n  fill: { age: "${N}" }\nrun: { workers: "${N:-1}", retries: "{{ params.n }}" }',
    {
      N: '12',
    },
  );
  expect([job.rejects.budget, job.run.workers, job.run.retries]).toEqual([12, 12, 3]);
});

it('reads it as YAML would where the schema takes both: unquoted as a number, quoted as text', async () => {
  const job = await load('rejects:\n  fill:\n    a: ${N}\n    b: "${N}"\n    c: ${N}0\n    d: ${T}\n', {
    N: '1e3',
    T: 'true',
  });
  expect(job.rejects.fill).toEqual({ a: 1000, b: '1e3', c: '1e30', d: true });
});

it('leaves it text where the schema wants text', async () => {
  const job = await load('name: ${N}\nkeep:\n  - ${N}\ninputs:\n  x: ${N}\n', { N: '007' });
  expect([job.name, job.keep, job.inputs]).toEqual(['007', ['007'], { x: { column: '007' } }]);
});

it('can never add structure', async () => {
  const job = await load(
    'dataset:\n  path: d\n  where: ${W}\n'.replace('dataset:\n  path: d\n  where', 'keep: [a]\nname: n\ninputs:\n  x'),
    {
      W: '{ value: 1 }',
    },
  );
  expect(job.inputs).toEqual({ x: { column: '{ value: 1 }' } });
});

it('names the variable and not its value when the schema refuses it', async () => {
  await expect(load('rejects:\n  budget: ${SECRET}\n', { SECRET: 'hunter2' })).rejects.toThrow(
    'job.yaml:5:3: rejects.budget: must be a number of rows or a percentage such as "1%", not what ${SECRET} stands for',
  );
});

it('asks for quotes where YAML would read the braces of a template as its own', async () => {
  await expect(load('name: {{ ds }}\n', {})).rejects.toThrow(
    'job.yaml:4:8: a key must be text; a value that begins with {{ stands in quotes',
  );
  await expect(load('rejects: { budget: ${N} }\n', {})).rejects.toThrow(
    'a template inside { } or at the start of a value stands in quotes',
  );
});
