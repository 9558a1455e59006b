// Times whole runs of the built command line, from start to exit: the credit-risk sample, repeated to a size that tells
// something, as Parquet, CSV and JSON Lines. Prints medians with their spread, and where the time went.
// Usage: node bench/whole-runs.mjs [--rows 600000] [--runs 5] [--workers 1,2]
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '600000' },
    runs: { type: 'string', default: '5' },
    workers: { type: 'string', default: `1,${availableParallelism()}` },
  },
});
const root = resolve(import.meta.dirname, '..');
const folder = join(root, 'out', 'bench');
const sample = join(root, 'sample-data', 'credit-risk', 'data');
const sampleRows = 60_000;

async function makeData() {
  mkdirSync(folder, { recursive: true });
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const copies = Math.max(1, Math.round(Number(values.rows) / sampleRows));
  const rows = `SELECT s.* FROM range(${copies}) r, read_parquet('${sample.replaceAll("'", "''")}/*.parquet') s`;
  for (const [name, format] of [
    ['data.parquet', 'parquet'],
    ['data.csv', 'csv'],
    ['data.jsonl', 'json'],
  ]) {
    await connection.run(`COPY (${rows}) TO '${join(folder, name).replaceAll("'", "''")}' (FORMAT ${format})`);
  }
  connection.closeSync();
  return copies * sampleRows;
}

function runOnce(file, workers) {
  const output = join(folder, 'scored');
  rmSync(output, { recursive: true, force: true });
  const words = ['run', join(root, 'jobs', 'credit-risk.yaml'), '--dataset', join(folder, file), '--output', output];
  const startedMs = performance.now();
  const child = spawnSync(
    process.execPath,
    [join(root, 'dist', 'cli', 'main.js'), ...words, '--workers', workers, '--budget', '1%', '--json', '--quiet'],
    { encoding: 'utf8', maxBuffer: 2 ** 26 },
  );
  const wallMs = performance.now() - startedMs;
  if (child.status !== 0) throw new Error(`${file}: exit ${child.status}: ${child.stderr}`);
  return { wallMs, ...JSON.parse(child.stdout) };
}

const percent = (share) => `${Math.round(share * 100)} %`;
const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

const rows = await makeData();
const [{ model = 'unknown processor' } = {}] = cpus();
console.log(
  `${rows} rows, ${values.runs} runs each after one to warm up; ${availableParallelism()} cores (${model.trim()}), ` +
    `${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}`,
);
for (const file of ['data.parquet', 'data.csv', 'data.jsonl']) {
  for (const workers of new Set(values.workers.split(','))) {
    runOnce(file, workers);
    const runs = Array.from({ length: Number(values.runs) }, () => runOnce(file, workers));
    const seconds = runs.map(({ wallMs }) => wallMs / 1000);
    const { stats, scored, rejected } = runs[0];
    if (scored + rejected !== rows) throw new Error(`${file}: ${scored} scored + ${rejected} rejected of ${rows}`);
    const shares = `reading ${percent(stats.readingShare)}, model ${percent(stats.modelShare)}, writing ${percent(stats.writingShare)}, start-up ${percent(stats.startUpShare)}`;
    console.log(
      `${file.padEnd(13)} ${workers} workers  ${median(seconds).toFixed(2)} s (${Math.min(...seconds).toFixed(2)} to ${Math.max(...seconds).toFixed(2)})  ` +
        `${Math.round(rows / median(seconds)).toLocaleString('en-US')} rows/s; ${shares}`,
    );
  }
}
