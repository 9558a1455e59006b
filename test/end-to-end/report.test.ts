// The report and the summaries of columns of real runs: what they say is so, whoever computes it, and nothing depends on them.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildModel, input, node, output, tensorOf } from '../model/build-onnx.ts';
import { runCli } from '../run-cli.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { type Row, readRows, resultOf } from './result.ts';
import { startRun } from './started-run.ts';

const reportOf = (out: string): string => join(out, '_scoremill/report.html');
const columnsOf = (out: string): Promise<readonly Row[]> => readRows(join(out, '_scoremill/columns.parquet'));
const tag = '<script>alert(1)</script>';

let folder = '';
let data = '';
let out = '';
/** A CSV of two numbers and a column with a hostile name, some of it missing; a model that adds them up. */
beforeAll(async () => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'scoremill-'));
  data = join(folder, 'data.csv');
  out = join(folder, 'out');
  const lines = Array.from(
    { length: 3000 },
    (_, i) => `${i},${i % 7},${i % 50 === 3 ? '' : i / 8},${i === 77 ? tag : i % 3}`,
  );
  writeFileSync(data, `id,few,"x${tag}",last\n${lines.join('\n')}\n`);
  writeFileSync(
    join(folder, 'model.onnx'),
    buildModel({
      graph: [
        input('x', tensorOf(1, 'rows', 3)),
        output('total', tensorOf(1, 'rows', 3)),
        node('Identity', ['x'], ['total']),
      ],
    }),
  );
  writeFileSync(
    join(folder, 'job.yaml'),
    `name: hostile
model: { path: model.onnx }
dataset: { path: data.csv, types: { last: float } }
inputs: { x: [few, ${JSON.stringify(`x${tag}`)}, last] }
outputs:
  total: { columns: [a, b, c] }
  size: { sql: "case when a > 3 then 'large' else 'small' end" }
  twice: { sql: "a * 2" }
keep: [id]
rejects: { budget: 100% }
output: { path: out }
`,
  );
  const { exitCode, stderr } = await runCli(['run', join(folder, 'job.yaml'), '--run-id', 'monday']);
  expect({ exitCode, stderr }).toMatchObject({
    exitCode: 0,
    stderr: expect.stringContaining(`report   ${reportOf(out)}`),
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

test('every column has its row, with what DuckDB computes over the same rows', async () => {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const rowsOf = async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjectsJson();
  const found = await columnsOf(out);
  expect(found.map(({ role, tensor, name, type }) => [role, tensor, name, type])).toEqual([
    ['feature', 'x', 'few', 'float32'],
    ['feature', 'x', `x${tag}`, 'float32'],
    ['feature', 'x', 'last', 'float32'],
    ['result', 'total', 'a', 'float32'],
    ['result', 'total', 'b', 'float32'],
    ['result', 'total', 'c', 'float32'],
    ['result', null, 'size', 'VARCHAR'],
    ['result', null, 'twice', 'FLOAT'],
  ]);
  const parts = `read_parquet('${out}/*.parquet')`;
  for (const name of ['a', 'b', 'c', 'twice']) {
    const [expected] = await rowsOf(
      `SELECT min(${name}) AS min, max(${name}) AS max, avg(${name}) AS mean, stddev_samp(${name}) AS deviation, count(*) AS n,
       count(DISTINCT ${name}) AS d, quantile_disc(${name}::DOUBLE, [0.05, 0.5, 0.95]) AS q FROM ${parts}`,
    );
    const row = found.find((one) => one.name === name) ?? {};
    const count = Number(expected.n);
    expect([row.min, row.max, Number(row.rows), Number(row.distinct)]).toEqual([
      expected.min,
      expected.max,
      count,
      Number(expected.d),
    ]);
    expect(row.mean).toBeCloseTo(Number(expected.mean), 6);
    expect(row.deviation).toBeCloseTo(Number(expected.deviation), 6);
    const range = Number(expected.max) - Number(expected.min);
    for (const [i, quantile] of [row.p05, row.p50, row.p95].entries())
      expect(Math.abs(Number(quantile) - Number((expected.q as unknown[])[i]))).toBeLessThanOrEqual(range / 100);
  }
  const sizes = await rowsOf(`SELECT size, count(*)::INTEGER AS n FROM ${parts} GROUP BY size ORDER BY n DESC`);
  expect(JSON.parse(String(found[6].top_values))).toEqual(sizes.map(({ size, n }) => [size, n]));
  // Sixty rows have no second number, one of them is the row whose third is no number.
  const [few, second, last] = found;
  expect([few, second, last].map(({ rows, missing }) => [Number(rows), Number(missing)])).toEqual([
    [2939, 0],
    [2999, 60],
    [2939, 0],
  ]);
  connection.closeSync();
  instance.closeSync();
});

test('the report tells of the rejects and lets nothing out of its text', () => {
  const html = readFileSync(reportOf(out), 'utf8');
  expect(html).not.toContain('<script');
  expect(html).toContain('x&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(html).toContain('Complete, with 61 rejects within the budget');
  expect(html).toContain('value-misfit');
});

describe('scoremill report', () => {
  test('makes the same bytes again from the folder alone, and verify is content', async () => {
    const copy = join(temporaryFolder(), 'copy');
    cpSync(out, copy, { recursive: true });
    const made = readFileSync(reportOf(copy), 'utf8');
    rmSync(reportOf(copy));
    const again = await runCli(['report', copy, '--json']);
    expect({ ...again, stdout: JSON.parse(again.stdout) }).toMatchObject({
      exitCode: 0,
      stdout: { output: copy, runId: 'monday', report: reportOf(copy), bytes: Buffer.byteLength(made), failures: [] },
    });
    expect(readFileSync(reportOf(copy), 'utf8')).toBe(made);
    const verified = await runCli(['verify', copy]);
    expect(verified).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('report.html is of this run') });
    writeFileSync(reportOf(copy), made.replace('monday', 'tuesday'));
    expect(await runCli(['verify', copy])).toMatchObject({
      exitCode: 80,
      stderr: expect.stringContaining('report.html is not the whole report of run monday; scoremill report makes it'),
    });
  });

  test('prints it, or writes it elsewhere', async () => {
    const printed = await runCli(['report', out, '--to', '-']);
    expect(printed.stdout).toBe(readFileSync(reportOf(out), 'utf8'));
    const elsewhere = join(temporaryFolder(), 'monday.html');
    const written = await runCli(['report', out, '--to', elsewhere]);
    expect(written).toMatchObject({ exitCode: 0, stdout: '' });
    expect(written.stderr).toMatch(
      new RegExp(`^report of run monday: ${elsewhere} \\([\\d.]+ kB\\); open it in a browser\\n$`),
    );
    expect(readFileSync(elsewhere, 'utf8')).toBe(printed.stdout);
  });

  test('refuses what is no result, and files that were changed', async () => {
    const absent = await runCli(['report', join(folder, 'nowhere')]);
    expect(absent).toMatchObject({ exitCode: 66, stderr: expect.stringContaining('there is no such folder') });
    const copy = join(temporaryFolder(), 'copy');
    cpSync(out, copy, { recursive: true });
    const path = join(copy, '_scoremill/run.parquet');
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1] ^= 1;
    writeFileSync(path, bytes);
    const changed = await runCli(['report', copy]);
    expect(changed).toMatchObject({
      exitCode: 80,
      stderr: expect.stringContaining('_scoremill/run.parquet was changed'),
    });
  });
});

test('a report that cannot be written is a warning; the result is complete, and the report can be made', async () => {
  const other = join(temporaryFolder(), 'out');
  mkdirSync(join(other, '_scoremill/report.html/in-the-way'), { recursive: true });
  const words = ['run', join(folder, 'job.yaml'), '--output', other];
  const { exitCode, stderr } = await runCli(words);
  expect({ exitCode, stderr }).toMatchObject({
    exitCode: 0,
    stderr: expect.stringContaining('the report could not be written'),
  });
  expect(resultOf(other).isPublished()).toBe(true);
  rmSync(reportOf(other), { recursive: true });
  expect((await runCli(['report', other])).exitCode).toBe(0);
  expect(existsSync(reportOf(other))).toBe(true);
});

test('it is left out where nobody wants it, and that of the older result goes', async () => {
  const other = join(temporaryFolder(), 'other');
  cpSync(out, other, { recursive: true });
  const words = ['run', join(folder, 'job.yaml'), '--output', other, '--if-exists', 'replace', '--no-report'];
  const { exitCode, stdout } = await runCli([...words, '--column-summary', 'off', '--json']);
  expect({ exitCode, report: JSON.parse(stdout).reportPath }).toEqual({ exitCode: 0, report: null });
  expect(
    resultOf(other)
      .manifest()
      .files.map(({ name }) => name),
  ).toEqual(['stats.parquet', 'run.parquet', 'rejects.parquet']);
  expect(['report.html', 'columns.parquet'].filter((name) => existsSync(join(other, '_scoremill', name)))).toEqual([]);
  const again = await runCli(['report', other]);
  expect(again.exitCode).toBe(0);
  expect(readFileSync(reportOf(other), 'utf8')).not.toContain('id="features"');
});

test('a run that was stopped and went on with more workers tells the same of its columns', {
  timeout: 180_000,
}, async () => {
  const words = (to: string, workers: string) => [
    ...['run', 'jobs/credit-risk.yaml', '--output', to, '--run-id', 'same', '--workers', workers],
    ...[
      '--dataset',
      'sample-data/credit-risk/data/applications-0.parquet',
      '--rows-per-file',
      '2000',
      '--batch-rows',
      '16',
    ],
  ];
  const [whole, stopped] = [join(folder, 'whole'), join(folder, 'stopped')];
  expect((await runCli(words(whole, '2'), { timeoutMs: 170_000 })).exitCode).toBe(0);
  const run = startRun(words(stopped, '1'), { timeoutMs: 170_000 });
  await run.until('split-finished');
  run.process.kill('SIGTERM');
  expect((await run.ended).exitCode).toBe(143);
  expect((await runCli(words(stopped, '2'), { timeoutMs: 170_000 })).exitCode).toBe(0);
  expect(Number((await resultOf(stopped).run()).resumed_splits)).toBeGreaterThan(0);
  const [expected, found] = [await columnsOf(whole), await columnsOf(stopped)];
  expect(found).toEqual(expected);
  // A sample of the 15,000 rows: see plan/sample-rows.
  expect(Number(expected[0].rows)).toBeGreaterThan(5000);
  expect(Number(expected[0].rows)).toBeLessThanOrEqual(10_000);
  expect(readFileSync(reportOf(stopped), 'utf8')).toContain('came from earlier executions of this run');
});
