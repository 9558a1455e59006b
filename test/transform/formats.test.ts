// A user's module on every format: what it makes of the rows is bound, filtered by, kept and rejected like columns of the file.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Int64, makeData, RecordBatch, Table, tableToIPC, Utf8 } from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import type { Format } from '../../src/core/split.ts';
import { quotePath } from '../../src/core/sql.ts';
import { readModel } from '../../src/model/model-file.ts';
import { openSession } from '../../src/model/session.ts';
import { withBench } from '../types/bench.ts';
import { scoreShard, type Workbench } from '../types/score-shard.ts';
import { tenfold, writeDouble, writeModule } from './modules.ts';

const bench = withBench();
/** More than one of DuckDB's chunks. */
const rows = 2500;
const doom = 2321;
const nameOf = (id: number): string | null => (id % 100 === 5 ? null : `näme ${id}`);

const write: Readonly<Record<Format, (workbench: Workbench) => Promise<string>>> = {
  parquet: async ({ folder, reading }) => {
    const path = join(folder, 'rows.parquet');
    const select = `SELECT i AS id, i AS a, CASE WHEN i % 100 <> 5 THEN 'näme ' || i END AS name FROM range(${rows}) t(i)`;
    await reading.run(`COPY (${select}) TO ${quotePath(path)} (ROW_GROUP_SIZE 2048)`);
    return path;
  },
  csv: async ({ folder }) => {
    const path = join(folder, 'rows.csv');
    writeFileSync(
      path,
      `id,a,name\n${ids()
        .map((id) => `${id},${id},${nameOf(id) ?? ''}\n`)
        .join('')}`,
    );
    return path;
  },
  jsonl: async ({ folder }) => {
    const path = join(folder, 'rows.jsonl');
    writeFileSync(
      path,
      ids()
        .map((id) => `${JSON.stringify({ id, a: id, name: nameOf(id) })}\n`)
        .join(''),
    );
    return path;
  },
  arrow: async ({ folder }) => {
    const path = join(folder, 'rows.arrow');
    const texts = ids().map((id) => Buffer.from(nameOf(id) ?? ''));
    const valueOffsets = new Int32Array(rows + 1);
    for (const [id, text] of texts.entries()) valueOffsets[id + 1] = valueOffsets[id] + text.length;
    const nullBitmap = new Uint8Array(Math.ceil(rows / 8));
    for (const id of ids()) if (nameOf(id) !== null) nullBitmap[id >> 3] |= 1 << (id & 7);
    const data = Buffer.concat(texts);
    const numbers = () => makeData({ type: new Int64(), data: BigInt64Array.from(ids(), BigInt) });
    const names = makeData({ type: new Utf8(), length: rows, nullBitmap, valueOffsets, data });
    const batch = new RecordBatch({ id: numbers(), a: numbers(), name: names });
    writeFileSync(path, tableToIPC(new Table(batch), 'file'));
    return path;
  },
};

const ids = (): readonly number[] => Array.from({ length: rows }, (_, id) => id);

describe.each(Object.keys(write) as Format[])('%s', (format) => {
  test.each([
    ['in one pass', {}, undefined],
    ['in two passes', { run: { batchRows: 700 } }, undefined],
    [
      'with a module for the results',
      {},
      'export const transform = (batch) => ({ half: Float32Array.from(batch.getChild("y").toArray(), (y) => y / 2) });',
    ],
  ])('is scored %s', async (_, settings, after) => {
    const workbench = bench();
    const model = await readModel(writeDouble(workbench.folder));
    const {
      plan,
      rows: found,
      rejects,
    } = await scoreShard(workbench, {
      path: await write[format](workbench),
      format,
      model,
      session: await openSession(model, { threads: 1 }),
      job: {
        transform: {
          before: writeModule(workbench.folder, tenfold),
          ...(after === undefined ? {} : { after: writeModule(workbench.folder, after) }),
          params: { doom },
        },
        // Both a column of the file and one of the module.
        dataset: { path: 'set by the caller', where: 'id % 2 = 1 AND x < 22500' },
        keep: ['id', 'tag'],
        outputs: { y: {}, more: { sql: after === undefined ? 'y + length(tag)' : 'half + length(tag)' } },
        rejects: { budget: 1 },
        ...settings,
      },
    });
    expect(plan.isOnePass).toBe(!('run' in settings) && after === undefined);
    const tagOf = (id: number): string | null => (nameOf(id) === null ? null : `${nameOf(id)}@${id}`);
    const expected = ids()
      .filter((id) => id % 2 === 1 && id < 2250 && id !== doom)
      .map((id) => {
        const [y, half, tag] = [20 * id, 10 * id, tagOf(id)];
        const more = tag === null ? null : (after === undefined ? y : half) + tag.length;
        return { id: BigInt(id), tag, y, ...(after === undefined ? {} : { half }), more };
      });
    expect(found).toEqual(expected);
    expect(rejects).toEqual([
      {
        ...{ shard: 0, row: doom, reason: 'transform-failed', column: null, message: 'doom has come' },
        content: expect.stringContaining(`"id":${doom}`),
      },
    ]);
  });
});

test('a row that the module for the results throws on is a reject, and the others are written', async () => {
  const workbench = bench();
  const model = await readModel(writeDouble(workbench.folder));
  const path = await write.parquet(workbench);
  const after = `export function transform(batch, { arrow }) {
    const y = batch.getChild('y').toArray();
    if (y.includes(2000)) throw new TypeError('two thousand');
    return { y: Float64Array.from(y, (value) => value + 1), band: arrow.vectorFromArray(Array.from(y, (value) => value > 100 ? 'high' : null), new arrow.Utf8()) };
  }`;
  const {
    plan,
    rows: found,
    rejects,
  } = await scoreShard(workbench, {
    path,
    format: 'parquet',
    model,
    session: await openSession(model, { threads: 1 }),
    job: {
      transform: { after: writeModule(workbench.folder, after) },
      inputs: { x: 'a' },
      keep: ['id'],
      output: { path: workbench.folder, where: "id < 1010 AND band = 'high'" },
      rejects: { budget: 1 },
    },
  });
  expect(plan.columns).toEqual([
    { name: 'id', type: 'BIGINT' },
    { name: 'y', type: 'DOUBLE' },
    { name: 'band', type: 'VARCHAR' },
  ]);
  expect(found).toHaveLength(1010 - 51 - 1);
  expect(found.at(-1)).toEqual({ id: 1009n, y: 2019, band: 'high' });
  expect(found.some(({ id }) => id === 1000n)).toBe(false);
  expect(rejects.map(({ row, reason, message }) => ({ row, reason, message }))).toEqual([
    { row: 1000, reason: 'transform-failed', message: 'two thousand' },
  ]);
});

test('what a module is given has the types and the nulls of the file, and goes back unchanged', async () => {
  const workbench = bench();
  const model = await readModel(writeDouble(workbench.folder));
  const path = join(workbench.folder, 'types.parquet');
  const values: Readonly<Record<string, string>> = {
    flag: 'i % 3 = 0',
    tiny: 'i::TINYINT',
    big: '9007199254740993 + i',
    unsigned: '(18446744073709551615 - i)::UBIGINT',
    single: 'i::FLOAT / 3',
    double: 'i / 7',
    price: '(i / 100)::DECIMAL(9,2)',
    wide: '(i::DECIMAL(38,4) - 100000000000000000000)',
    day: "DATE '2024-02-29' + i::INTEGER",
    moment: "TIMESTAMP '2024-02-29 12:34:56.789' + INTERVAL (i) SECOND",
    zoned: "TIMESTAMPTZ '2024-02-29 12:34:56.789+00' + INTERVAL (i) SECOND",
    text: "repeat('ü', i::INTEGER)",
    bytes: "encode(repeat('x', i::INTEGER))",
    list: 'range(i)',
    pair: '[i, -i]',
    nested: '[[i::VARCHAR], [], NULL]',
  };
  const columns = Object.entries(values).map(([name, sql]) => {
    const value = `CASE WHEN i % 5 <> 4 THEN ${sql} END`;
    return `${name === 'pair' ? `CAST(${value} AS BIGINT[2])` : value} AS ${name}`;
  });
  await workbench.reading.run(
    `COPY (SELECT i::FLOAT AS x, ${columns.join(', ')} FROM range(40) t(i)) TO ${quotePath(path)}`,
  );
  const names = Object.keys(values);
  const { rows: found } = await scoreShard(workbench, {
    path,
    format: 'parquet',
    model,
    session: await openSession(model, { threads: 1 }),
    job: {
      // Throws on a batch of all rows, so that parts of batches are handed over, and back, too.
      transform: writeModule(
        workbench.folder,
        `export const columns = ${JSON.stringify(names)};
         export function transform(batch) {
           if (batch.numRows > 10) throw new Error('too many at once');
           return Object.fromEntries(columns.map((name) => ['same_' + name, batch.getChild(name)]));
         }`,
      ),
      inputs: { x: 'x' },
    },
  });
  // Decimals of up to 15 digits are given as doubles.
  const text = (name: string, value: unknown): string =>
    String(name === 'price' && value !== null ? Number(String(value)) : value);
  for (const row of found)
    for (const name of names)
      expect(`${name} ${text(name, row[`same_${name}`])}`).toBe(`${name} ${text(name, row[name])}`);
  expect(found).toHaveLength(40);
});
