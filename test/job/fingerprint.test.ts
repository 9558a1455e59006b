import { expect, it } from 'vitest';
import { factsOf, fingerprintOf } from '../../src/job/fingerprint.ts';
import { applyOverrides } from '../../src/job/overrides.ts';
import { jobSchema } from '../../src/job/schema.ts';

const base = {
  model: { path: '/m.onnx' },
  dataset: { path: '/data/*.csv' },
  output: { path: '/out' },
  outputs: { a: { as: 'x' }, b: { pick: { p: 0, q: 1 } } },
};

const job = (path: string, value: unknown) =>
  jobSchema.parse(applyOverrides(base, [{ source: '', path: path.split('.'), value }]));
const fingerprint = (path: string, value: unknown) => fingerprintOf(job(path, value));
const same = fingerprintOf(jobSchema.parse(base));

it.each([
  ['name', 'other'],
  ['output.path', '/elsewhere'],
  ['output.ifExists', 'replace'],
  ['run.workers', 7],
  ['run.memory', '4GiB'],
  ['run.retries', 0],
  ['run.stallAfter', '1h'],
  ['run.takeOverAfter', 0],
  ['rejects.budget', '5%'],
  ['dataset.csv.header', true],
  ['dataset.path', ['/data/*.csv']],
])('does not change with %s', (path, value) => {
  expect(fingerprint(path, value)).toBe(same);
});

it.each([
  ['model.path', '/other.onnx'],
  ['model.version', 2],
  ['model.rebuild', 'never'],
  ['model.variant', 'int8'],
  ['dataset.path', ['/data/*.csv', '/more.csv']],
  ['dataset.where', 'a > 1'],
  ['dataset.csv.decimal', ','],
  ['dataset.types', { a: 'int' }],
  ['inputs', { x: 'a' }],
  ['outputs.a.as', 'y'],
  ['outputs', { b: { pick: { p: 0, q: 1 } }, a: { as: 'x' } }],
  ['outputs.b.pick', { q: 1, p: 0 }],
  ['keep', []],
  ['rejects.nulls', 'nan'],
  ['rejects.fill', { a: 0 }],
  ['output.compression', 'gzip'],
  ['output.rowsPerFile', 5],
  ['output.where', 'x > 1'],
  ['outputs.a.apply', 'softmax'],
  ['outputs.a.labels', ['x', 'y']],
  ['run.batchRows', 64],
  ['run.threadsPerWorker', 2],
])('changes with %s', (path, value) => {
  expect(fingerprint(path, value)).toMatch(/^[0-9a-f]{64}$/);
  expect(fingerprint(path, value)).not.toBe(same);
});

it('comes with facts that say what it covers, in short', () => {
  const facts = factsOf(job('dataset.where', `a in (${'1, '.repeat(200)}1)`));
  expect({ ...facts, 'dataset.where': facts['dataset.where'].replace(/(1, )+/, '1, ') }).toEqual({
    'model.path': '"/m.onnx"',
    'model.version': '"latest"',
    'model.rebuild': '"auto"',
    'dataset.path': '["/data/*.csv"]',
    'dataset.format': '"auto"',
    'dataset.csv.header': 'true',
    'dataset.csv.quote': '"\\""',
    'dataset.csv.escape': '"\\""',
    'dataset.csv.nullValues': '[""]',
    'dataset.csv.encoding': '"utf-8"',
    'dataset.csv.decimal': '"."',
    'dataset.where': expect.stringMatching(/^"a in \(1, \d?.*\.\.\. \([0-9a-f]{12}\)$/),
    'outputs.a.as': '"x"',
    'outputs.b.pick.p': '0',
    'outputs.b.pick.q': '1',
    outputOrder: '[["a"],["b","p","q"]]',
    'rejects.nulls': '"reject"',
    'output.compression': '"zstd"',
    'output.rowsPerFile': '1000000',
    'run.batchRows': '"auto"',
    'run.threadsPerWorker': '1',
  });
});
