// The output folder is one dataset for whoever reads it, and a part is a plain Parquet file.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import parquetjs from 'parquetjs-lite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { python } from '../python.ts';
import { runCli } from '../run-cli.ts';
import { type Row, readRows, resultOf } from './result.ts';

let folder = '';
let out = '';
let expected: readonly Row[] = [];
beforeAll(async () => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'scoremill-'));
  out = join(folder, 'out');
  // Snappy, since parquetjs-lite reads no Zstandard; parts of 200 rows, since it reads no dictionary of more than 255 values.
  const { exitCode } = await runCli([
    ...['run', 'jobs/digits-pixels.yaml', '--output', out, '--rows-per-file', '200', '--batch-rows', '50'],
    ...['--compression', 'snappy'],
  ]);
  expect(exitCode).toBe(0);
  expected = await resultOf(out).rows();
  expect({ parts: resultOf(out).partNames().length, rows: expected.length }).toEqual({ parts: 9, rows: 1797 });
});
afterAll(() => rmSync(folder, { recursive: true }));

const scripts: Readonly<Record<string, { readonly module: string; readonly script: string }>> = {
  'pyarrow.dataset': {
    module: 'pyarrow',
    script: `
import json, sys
import pyarrow.dataset as ds
print(json.dumps(ds.dataset(sys.argv[1], format='parquet').to_table().to_pylist()))`,
  },
  'DuckDB glob': {
    module: 'duckdb',
    script: `
import json, sys, duckdb
result = duckdb.sql("SELECT * FROM read_parquet('" + sys.argv[1] + "/*.parquet')")
columns = result.columns
print(json.dumps([dict(zip(columns, row)) for row in result.fetchall()]))`,
  },
  'Polars scan': {
    module: 'polars',
    script: `
import json, sys
import polars as pl
print(json.dumps(pl.scan_parquet(sys.argv[1] + '/*.parquet').collect().to_dicts()))`,
  },
};

describe.each(Object.entries(scripts))('%s', (_, { module, script }) => {
  test.skipIf(!python.has(module))('reads the folder as one dataset, in row order', () => {
    const rows = JSON.parse(python.run(script, out)) as Row[];
    // JSON knows one kind of number.
    const plain = ({ image_id: id, digit, written, ...others }: Row) => ({
      ...others,
      image_id: Number(id),
      digit: Number(digit),
      written: Number(written),
    });
    expect(rows).toEqual(expected.map(plain));
  });
});

test('parquetjs-lite and hyparquet read each part alike', async () => {
  for (const name of resultOf(out).partNames()) {
    const path = join(out, name);
    const reader = await parquetjs.ParquetReader.openFile(path);
    const cursor = reader.getCursor();
    const rows: Row[] = [];
    for (let row = await cursor.next(); row !== null; row = await cursor.next()) rows.push(unwrapped(row));
    await reader.close();
    expect(rows).toEqual(await readRows(path));
  }
});

/** parquetjs-lite gives integers with a logical type as text, and lists in the three levels in which they are stored. */
const unwrapped = ({ digit, written, probabilities, ...others }: Row): Row => ({
  ...others,
  digit: BigInt(String(digit)),
  written: Number(written),
  probabilities: (probabilities as { readonly list: readonly { readonly element: number }[] }).list.map(
    ({ element }) => element,
  ),
});
