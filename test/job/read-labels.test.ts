// Labels of classes: in the job, in text files, in JSON files; read once, when the job is loaded.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FailureError } from '../../src/core/failure.ts';
import { loadJob } from '../../src/job/load.ts';
import { parseLabels } from '../../src/job/read-labels.ts';
import { temporaryFolder } from '../temporary-folder.ts';

describe('a label file', () => {
  test.each([
    ['a label a line', 'labels.txt', 'cat\ndog\n', ['cat', 'dog']],
    ['without the last line end', 'labels.txt', 'cat\ndog', ['cat', 'dog']],
    ['from Windows, with a byte order mark', 'labels.txt', '\uFEFFcat\r\n red panda \r\n\r\n', ['cat', 'red panda']],
    ['with labels that are alike', 'labels.txt', 'crane\ncrane\n', ['crane', 'crane']],
    ['a JSON list', 'l.JSON', '["cat", 7]', ['cat', '7']],
    ['a JSON mapping, in any order', 'l.json', '{"1": "dog", "0": "cat"}', ['cat', 'dog']],
    ['a config.json', 'config.json', '{"a": 1, "id2label": {"0": "cat", "1": "dog"}}', ['cat', 'dog']],
    ['that is empty', 'labels.txt', '\n', 'it is empty'],
    ['with an empty line', 'labels.txt', 'cat\n\ndog\n', 'line 2 is empty'],
    ['that is no text', 'labels.txt', 'a\0b', 'it is not a text file in UTF-8'],
    ['that is no JSON', 'l.json', '{', expect.stringMatching(/^it is not JSON: /)],
    ['with a hole', 'l.json', '{"0": "cat", "2": "dog"}', expect.stringMatching(/^it has no label for index 1; /)],
    [
      'of a model without labels',
      'config.json',
      '{"hidden": 12}',
      expect.stringMatching(/^it has no label for index 0; /),
    ],
    ['with other values', 'l.json', '[["cat"]]', expect.stringMatching(/^it must hold a list of labels/)],
  ])('%s', (_, path, text, wanted) => {
    expect(parseLabels(text, path)).toEqual(wanted);
  });
});

const head = 'model: { path: m.onnx }\ndataset: { path: d }\noutput: { path: o }\n';

function jobFolder(outputs: string): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'jobs'));
  writeFileSync(join(folder, 'jobs/job.yaml'), `${head}outputs: ${outputs}\n`);
  return folder;
}

const load = (folder: string, overrides: Parameters<typeof loadJob>[0]['overrides'] = []) =>
  loadJob({ jobPath: 'jobs/job.yaml', overrides, environment: {}, params: {}, workingFolder: folder });

test('a path starts at the job file, or where the command was started when an option gives it', async () => {
  const folder = jobFolder('{ y: { labels: labels.txt }, z: { labels: [1, two] } }');
  writeFileSync(join(folder, 'jobs/labels.txt'), 'a\nb\n');
  writeFileSync(join(folder, 'labels.txt'), 'c\n');
  const { job } = await load(folder);
  expect(job.outputs).toEqual({ y: { labels: ['a', 'b'] }, z: { labels: ['1', 'two'] } });
  const source = '--set outputs.y.labels';
  const other = await load(folder, [{ source, path: ['outputs', 'y', 'labels'], value: 'labels.txt' }]);
  expect(other.job.outputs?.y).toEqual({ labels: ['c'] });
});

test('another content is another job, another place is not', async () => {
  const folder = jobFolder('{ y: { labels: labels.txt } }');
  const path = join(folder, 'jobs/labels.txt');
  writeFileSync(path, 'a\nb\n');
  const { fingerprint } = await load(folder);
  writeFileSync(path, 'a\nc\n');
  expect((await load(folder)).fingerprint).not.toBe(fingerprint);
  writeFileSync(join(folder, 'same.txt'), 'a\nb\n');
  const moved = await load(folder, [{ source: '', path: ['outputs', 'y', 'labels'], value: 'same.txt' }]);
  expect(moved.fingerprint).toBe(fingerprint);
});

test('every file that cannot be used is named at once', async () => {
  const folder = jobFolder('{ a: { labels: none.txt }, b: { labels: . }, c: { labels: c.json } }');
  writeFileSync(join(folder, 'jobs/c.json'), '[]');
  const error: unknown = await load(folder).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(FailureError);
  const failures = [...(error as FailureError).failures] as { reason: string; where: string }[];
  expect(failures.map(({ reason, where }) => `${where} ${reason}`).sort()).toEqual([
    'outputs.a.labels labels-missing',
    'outputs.b.labels labels-invalid',
    'outputs.c.labels labels-invalid',
  ]);
});

test.each([
  [
    '{ y: { apply: softmx } }',
    'outputs.y.apply: must be softmax, sigmoid, argmax, { topk: k } or { threshold: t }, or a list of them, not "softmx"',
  ],
  ['{ y: { apply: { topK: 3 } } }', 'outputs.y.apply.topK: unknown key. Did you mean "topk"?'],
  ['{ y: { apply: { topk: 3, threshold: 1 } } }', 'must be softmax, sigmoid, argmax, { topk: k } or { threshold: t }'],
  ['{ y: { apply: [argmax, softmax] } }', 'of several steps only softmax and sigmoid may be followed by another'],
  [
    '{ y: { apply: { topk: 3 }, pick: { a: 0 } } }',
    'topk makes two columns, NAME_labels (or NAME_indices) and NAME_scores; name them with as',
  ],
  ['{ y: { sql: a, from: b } }', 'with sql there is nothing else to say: its name is that of the column'],
  ['{ y: { labels: [] } }', 'outputs.y.labels: must have at least one item'],
])('outputs: %s', async (outputs, message) => {
  await expect(load(jobFolder(outputs))).rejects.toThrow(message);
});
