// The examples of docs/library.md: compiled in strict mode against a packed install, and run.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { packedInstall } from '../packed-install.ts';

const medical = resolve(import.meta.dirname, '../../sample-data/medical-diagnosis');
const model = join(medical, 'model.onnx');
const dataset = join(medical, 'data/patients.csv');
const folder = packedInstall('library');

function example(name: string, ...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join('build', `${name}.js`), ...words], {
    cwd: folder,
    encoding: 'utf8',
  });
  return { status, lines: stdout.trimEnd().split('\n'), stderr };
}

it('looks at a model, a dataset and the plan for them', () => {
  const { status, lines, stderr } = example('look-first', model, dataset, 'scored');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(lines.filter((line) => line.startsWith('column '))).toHaveLength(32);
  expect(lines.find((line) => line.startsWith('input '))).toMatch(/^input \w+: float32 \[.*\]$/);
  expect(lines.at(-1)).toMatch(/^569 rows would become patient_id, /);
  expect(existsSync(join(folder, 'scored'))).toBe(false);
});

it('scores, tells how it goes, and leaves a complete output alone', () => {
  const { status, lines, stderr } = example('score', model, dataset, 'scored');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(lines[0]).toMatch(/^569 rows in 1 splits, \d+ workers$/);
  expect(lines).toContain('complete: 569 = 569 scored + 0 rejected + 0 filtered');
  expect(lines.at(-1)).toMatch(/^\/.*\/scored\/part-00000-.*\.parquet: 569 rows$/);
  expect(example('score', model, dataset, 'scored').lines).toEqual([expect.stringMatching(/^already complete: run /)]);
});

it('ends with the exit code and the sentences of the command line', () => {
  const { status, stderr } = example('score', 'no-such.onnx', dataset, 'other');
  expect(status).toBe(66);
  expect(stderr).toMatch(/^model-missing: no model at .*no-such\.onnx; check --model/);
});

it('stops when time is up', () => {
  const job = resolve(import.meta.dirname, '../../jobs/credit-risk.yaml');
  const stopped = example('stop-and-resume', job, 'later', '0.001');
  expect(stopped).toEqual({ status: 0, lines: [expect.stringMatching(/^time is up/)], stderr: '' });
  expect(existsSync(join(folder, 'later/_SUCCESS'))).toBe(false);
  expect(example('stop-and-resume', job, 'later', '60').lines.at(-1)).toBe('complete');
});
