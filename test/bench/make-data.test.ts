// The datasets and models of the suite: the same rows in every format, and models that the runtime takes.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { tableFromIPC } from 'apache-arrow';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { ask } from '../../bench/ask.ts';
import { makeDataset } from '../../bench/make-data.ts';
import { makeModel } from '../../bench/make-models.ts';
import { quoteText } from '../../src/core/sql.ts';
import { temporaryFolder } from '../temporary-folder.ts';

it('makes the same rows in every format', async () => {
  const folder = temporaryFolder();
  // A tenth of them in each of these: more than the rows that DuckDB hands over at once.
  const make = async (name: Parameters<typeof makeDataset>[1]) => (await makeDataset(folder, name, 41_000)).path;
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const sums =
    'count(*)::INTEGER AS rows, sum(id * f29::FLOAT::DOUBLE) AS f29, sum(f0::FLOAT::DOUBLE) AS f0, count(*) FILTER (label)::INTEGER AS labels, min(cat) || max(cat) AS cats';
  const of = async (from: string) => (await ask<Record<string, number>>(connection, `SELECT ${sums} FROM ${from}`))[0];
  const sample = await of(quoteText(await make('sample')));
  expect(sample).toMatchObject({ rows: 4100, cats: 'ad' });
  expect(sample.labels).toBeGreaterThan(1900);
  expect(sample.labels).toBeLessThan(2200);
  const close = (other: Record<string, number>) => ({
    ...other,
    f29: expect.closeTo(other.f29, 3),
    f0: expect.closeTo(other.f0, 6),
  });
  expect(sample).toEqual(close(await of(`read_csv(${quoteText(await make('csv'))})`)));
  expect(sample).toEqual(close(await of(`read_json(${quoteText(await make('jsonl'))})`)));
  const many = await make('many');
  expect(readdirSync(many)).toHaveLength(9);
  expect(sample).toEqual(close(await of(`read_parquet(${quoteText(join(many, '*.parquet'))})`)));
  const oneGroup = quoteText(await make('one-row-group'));
  expect(sample).toEqual(close(await of(oneGroup)));

  const arrow = tableFromIPC(readFileSync(await make('arrow')));
  const { f0, f29, id, label, cat } = Object.fromEntries(
    arrow.schema.names.map((name) => [name, [...arrow.getChild(name)!]]),
  );
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  expect(sample).toEqual(
    close({
      rows: arrow.numRows,
      f29: sum(f29.map((value, row) => value * Number(id[row]))),
      f0: sum(f0),
      labels: label.filter(Boolean).length,
      cats: `${cat.toSorted()[0]}${cat.toSorted().at(-1)}` as unknown as number,
    }),
  );

  // Enough for several row groups where they are not asked to be one.
  const large = quoteText((await makeDataset(folder, 'one-row-group', 2_500_000)).path);
  expect(await ask(connection, `SELECT max(row_group_id)::INTEGER AS last FROM parquet_metadata(${large})`)).toEqual([
    { last: 0 },
  ]);
  connection.closeSync();
  instance.closeSync();
});

it('makes models whose scores depend on the rows, the same bytes every time', async () => {
  const folder = temporaryFolder();
  const rows = 50;
  for (const [name, features] of [
    ['logistic', 30],
    ['logistic-wide', 300],
    ['network', 30],
    ['large-network', 30],
    ['trees', 30],
  ] as const) {
    const path = makeModel(folder, name);
    const bytes = readFileSync(path);
    expect(readFileSync(makeModel(folder, name)).equals(bytes)).toBe(true);
    const session = await InferenceSession.create(path, { intraOpNumThreads: 1, interOpNumThreads: 1 });
    const values = Float32Array.from({ length: rows * features }, (_, i) => Math.sin(i * i));
    const { score } = await session.run({ features: new Tensor('float32', values, [rows, features]) });
    expect(score.dims).toEqual([rows, 1]);
    expect(new Set(score.data as Float32Array).size).toBeGreaterThan(rows * 0.9);
    await session.release();
  }
});
