// Batches whose size is measured: what may be chosen, what is kept for the next run, and that a run which is repeated keeps its own.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RunEvent } from '../../src/index.ts';
import { type BatchTrial, choose, isWorthCalibrating } from '../../src/plan/calibrate.ts';
import { rememberCalibration, rememberedCalibration } from '../../src/plan/calibration-memory.ts';
import { buildModel, floats, input, node, output, tensorOf } from '../model/build-onnx.ts';
import { runCli } from '../run-cli.ts';
import { openConnection } from '../scoring/batches.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const trial = (batchRows: number, microsecondsPerRow: number, isSame = true): BatchTrial => ({
  batchRows,
  microsecondsPerRow,
  isSame,
});

test('the fastest size is chosen, if it is clearly faster and every row scores the same', () => {
  expect(choose([trial(2048, 8), trial(1024, 7.5), trial(512, 7.4), trial(256, 7.6)])).toBe(512);
  expect(choose([trial(2048, 8), trial(1024, 7.9), trial(512, 7.7)])).toBe(2048);
  expect(choose([trial(2048, 8), trial(1024, 2, false), trial(512, 7)])).toBe(512);
  expect(choose([trial(2048, 8), trial(1024, 2, false)])).toBe(2048);
});

test('small jobs and light models are not measured', () => {
  // 16 rows a call: 8 microseconds a row beside the call's own 50.
  expect(isWorthCalibrating(0.178, 16, 1_000_000)).toBe(true);
  expect(isWorthCalibrating(0.178, 16, 100_000)).toBe(false);
  expect(isWorthCalibrating(0.04, 16, 100_000_000)).toBe(false);
  expect(isWorthCalibrating(null, 16, 100_000_000)).toBe(false);
});

/** 800,000 rows, of which a filter leaves the first 2,048 and every 400th; 8 features of each go through two matrices: seconds of work, were it all. */
const job = { rows: 800_000, features: 8, width: 32_768 };
/** The path of the job file. */
async function madeJob(): Promise<string> {
  const folder = temporaryFolder();
  const connection = await openConnection();
  const data = join(folder, 'data.parquet');
  await connection.run(
    `COPY (SELECT range AS id FROM range(${job.rows})) TO '${data}' (FORMAT parquet, COMPRESSION zstd)`,
  );
  const { features, width } = job;
  const weights = (count: number): number[] => Array.from({ length: count }, (_, i) => Math.sin(i) / 16);
  const graph = [
    node('MatMul', ['x', 'w'], ['h']),
    node('Relu', ['h'], ['r']),
    node('MatMul', ['r', 'v'], ['y']),
    floats('w', [features, width], weights(features * width)),
    floats('v', [width, 4], weights(width * 4)),
    input('x', tensorOf(1, 'N', features)),
    output('y', tensorOf(1, 'N', 4)),
  ];
  writeFileSync(join(folder, 'model.onnx'), buildModel({ graph }));
  const columns = Array.from({ length: features }, (_, i) => `sin(id + ${i})::FLOAT`);
  const text = {
    name: 'matrices',
    model: { path: 'model.onnx' },
    dataset: { path: 'data.parquet', where: 'id < 2048 OR id % 400 = 0' },
    inputs: { x: columns },
    keep: ['id'],
    run: { workers: 1 },
  };
  writeFileSync(join(folder, 'job.yaml'), JSON.stringify({ ...text, output: { path: 'out' } }));
  return join(folder, 'job.yaml');
}

interface Calibrated {
  readonly batchRows: number;
  readonly calibration?: { readonly batchRows: number; readonly rows: number; readonly trials: readonly BatchTrial[] };
}

const manifestOf = (output: string): Calibrated =>
  JSON.parse(readFileSync(join(output, '_scoremill/manifest.json'), 'utf8'));

async function score(jobPath: string, output: string, cache: string): Promise<Calibrated> {
  const words = ['run', jobPath, '--output', output, '--run-id', 'r', '--quiet'];
  const { exitCode, stderr } = await runCli(words, { environment: { XDG_CACHE_HOME: cache } });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return manifestOf(output);
}

test('sizes are measured on the first rows, recorded, kept for the next run, and those of a run that is repeated stay', async () => {
  const jobPath = await madeJob();
  const cache = join(temporaryFolder(), 'cache');
  const { batchRows, calibration } = await score(jobPath, join(temporaryFolder(), 'first'), cache);
  expect(calibration).toMatchObject({ batchRows, rows: 2048 });
  expect(calibration!.trials.map((one) => one.batchRows)).toEqual([2048, 1024, 512, 256]);
  expect(batchRows).toBe(choose(calibration!.trials));
  // Times to the nanosecond are not measured twice alike.
  const again = await score(jobPath, join(temporaryFolder(), 'second'), cache);
  expect(again.calibration).toEqual(calibration);

  const kept = join(cache, 'scoremill/calibration');
  const [name, ...others] = readdirSync(kept);
  expect(others).toEqual([]);
  const remember = (rows: number): void =>
    writeFileSync(join(kept, name), JSON.stringify({ batchRows: rows, rows: 2048, trials: [trial(rows, 1)] }));
  remember(128);
  const { run } = (await import(
    /* @vite-ignore */ new URL('../../dist/index.js', import.meta.url).href
  )) as typeof import('../../src/index.ts');
  const output = join(temporaryFolder(), 'out');
  const stop = new AbortController();
  process.env.XDG_CACHE_HOME = cache;
  const interrupted = await run({
    job: jobPath,
    output,
    runId: 'r',
    signal: stop.signal,
    onEvent: ({ event }: RunEvent) => {
      if (event === 'split-finished') stop.abort();
    },
  });
  expect(interrupted.verdict).toBe('interrupted');
  remember(512);
  expect((await score(jobPath, output, cache)).batchRows).toBe(128);
  const words = ['verify', output, '--rescore', '1000'];
  const verified = await runCli(words, { environment: { XDG_CACHE_HOME: cache } });
  expect(verified.exitCode, verified.stderr).toBe(0);
}, 120_000);

test('what was kept is not needed: damaged, or in a home that cannot be written to, it is as if it were not there', async () => {
  const folder = temporaryFolder();
  const calibration = { batchRows: 512, rows: 2048, trials: [trial(2048, 2), trial(512, 1)] };
  const path = join(folder, 'a/b.json');
  expect(await rememberedCalibration(path)).toBeNull();
  await rememberCalibration(path, calibration);
  expect(await rememberedCalibration(path)).toEqual(calibration);
  writeFileSync(path, '{"batchRows": 3}');
  expect(await rememberedCalibration(path)).toBeNull();
  await rememberCalibration(join(path, 'below a file.json'), calibration);
});
