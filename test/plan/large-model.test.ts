// A model that memory cannot hold once for each core gets fewer workers, and each of them more threads.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { usableCores } from '../../src/core/resources.ts';
import { threadsFor } from '../../src/run/room.ts';
import { buildModel, floats, input, node, output, tensorOf } from '../model/build-onnx.ts';
import { runCli } from '../run-cli.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const mega = 1_000_000;
const run = { workers: 'auto', threadsPerWorker: 'auto', memory: '1000MB' } as Parameters<typeof threadsFor>[0];

test.each([
  // 600 MB of the 1,000 are for sessions; one holds the weights twice, and preflight has one, too.
  ['a small model', run, 1 * mega, 8, 1],
  ['eight workers and one more of 33 MB', run, 33 * mega, 8, 1],
  ['room for seven workers, of which eight cores make no use', run, 37 * mega, 8, 1],
  ['room for four', run, 60 * mega, 8, 2],
  ['room for two', run, 100 * mega, 8, 4],
  ['room for one', run, 150 * mega, 8, 8],
  ['more than there is: one worker tries', run, 5000 * mega, 8, 8],
  ['threads that the job gives', { ...run, threadsPerWorker: 3 }, 150 * mega, 8, 3],
  ['workers that the job gives', { ...run, workers: 8 }, 150 * mega, 8, 1],
] as const)('%s', (_what, settings, modelBytes, cores, threads) => {
  expect(threadsFor(settings, modelBytes, cores)).toBe(threads);
});

test('a run with such a model says so in its statistics, and every row is scored', async () => {
  const folder = temporaryFolder();
  const [model, data, out] = ['model.onnx', 'data.csv', 'out'].map((name) => join(folder, name));
  const values = Array.from({ length: 4_000_000 }, (_, i) => i % 3);
  const graph = [
    node('Gather', ['table', 'x'], ['y']),
    floats('table', [values.length], values),
    input('x', tensorOf(7, null)),
    output('y', tensorOf(1, null)),
  ];
  writeFileSync(model, buildModel({ graph }));
  writeFileSync(data, `x\n${Array.from({ length: 1000 }, (_, row) => row).join('\n')}\n`);
  const words = ['run', '--model', model, '--dataset', data, '--output', out, '--memory', '100MB', '--json'];
  const { exitCode, stdout, stderr } = await runCli(words);
  expect(exitCode, stderr).toBe(0);
  const cores = usableCores();
  expect(JSON.parse(stdout)).toMatchObject({ scored: 1000 });
  const statistics = readFileSync(join(out, '_scoremill/run.parquet'));
  expect(statistics.length).toBeGreaterThan(0);
  const { parquetReadObjects } = await import('hyparquet');
  const bytes = statistics.buffer.slice(statistics.byteOffset, statistics.byteOffset + statistics.byteLength);
  const [row] = await parquetReadObjects({ file: bytes as ArrayBuffer });
  expect([row.workers, row.threads_per_worker].map(Number)).toEqual([1, cores]);
});
