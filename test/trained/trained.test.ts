// Models that people train, exported by scripts of ours with the tools that people use: each is scored from a model and a
// dataset alone, or with the few keys that its case.json gives a reason for, and compared with Python's onnxruntime.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JobSettings } from '../../src/run/run-request.ts';
import { type Row, readRows, resultOf } from '../end-to-end/result.ts';
import { type Conversation, python } from '../python.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { differences } from './differences.ts';
import { scoreHere } from './score-here.ts';

const built = new URL('../../dist/index.js', import.meta.url).href;
const { run } = (await import(/* @vite-ignore */ built)) as typeof import('../../src/index.ts');

interface TrainedCase {
  readonly dataset: string;
  /** What a job needs beside model and dataset, and why; empty and null where the two are enough. */
  readonly job: JobSettings;
  readonly why: string | null;
  readonly tolerance: number;
}

const folderOf = (name: string): string => join(import.meta.dirname, 'models', name);
const cases = readdirSync(folderOf('.')).sort();
const readCase = (name: string) => JSON.parse(readFileSync(join(folderOf(name), 'case.json'), 'utf8')) as TrainedCase;

const answering = `
import sys
sys.path.insert(0, sys.argv[1])
from predict import predict
for line in sys.stdin:
    folder, path = line.rstrip('\\n').split('\\t')
    predict(folder, path)
    print('done')
`;

const jobOf = (name: string) => {
  const { dataset, job } = readCase(name);
  return { model: join(folderOf(name), 'model.onnx'), dataset: join(folderOf(name), dataset), settings: job };
};

async function requireCommitted(name: string, found: readonly Row[]): Promise<void> {
  const committed = await readRows(join(folderOf(name), 'expected.parquet'));
  expect(differences(committed, found, { relative: readCase(name).tolerance, ofColumn: true })).toEqual([]);
}

const hasRuntime = python.has('onnxruntime');

describe('a trained model', () => {
  let reference: Conversation | undefined;
  beforeAll(() => {
    if (hasRuntime) reference = python.converse(answering, import.meta.dirname);
    else console.warn('skipped: the live comparison with onnxruntime; the committed predictions stand in for it');
  });
  afterAll(() => reference?.end());

  test.each(cases)('%s', async (name) => {
    const folder = temporaryFolder();
    const { rows } = await scoreHere(jobOf(name), folder);
    await requireCommitted(name, rows);
    if (reference === undefined) return;
    const live = join(folder, 'live.parquet');
    expect(await reference.ask(`${folderOf(name)}\t${live}`)).toBe('done');
    const tolerance = { relative: readCase(name).tolerance, ofColumn: false };
    expect(differences(await readRows(live), rows, tolerance)).toEqual([]);
  });
});

// One of each family and format, with all processes and threads.
const withAll = [
  'catboost-text-labels',
  'cnn-fixed-batch',
  'columns-one-hot',
  'hist-gradient-boosting-nan',
  'lightgbm-regressor',
  'multilabel-k-neighbors',
  'tfidf-logistic',
  'two-towers',
];
test.each(withAll)('%s comes out the same from the public API', async (name) => {
  const output = join(temporaryFolder(), 'out');
  const result = await run({ ...jobOf(name), output });
  expect('failures' in result ? result.failures : []).toEqual([]);
  await requireCommitted(name, await resultOf(output).rows());
});

test('a model that finds one scale for a whole call is said to', async () => {
  const folder = temporaryFolder();
  const { plan } = await scoreHere(jobOf('mlp-quantised'), folder);
  expect(plan.notices.filter((notice) => notice.includes('one scale'))).toHaveLength(1);
});

test('a key in a job has a reason, and most models need none', () => {
  const jobs = cases.map((name) => ({ name, ...readCase(name) }));
  const isBare = ({ job }: TrainedCase): boolean => Object.keys(job).length === 0;
  expect(jobs.filter((one) => isBare(one) !== (one.why === null)).map(({ name }) => name)).toEqual([]);
  expect(jobs.filter(isBare).length).toBeGreaterThan(jobs.length * 0.8);
});
