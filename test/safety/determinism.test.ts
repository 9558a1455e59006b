// The same bytes whatever the number of workers, and however often the run or its engine was killed: with a model that gives
// other last bits in calls of another size, in every format, with small shards packed, with texts and with pictures.
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { tableFromArrays, tableToIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Database } from '../../src/core/duckdb-database.ts';
import { quoteText } from '../../src/core/sql.ts';
import { resultOf } from '../end-to-end/result.ts';
import { startRun } from '../end-to-end/started-run.ts';
import { plain, png } from '../image/pictures.ts';
import { buildModel, floats, input, integer, message, node, output, tensorOf, text } from '../model/build-onnx.ts';
import { runCli } from '../run-cli.ts';
import { random } from './random.ts';
import { eachOf, isFull, sweep } from './sweep.ts';

const [features, hidden] = [40, 96];
/** One shard is cut into several splits, the small ones are packed into one. */
const shardRows = [2500, 700, 30, 20, 10];
const formats = ['parquet', 'csv', 'jsonl', 'arrow'] as const;
const manyWorkers = isFull ? ['0', '1', '2', '3', '4'] : ['0', '4'];

let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'scoremill-'));
  const next = random('weights');
  const weights = (...dims: readonly number[]) =>
    floats(
      `w${dims[1]}`,
      dims,
      Array.from({ length: dims[0] * dims[1] }, () => next() - 0.5),
    );
  const graph = [
    // Einsum packs no weights, so the runtime takes another kernel for one row than for many.
    node('Einsum', ['x', `w${hidden}`], ['h'], { attributes: [textAttribute('equation', 'nf,fh->nh')] }),
    node('Tanh', ['h'], ['t']),
    node('MatMul', ['t', 'w1'], ['y']),
    weights(features, hidden),
    weights(hidden, 1),
    input('x', tensorOf(1, 'N', features)),
    output('y', tensorOf(1, 'N', 1)),
  ];
  writeFileSync(join(folder, 'model.onnx'), buildModel({ graph }));
  for (const format of formats) mkdirSync(join(folder, format));
  const database = await Database.open({ threads: 1, memoryBytes: 2 ** 28, temporaryFolder: folder });
  const connection = await database.connect();
  for (const [shard, rows] of shardRows.entries()) {
    // Multiples of 1/1024 are the same numbers in every format.
    const values = Array.from({ length: features }, () =>
      Float32Array.from({ length: rows }, () => Math.round((next() - 0.5) * 8192) / 1024),
    );
    const columns = Object.fromEntries(values.map((column, i) => [`f${String(i).padStart(2, '0')}`, column]));
    const table = tableFromArrays({
      id: Int32Array.from({ length: rows }, (_, row) => 10_000 * shard + row),
      ...columns,
    });
    writeFileSync(join(folder, 'arrow', `${shard}.arrow`), tableToIPC(table, 'file'));
    const names = ['id', ...Object.keys(columns)];
    const lines = Array.from({ length: rows }, (_, row) => [
      10_000 * shard + row,
      ...values.map((column) => column[row]),
    ]);
    writeFileSync(join(folder, 'csv', `${shard}.csv`), [names, ...lines].map((line) => `${line.join(',')}\n`).join(''));
    const objects = lines.map((line) => Object.fromEntries(line.map((value, i) => [names[i], value])));
    writeFileSync(join(folder, 'jsonl', `${shard}.jsonl`), objects.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const floatColumns = names.slice(1).map((name) => `${name}::FLOAT AS ${name}`);
    const select = `SELECT id::INTEGER AS id, ${floatColumns.join(', ')} FROM read_csv(${quoteText(join(folder, 'csv', `${shard}.csv`))})`;
    await connection.run(`COPY (${select}) TO ${quoteText(join(folder, 'parquet', `${shard}.parquet`))}`);
  }
  connection.close();
  database.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const textAttribute = (name: string, value: string) => message(5, text(1, name), integer(20, 3), text(4, value));

const words = (format: string, out: string, ...more: readonly string[]): readonly string[] => [
  ...['run', '--model', join(folder, 'model.onnx'), '--dataset', join(folder, format), '--output', out, '--keep', 'id'],
  ...['--run-id', 'same', '--rows-per-file', '800', '--batch-rows', '200', ...more],
];

async function scored(run: readonly string[]): Promise<readonly string[]> {
  const { exitCode, stderr } = await runCli(run);
  expect(exitCode, stderr).toBe(0);
  return resultOf(run[run.indexOf('--output') + 1]).partHashes();
}

/** The predictions as bits, by id. */
async function bitsOf(out: string): Promise<ReadonlyMap<unknown, number>> {
  const rows = await resultOf(out).rows();
  return new Map(rows.map(({ id, y }) => [Number(id), new Uint32Array(Float32Array.of(Number(y)).buffer)[0]]));
}

test('the model gives other last bits in calls of one row than in calls of many', async () => {
  const [single, many] = [join(folder, 'single'), join(folder, 'many')];
  await scored(words('parquet', single, '--batch-rows', '1'));
  await scored(words('parquet', many));
  const [one, other] = [await bitsOf(single), await bitsOf(many)];
  expect(one.size).toBe(shardRows.reduce((sum, rows) => sum + rows, 0));
  const different = [...one].filter(([id, bits]) => other.get(id) !== bits).length;
  expect(different).toBeGreaterThan(100);
});

describe('with such a model', () => {
  sweep(
    'Results are the same bytes for any number of workers, in every format, and the same bits in all',
    async (counts) => {
      Object.assign(counts, { formats: formats.length, runs: 0 });
      const bits: ReadonlyMap<unknown, number>[] = [];
      await eachOf(formats, async (format) => {
        const hashes: (readonly string[])[] = [];
        for (const workers of manyWorkers) {
          hashes.push(await scored(words(format, join(folder, `${format}-${workers}`), '--workers', workers)));
          counts.runs++;
        }
        expect(hashes[0].length).toBeGreaterThan(1);
        expect(hashes).toEqual(manyWorkers.map(() => hashes[0]));
        bits.push(await bitsOf(join(folder, `${format}-0`)));
      });
      expect(bits).toEqual(formats.map(() => bits[0]));
    },
  );

  sweep(
    'Results are the same bytes wherever a run or its engine is killed, and with other workers afterwards',
    async (counts) => {
      Object.assign(counts, { runs: 0, kills: 0 });
      const expected = await scored(words('parquet', join(folder, 'undisturbed'), '--workers', '2'));
      await eachOf(
        Array.from({ length: isFull ? expected.length - 1 : 2 }, (_, done) => done + 1),
        async (done) => {
          const out = join(folder, `resumed-${done}`);
          const first = startRun(words('parquet', out, '--workers', '1'));
          await first.until('split-finished', done);
          first.process.kill('SIGKILL');
          await first.ended;
          const second = startRun(words('parquet', out, '--workers', '3'));
          await second.until('run-started');
          if (process.platform === 'linux') for (const engine of second.children()) process.kill(engine, 'SIGKILL');
          const { exitCode, stderr } = await second.ended;
          expect(exitCode, stderr).toBe(0);
          expect(resultOf(out).partHashes()).toEqual(expected);
          counts.runs++;
          counts.kills += 1 + second.events.filter(({ event }) => event === 'engine-restarted').length;
        },
      );
    },
  );

  // Some models give other last bits with other threads: a result must not be made of both.
  test('a run is not resumed with other threads for each worker', async () => {
    const out = join(folder, 'threads');
    const first = startRun(words('parquet', out, '--workers', '1'));
    await first.until('split-finished', 1);
    first.process.kill('SIGKILL');
    await first.ended;
    const { exitCode, stderr } = await runCli(words('parquet', out, '--workers', '1', '--threads-per-worker', '2'));
    expect([exitCode, stderr]).toEqual([73, expect.stringContaining('run.threadsPerWorker: 2 (was 1)')]);
  });
});

sweep('Texts and pictures give the same bytes for any number of workers', async (counts) => {
  counts.runs = 0;
  const here = join(folder, 'prepared');
  mkdirSync(here);
  const texts = Array.from({ length: 300 }, (_, id) => ({ id, review: 'good and bad '.repeat(1 + ((id * 31) % 23)) }));
  mkdirSync(join(here, 'texts'));
  for (const shard of [0, 100, 200]) {
    const lines = texts.slice(shard, shard + 100).map((row) => `${JSON.stringify(row)}\n`);
    writeFileSync(join(here, 'texts', `${shard}.jsonl`), lines.join(''));
  }
  cpSync(resolve(import.meta.dirname, '../text/review-model'), join(here, 'review-model'), { recursive: true });
  const names = Array.from({ length: 40 }, (_, i) => `${i}.png`);
  for (const [i, name] of names.entries())
    writeFileSync(join(here, name), await png(plain(10 + i, 70 - i, [3 * i, 255 - i, i])));
  for (const shard of [0, 10, 20, 30])
    writeFileSync(join(here, `${shard}.csv`), `file\n${names.slice(shard, shard + 10).join('\n')}\n`);
  const graph = [
    node('GlobalAveragePool', ['pixels'], ['mean']),
    input('pixels', tensorOf(1, 'N', 3, 8, 8)),
    output('mean', tensorOf(1, 'N', 3, 1, 1)),
  ];
  writeFileSync(join(here, 'pictures.onnx'), buildModel({ graph }));
  const inputs = { pixels: { column: 'file', image: 'raw' } };
  const job = { model: { path: 'pictures.onnx' }, dataset: { path: '*.csv' }, output: { path: 'out' }, inputs };
  writeFileSync(join(here, 'pictures.json'), JSON.stringify(job));
  const kinds: Readonly<Record<string, readonly string[]>> = {
    texts: [
      '--model',
      join(here, 'review-model'),
      '--dataset',
      join(here, 'texts'),
      '--batch-rows',
      '64',
      '--rows-per-file',
      '64',
    ],
    pictures: [join(here, 'pictures.json'), '--batch-rows', '8', '--rows-per-file', '8'],
  };
  await eachOf(Object.entries(kinds), async ([kind, of]) => {
    const hashes: (readonly string[])[] = [];
    for (const workers of manyWorkers) {
      const out = join(here, `${kind}-${workers}`);
      hashes.push(await scored(['run', ...of, '--output', out, '--run-id', 'same', '--workers', workers]));
      counts.runs++;
    }
    expect(hashes[0].length).toBeGreaterThan(1);
    expect(hashes).toEqual(manyWorkers.map(() => hashes[0]));
  });
});
