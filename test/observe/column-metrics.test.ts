// What OpenLineage is told of the values of columns, held against what DuckDB in Python finds in the same files.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ColumnMetrics } from '../../src/observe/column-metrics.ts';
import { buildModel, input, node, output, tensorOf } from '../model/build-onnx.ts';
import { python } from '../python.ts';
import { runCli } from '../run-cli.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const [float32, int64, string] = [1, 7, 8];
const shardCount = 3;

interface Metrics {
  readonly rowCount: number;
  readonly bytes?: number;
  readonly fileCount?: number;
  readonly columnMetrics: Readonly<Record<string, ColumnMetrics>>;
}

interface Told {
  /** The events, one a line. */
  readonly lines: string;
  readonly inputs: readonly { readonly inputFacets: Readonly<Record<string, Metrics>> }[];
  readonly output: { readonly facets: Readonly<Record<string, Metrics>> };
}

/** Scores shards of x (a tenth is missing), n (20 values), word (5), f (missing are filled) and an expression; the run must end with `code`. */
async function told(
  folder: string,
  rows: number,
  job: object = {},
  words: readonly string[] = [],
  code = 0,
): Promise<Told> {
  const names = ['x', 'f', 'g', 'n', 'word'] as const;
  const types = { x: float32, f: float32, g: float32, n: int64, word: string };
  const graph = [
    ...names.map((name) => node('Identity', [name], [`${name}_out`])),
    ...names.flatMap((name) => [
      input(name, tensorOf(types[name], 'N')),
      output(`${name}_out`, tensorOf(types[name], 'N')),
    ]),
  ];
  const model = join(folder, 'same.onnx');
  writeFileSync(model, buildModel({ graph }));
  for (let shard = 0; shard < shardCount; shard++) {
    const line = (_: unknown, i: number): string => {
      const row = (shard * rows) / shardCount + i;
      const scattered = (row * 7919) % 10_007;
      const x = scattered % 10 === 3 ? '' : scattered / 4;
      return `${row},${x},${row % 10 === 4 ? '' : row % 9},${scattered % 20},${'abcde'[row % 5].repeat(3)}\n`;
    };
    const lines = Array.from({ length: rows / shardCount }, line);
    const file = join(folder, `rows-${shard}.csv`);
    // A growing dataset tells by the time of a file whether it changed.
    if (!existsSync(file)) writeFileSync(file, `id,x,f,n,word\n${lines.join('')}`);
  }
  const path = join(folder, 'job.yaml');
  const inputs = { x: { column: 'x', nulls: 'nan' }, f: { column: 'f', fill: -5 }, g: 'n + 1', n: 'n', word: 'word' };
  const dataset = { path: join(folder, 'rows-*.csv') };
  const events = join(folder, 'events.ndjson');
  const whole = {
    name: 'same',
    model: { path: model },
    dataset,
    inputs,
    keep: ['id'],
    output: { path: join(folder, 'out') },
  };
  writeFileSync(path, JSON.stringify({ ...whole, ...job }));
  const { exitCode, stderr } = await runCli(['run', path, '--lineage', events, '--workers', '1', ...words]);
  expect([exitCode, code === 0 ? stderr : '']).toEqual([code, expect.not.stringContaining('warning')]);
  const lines = readFileSync(events, 'utf8');
  const ended = JSON.parse(lines.trim().split('\n').at(-1)!);
  return { lines, inputs: ended.inputs, output: ended.outputs[0] };
}

/** Rows, nulls, different values, sum, smallest and largest of a column of the files, and values a percent of the rank around each quantile. */
const inFiles = (folder: string, column: string): readonly number[] =>
  JSON.parse(
    python.run(
      `
import sys, json, duckdb
folder, column = sys.argv[1:]
around = [max(0, min(1, q + d)) for q in (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99) for d in (-0.011, 0.011)]
print(json.dumps(duckdb.sql(f"""select count(*), count(*) - count({column}), count(distinct {column}), sum({column})::double,
  min({column}), max({column}), quantile_disc({column}, {around}) from read_csv('{folder}/rows-*.csv')""").fetchall()[0]))`,
      folder,
      column,
    ),
  ).flat();

function expectQuantiles({ quantiles = {} }: ColumnMetrics, around: readonly number[]): void {
  expect(Object.keys(quantiles)).toEqual(['0.01', '0.05', '0.25', '0.5', '0.75', '0.95', '0.99']);
  for (const [i, value] of Object.values(quantiles).entries()) {
    expect(value).toBeGreaterThanOrEqual(around[2 * i]);
    expect(value).toBeLessThanOrEqual(around[2 * i + 1]);
  }
}

const isChecked = python.has('openlineage.client.generated') && python.has('cattrs');
const checked = (events: string): string =>
  execFileSync(python.executable!, [resolve(import.meta.dirname, 'check_events.py')], {
    input: events,
    encoding: 'utf8',
  });

describe.skipIf(!python.has('duckdb'))('metrics of columns', { timeout: 120_000 }, () => {
  test('of a run whose rows were all looked at are those of the dataset, and of the columns that are read as they are', async () => {
    const folder = temporaryFolder();
    const { lines, inputs, output } = await told(folder, 6000);
    const { columnMetrics, rowCount, fileCount, bytes } = inputs[0].inputFacets.dataQualityMetrics;
    expect([rowCount, fileCount, bytes]).toEqual([6000, 3, expect.any(Number)]);
    // Neither f, whose nulls are filled, nor n + 1.
    expect(Object.keys(columnMetrics)).toEqual(['x', 'n', 'word']);
    const { x, n, word } = columnMetrics;
    for (const [name, { quantiles: _, ...figures }] of Object.entries({ x, n })) {
      const [count, nullCount, distinctCount, sum, min, max, ...around] = inFiles(folder, name);
      expect(figures).toEqual({ count, nullCount, distinctCount, sum: expect.closeTo(sum, 3), min, max });
      expectQuantiles(columnMetrics[name], around);
    }
    expect(Number.isInteger(n.sum)).toBe(true);
    expect(word).toEqual({ count: 6000, nullCount: 0, distinctCount: 5 });
    const results = output.facets.dataQualityMetrics;
    expect([results.rowCount, Object.keys(results.columnMetrics)]).toEqual([
      6000,
      ['x_out', 'f_out', 'g_out', 'n_out', 'word_out'],
    ]);
    expect(results.columnMetrics).toMatchObject({
      x_out: x,
      n_out: n,
      f_out: { nullCount: 0, min: -5 },
      g_out: { min: 1, max: 20 },
    });
    if (isChecked) expect(checked(lines)).toBe('START\nCOMPLETE\n');
    else console.warn('skipped: the check of events needs openlineage-python and cattrs');
  });

  test('of a larger run are of a sample, say so by their counts, and add nothing up', async () => {
    const folder = temporaryFolder();
    const { lines, inputs } = await told(folder, 60_000, {}, ['--rows-per-file', '16384']);
    const { dataQualityMetrics, inputStatistics } = inputs[0].inputFacets;
    const { rowCount, columnMetrics } = dataQualityMetrics;
    expect([inputStatistics.rowCount, 'bytes' in dataQualityMetrics, 'fileCount' in dataQualityMetrics]).toEqual([
      60_000,
      false,
      false,
    ]);
    expect(rowCount).toBeGreaterThanOrEqual(4500);
    expect(rowCount).toBeLessThanOrEqual(10_500);
    for (const [name, { count, nullCount, sum, min, max }] of Object.entries(columnMetrics)) {
      expect([name, count, sum]).toEqual([name, rowCount, undefined]);
      if (name === 'word') continue;
      const [rows, nulls, , , least, most, ...around] = inFiles(folder, name);
      expect(nullCount! / count).toBeCloseTo(nulls / rows, 1);
      expect(min).toBeGreaterThanOrEqual(least);
      expect(max).toBeLessThanOrEqual(most);
      // More than two dozen different values in several splits are only estimated.
      expect([name, columnMetrics[name].distinctCount]).toEqual([name, name === 'n' ? 20 : undefined]);
      if (name === 'x') expect(columnMetrics.x.quantiles?.['0.5']).toBeGreaterThan(around[4]);
    }
    if (isChecked) expect(checked(lines)).toBe('START\nCOMPLETE\n');
  });

  test('leave out what would be taken for more than it is: rows held back, older rows, several paths, no summary', async () => {
    const folder = temporaryFolder();
    const heldBack = await told(folder, 300, { output: { path: join(folder, 'some'), where: 'n_out < 5' } });
    expect(Object.keys(heldBack.output.facets)).not.toContain('dataQualityMetrics');

    const grows = { output: { path: join(folder, 'grows'), ifExists: 'append' } };
    const first = await told(folder, 300, grows);
    expect(first.output.facets.dataQualityMetrics.rowCount).toBe(300);
    writeFileSync(join(folder, 'rows-3.csv'), 'id,x,f,n,word\n1,2,3,4,e\n');
    const more = await told(folder, 300, grows);
    expect(Object.keys(more.output.facets)).not.toContain('dataQualityMetrics');

    const two = { dataset: { path: [join(folder, 'rows-0.csv'), join(folder, 'rows-1.csv')] } };
    const several = await told(folder, 300, { output: { path: join(folder, 'several') }, ...two });
    expect(several.inputs.map(({ inputFacets }) => inputFacets.dataQualityMetrics)).toMatchObject([
      { rowCount: 100, fileCount: 1, columnMetrics: {} },
      { rowCount: 100, fileCount: 1, columnMetrics: {} },
    ]);

    const off = await told(folder, 300, { output: { path: join(folder, 'off'), columnSummary: 'off' } });
    expect(off.inputs[0].inputFacets.dataQualityMetrics).toMatchObject({ rowCount: 301, columnMetrics: {} });
    expect(Object.keys(off.output.facets)).not.toContain('dataQualityMetrics');
    if (isChecked) expect(checked(off.lines)).toBe('START\nCOMPLETE\n'.repeat(5));
  });

  test('of a run over its budget tell which column has the nulls', async () => {
    const folder = temporaryFolder();
    const inputs = { x: 'x', f: { column: 'f', fill: 0 }, g: 'n + 1', n: 'n', word: 'word' };
    const { lines, inputs: read, output } = await told(folder, 300, { inputs, rejects: { budget: 9 } }, [], 65);
    const { x, n } = read[0].inputFacets.dataQualityMetrics.columnMetrics;
    const [rows, nulls, , sum] = inFiles(folder, 'x');
    expect([x.count, x.nullCount, x.sum]).toEqual([rows, nulls, expect.closeTo(sum, 3)]);
    // Of rejected rows only the column that they were rejected for is looked at.
    expect([n.count, n.nullCount, n.sum]).toEqual([rows - nulls, 0, undefined]);
    expect(Object.keys(output.facets)).not.toContain('dataQualityMetrics');
    if (isChecked) expect(checked(lines)).toBe('START\nFAIL\n');
  });
});
