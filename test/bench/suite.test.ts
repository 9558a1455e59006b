// The suite on a few hundred rows: a checkout against itself, and against ones that do something else.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import type { Checkout } from '../../bench/open-checkout.ts';
import { suiteTables } from '../../bench/performance-page.ts';
import { runSuite, stages } from '../../bench/run-suite.ts';
import { workloads } from '../../bench/workloads.ts';
import { readFigures, writeFigures } from '../../bench/write-figures.ts';
import { buildModel, floats, input, node, output, tensorOf } from '../model/build-onnx.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const root = resolve(import.meta.dirname, '../..');
const ours: Checkout = { folder: root, name: 'this checkout', revision: null };
const only = (...names: readonly string[]) => workloads.filter(({ name }) => names.includes(name));

/** A checkout whose command line is this program. */
function checkoutOf(program: string): Checkout {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'dist/cli'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(join(folder, 'dist/cli/main.js'), program);
  return { folder, name: 'another', revision: null };
}

const oursAgain = `await import(${JSON.stringify(pathToFileURL(join(root, 'dist/cli/main.js')).href)});`;

it('compares a checkout with itself: the same outputs, and ratios', { timeout: 240_000 }, async () => {
  const folder = temporaryFolder();
  const order: string[] = [];
  const suite = await runSuite({
    checkouts: [ours, { ...ours, name: 'the same' }],
    workloads: only('csv'),
    rows: 3000,
    runs: 2,
    warmUps: 0,
    folder,
    onRun: (_, { name }) => order.push(name),
  });
  // Who begins changes.
  expect(order).toEqual(['this checkout', 'the same', 'the same', 'this checkout']);
  expect(suite.workloads.map(({ name, rows, problems }) => ({ name, rows, problems }))).toEqual([
    { name: 'csv', rows: 300, problems: [] },
  ]);
  for (const { wallMs, cpuMs, residentBytes, anonymousBytes } of suite.workloads.flatMap(({ sides }) => sides)) {
    for (const round of [0, 1]) {
      // A Node process, at the very least; and not two things taken for each other.
      expect(wallMs[round]).toBeGreaterThan(50);
      expect(cpuMs[round]).toBeGreaterThan(50);
      expect(cpuMs[round]).toBeLessThan(60_000);
      expect(residentBytes[round]).toBeGreaterThan(anonymousBytes[round]);
      expect(anonymousBytes[round]).toBeGreaterThan(10e6);
    }
  }
  const [csv] = suite.workloads[0].sides;
  const stageSums = csv.wallMs.map((_, round) => stages.reduce((sum, stage) => sum + csv.stageMs![stage][round], 0));
  expect(stageSums.every((sumMs, round) => sumMs > 0 && sumMs < csv.wallMs[round])).toBe(true);
  expect(readdirSync(join(folder, 'outputs'))).toEqual([]);

  mkdirSync(join(folder, 'bench/figures'), { recursive: true });
  writeFileSync(join(folder, 'bench/figures/peers.json'), readFileSync(join(root, 'bench/figures/peers.json')));
  writeFigures(folder, suite);
  expect(readFigures(folder).suite).toEqual(suite);
  const page = readFileSync(join(folder, 'docs/performance.md'), 'utf8');
  expect(page).toContain(suiteTables(suite));
  expect(page).toMatch(/^### the same against this checkout$/m);
  expect(page).toMatch(
    /^\| csv +\| +\d+\.\d\d \(\d+\.\d\d to \d+\.\d\d\) \|.*\| +(faster|slower|no difference shown) \|/m,
  );
  expect(page).toMatch(/ Node \d+\.\d+\.\d+, DuckDB 1\.\d+\.\d+, ONNX Runtime 1\.\d+\.\d+$/m);
});

it('times a run that finds its output complete, which has no stages', { timeout: 120_000 }, async () => {
  const walls: number[] = [];
  const {
    workloads: [again],
  } = await runSuite({
    checkouts: [ours],
    workloads: only('again'),
    rows: 1000,
    runs: 1,
    warmUps: 0,
    folder: temporaryFolder(),
    onRun: (_workload, _checkout, wallMs) => walls.push(wallMs),
  });
  // The first one makes the output.
  expect(walls).toHaveLength(2);
  expect(again).toMatchObject({ problems: [], sides: [{ wallMs: [walls[1]], stageMs: null }] });
});

it('gives no figures for scores that differ, and says where', { timeout: 120_000 }, async () => {
  const folder = temporaryFolder();
  const model = join(folder, 'half.onnx');
  const weights = [floats('w', [30, 1], Array(30).fill(0)), floats('b', [1], [0])];
  const graph = [...weights, node('Gemm', ['features', 'w', 'b'], ['sum']), node('Sigmoid', ['sum'], ['score'])];
  const ends = [input('features', tensorOf(1, 'N', 30)), output('score', tensorOf(1, 'N', 1))];
  writeFileSync(model, buildModel({ graph: [...graph, ...ends] }));
  const another = checkoutOf(
    `process.argv[process.argv.indexOf('--model') + 1] = ${JSON.stringify(model)}; ${oursAgain}`,
  );
  const suite = await runSuite({
    checkouts: [ours, another],
    workloads: only('start'),
    rows: 1000,
    runs: 1,
    warmUps: 0,
    folder,
  });
  expect(suite.workloads[0].sides).toEqual([]);
  expect(suite.workloads[0].problems).toEqual([
    expect.stringMatching(
      /^another: not the scores of this checkout: 1000 of 1000 scores differ by more than 0.00001, by 0\.\d+ at most; the first is that of id 0$/,
    ),
  ]);
  const tables = suiteTables(suite);
  expect(tables).toContain(`### Wrong, and therefore without figures\n\n- start: ${suite.workloads[0].problems[0]}`);
  expect(tables).not.toContain('### Whole runs');
});

it('says with which exit code and words a run failed', async () => {
  const folder = temporaryFolder();
  const broken = checkoutOf(`console.error('unknown option --inputs'); process.exitCode = 64;`);
  const suite = await runSuite({ checkouts: [broken], workloads: only('start'), rows: 1000, runs: 1, folder });
  expect(suite.workloads[0].problems).toEqual(['another: exit code 64: unknown option --inputs']);
  expect(existsSync(join(folder, 'data/tiny-1000.parquet'))).toBe(true);
});
