// A job file with a folder of data for each day, small enough that starting it is most of its time.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildModel, floats, input, node, output, tensorOf } from '../model/build-onnx.ts';

const float32 = 1;

/** Writes `job.yaml`, a model (y = 2 x), and CSV files of three rows for these days; returns the job's path. */
export function writeNightlyJob(folder: string, days: readonly string[], outputPath = 'out/{{ ds }}'): string {
  mkdirSync(folder, { recursive: true });
  const graph = [
    node('Mul', ['x', 'two'], ['y']),
    floats('two', [1], [2]),
    input('x', tensorOf(float32, 'N')),
    output('y', tensorOf(float32, 'N')),
  ];
  writeFileSync(join(folder, 'double.onnx'), buildModel({ graph }));
  for (const day of days) {
    mkdirSync(join(folder, 'data', day), { recursive: true });
    writeFileSync(join(folder, 'data', day, 'rows.csv'), 'id,x\n1,1.5\n2,2.5\n3,3.5\n');
  }
  const job = join(folder, 'job.yaml');
  writeFileSync(
    job,
    `name: nightly
model: { path: double.onnx }
dataset: { path: 'data/{{ ds }}/*.csv' }
output: { path: '${outputPath}' }
run: { workers: 0 }
`,
  );
  return job;
}
