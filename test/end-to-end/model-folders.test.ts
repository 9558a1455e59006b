// A model folder scored as its users lay it out: its labels name the result columns, and changing them is a change of the model.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readManifest } from '../../src/commit/manifest.ts';
import { buildModel, input, node, output, tensorOf } from '../model/build-onnx.ts';
import { runCli } from '../run-cli.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const float = tensorOf(1, 'N', 2);
const model = buildModel({ graph: [node('Neg', ['x'], ['scores']), input('x', float), output('scores', float)] });
const config = 'output { name: "scores" data_type: TYPE_FP32 dims: 2 label_filename: "labels.txt" } max_batch_size: 4';

test('labels name the columns, and other labels refuse to resume, to be done already, and to be scored again', {
  timeout: 120_000,
}, async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'net/1'), { recursive: true });
  writeFileSync(join(folder, 'net/1/model.onnx'), model);
  writeFileSync(join(folder, 'net/config.pbtxt'), config);
  writeFileSync(join(folder, 'net/labels.txt'), 'good\nbad\n');
  writeFileSync(join(folder, 'data.csv'), 'a,b\n1,2\nx,4\n');
  const words = ['--model', 'net', '--dataset', 'data.csv', '--output', 'out', '--set', 'inputs.x=[a, b]', '--quiet'];
  // One row too many is rejected: the run stays unfinished.
  expect(await runCli(['run', ...words], { folder })).toMatchObject({ exitCode: 65 });
  writeFileSync(join(folder, 'net/labels.txt'), 'good\nworse\n');
  const changed = /beside the model: \.\.\/labels\.txt: sha256 [0-9a-f]{12} \(was sha256 [0-9a-f]{12}\)/;
  expect(await runCli(['run', ...words, '--budget', '1'], { folder })).toMatchObject({
    exitCode: 73,
    stderr: expect.stringMatching(changed),
  });
  writeFileSync(join(folder, 'net/labels.txt'), 'good\nbad\n');
  expect(await runCli(['run', ...words, '--budget', '1'], { folder })).toMatchObject({ exitCode: 0 });
  const manifest = await readManifest(join(folder, 'out/_scoremill/manifest.json'));
  expect(manifest?.columns).toEqual([
    { name: 'scores_good', type: 'FLOAT', kept: false },
    { name: 'scores_bad', type: 'FLOAT', kept: false },
  ]);
  expect(manifest?.model.sidecars.map(({ path, fileBytes }) => [path, fileBytes])).toEqual([
    ['../config.pbtxt', config.length],
    ['../labels.txt', 9],
  ]);
  writeFileSync(join(folder, 'net/labels.txt'), 'good\nworse\n');
  expect(await runCli(['run', ...words, '--budget', '1'], { folder })).toMatchObject({
    exitCode: 73,
    stderr: expect.stringMatching(changed),
  });
  expect(await runCli(['verify', 'out', '--rescore', '2'], { folder })).toMatchObject({
    exitCode: 66,
    stderr: expect.stringMatching(/model \.\.\/labels\.txt: sha256 [0-9a-f]{12}\.\.\. \(was [0-9a-f]{12}\.\.\.\)/),
  });
});
