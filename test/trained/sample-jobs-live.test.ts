// The sample jobs against Python's onnxruntime as it runs here and now; test/end-to-end compares them with committed predictions.
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readRows } from '../end-to-end/result.ts';
import { type Conversation, python } from '../python.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { differences } from './differences.ts';
import { scoreHere } from './score-here.ts';

const jobs = ['credit-risk', 'medical-diagnosis', 'digits', 'digits-pixels', 'text-classification', 'recommendation'];
const relative = 1e-6;

const answering = `
import sys
sys.path.insert(0, sys.argv[1])
from predict_sample import predict_sample
for line in sys.stdin:
    predict_sample(*line.rstrip('\\n').split('\\t'))
    print('done')
`;

describe.skipIf(!python.has('onnxruntime'))('the sample job', () => {
  let reference: Conversation;
  beforeAll(() => {
    reference = python.converse(answering, import.meta.dirname);
  });
  afterAll(() => reference.end());

  test.each(jobs)('%s equals onnxruntime in Python, its rejects included', async (job) => {
    const folder = temporaryFolder();
    const live = join(folder, 'live.parquet');
    const { rows } = await scoreHere({ job: resolve(import.meta.dirname, `../../jobs/${job}.yaml`) }, folder);
    expect(await reference.ask(`${job}\t${live}`)).toBe('done');
    expect(differences(await readRows(live), rows, { relative, ofColumn: false })).toEqual([]);
  });
});
