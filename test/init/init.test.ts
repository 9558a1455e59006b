// `scoremill init`: the job file that it writes, and that `scoremill plan` takes it as it is.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { caseNames, readCase } from '../cases/case-job.ts';
import { corpora } from '../corpora.ts';
import { buildModel, input, node, output, tensorOf } from '../model/build-onnx.ts';
import { runCli } from '../run-cli.ts';
import { sampled } from '../safety/sweep.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const root = resolve(import.meta.dirname, '../..');
const samples = {
  'credit-risk': 'data/*.parquet',
  'medical-diagnosis': 'data/patients.csv',
  digits: 'images/*.arrow',
  'text-classification': 'data/*',
  recommendation: 'data/*.csv.gz',
} as const;

test.for(sampled(Object.entries(samples), 2))(
  'the job file for %s passes plan as it is',
  { timeout: 60_000 },
  async ([name, data]) => {
    const path = join(temporaryFolder(), 'job.yaml');
    const words = ['--model', `sample-data/${name}/model.onnx`, '--dataset', `sample-data/${name}/${data}`];
    expect(await runCli(['init', ...words, '--output', path])).toMatchObject({ exitCode: 0, stdout: '' });
    expect(await runCli(['plan', path, '--quiet'])).toMatchObject({ exitCode: 0, stderr: '' });
    const job = parse(readFileSync(path, 'utf8')) as {
      name: string;
      model: { path: string };
      dataset: { path: string };
    };
    // A path that is near is written relative to the job file.
    const meant = (written: string) => resolve(dirname(path), written);
    expect([job.name, meant(job.model.path), meant(job.dataset.path)]).toEqual([
      name,
      join(root, `sample-data/${name}/model.onnx`),
      join(root, `sample-data/${name}/${data}`),
    ]);
  },
);

/** Cases that bind by name, with names and types that a job file must quote or leave alone. */
const byName = ['iris-rf-headerless', 'recommender-sparse-int32', 'unicode-model-name', 'wide-201-inputs'];

describe.skipIf(!corpora.available)('a borrowed case that binds by name', () => {
  test('is there for each name', () => expect(caseNames('cases')).toEqual(expect.arrayContaining(byName)));

  test.for(sampled(byName, 2))('%s has a job file that passes plan as it is', { timeout: 60_000 }, async (name) => {
    const folder = corpora.path('cases', name);
    const { model, dataset } = readCase(folder);
    const csv = Object.entries(dataset.csv ?? {}).flatMap(([key, value]) => [
      '--set',
      `dataset.csv.${key}=${JSON.stringify(value)}`,
    ]);
    const files = dataset.files.flatMap((file) => ['--dataset', resolve(folder, file)]);
    const path = join(temporaryFolder(), 'job.yaml');
    const words = ['--model', resolve(folder, model.file), ...files, '--format', dataset.format, ...csv];
    expect(await runCli(['init', ...words, '--output', path])).toMatchObject({ exitCode: 0 });
    expect(await runCli(['plan', path, '--quiet'])).toMatchObject({ exitCode: 0, stderr: '' });
  });
});

/** A model of two features beside a table of three numbers, so that names alone do not tell. */
function ambiguous(): string {
  const folder = temporaryFolder();
  const float = tensorOf(1, 'N', 2);
  const graph = [node('Identity', ['x'], ['y']), input('x', float), output('y', float)];
  mkdirSync(join(folder, 'churn'));
  writeFileSync(join(folder, 'churn/model.onnx'), buildModel({ graph }));
  writeFileSync(join(folder, 'data.csv'), 'customer_id,a,b: $x\n1,0.5,1\n2,1.5,0\n');
  return folder;
}

const words = ['--model', 'churn', '--dataset', 'data.csv'];

test('what names do not tell stands in a comment, and once it is said the file passes', async () => {
  const folder = ambiguous();
  const left = await runCli(['init', ...words], { folder });
  expect(left.exitCode).toBe(0);
  expect(left.stderr.split('\n')).toEqual([
    'wrote job.yaml; complete its inputs, then check it with: scoremill plan job.yaml',
    'the inputs are left open; the file says why',
    '',
  ]);
  const path = join(folder, 'job.yaml');
  const text = readFileSync(path, 'utf8');
  expect(text).toContain('# inputs:\n#   x: [a, "b: $$x"] # float32 [N, 2]; ');
  expect(text).toContain('# keep: [customer_id]\n');
  expect(text).toContain('  #   customer_id  BIGINT  1 | 2\n');
  expect(parse(text)).toEqual({
    name: 'churn',
    model: { path: 'churn' },
    dataset: { path: 'data.csv' },
    output: { path: 'out/churn' },
  });
  expect(await runCli(['plan', path, '--quiet'])).toMatchObject({ exitCode: 78 });
  writeFileSync(path, text.replaceAll('# inputs:', 'inputs:').replace('#   x:', '  x:'));
  expect(await runCli(['plan', path, '--quiet'])).toMatchObject({ exitCode: 0, stderr: '' });
});

test('what is said stands in the file, which is printed for -, and no file is written over', async () => {
  const folder = ambiguous();
  const said = ['--keep', 'customer_id', '--nulls', 'nan', '--where', 'a > 0'];
  const { exitCode, stdout } = await runCli(['init', ...words, ...said, '--output', '-'], { folder });
  expect(exitCode).toBe(0);
  expect(parse(stdout)).toEqual({
    name: 'churn',
    model: { path: 'churn' },
    dataset: { path: 'data.csv', where: 'a > 0' },
    inputs: { x: ['a', 'b: $$x'] },
    outputs: { y: { as: 'y' } },
    keep: ['customer_id'],
    rejects: { nulls: 'nan' },
    output: { path: 'out/churn' },
  });
  writeFileSync(join(folder, 'job.yaml'), 'mine');
  expect(await runCli(['init', ...words], { folder })).toMatchObject({
    exitCode: 73,
    stderr: expect.stringContaining('job.yaml is there already; '),
  });
  expect(readFileSync(join(folder, 'job.yaml'), 'utf8')).toBe('mine');
  expect(await runCli(['init', ...words, '--force'], { folder })).toMatchObject({ exitCode: 0 });
  expect(await runCli(['init', ...words, '--output', 'none/job.yaml'], { folder })).toMatchObject({
    exitCode: 73,
    stderr: expect.stringContaining('there is no folder none'),
  });
});
