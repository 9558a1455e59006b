import { mkdirSync, mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Connection } from '../../src/core/duckdb.ts';
import { Database } from '../../src/core/duckdb-database.ts';
import type { FailureError } from '../../src/core/failure.ts';
import type { Shard, SourceColumn } from '../../src/core/split.ts';
import { quoteText } from '../../src/core/sql.ts';
import { parquetSource } from '../../src/source/parquet.ts';
import type { ReadPiece } from '../../src/source/source.ts';
import { csvDefaults, shardAt } from './shards.ts';

let folder: string;
let database: Database;
let connection: Connection;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'parquet-'));
  database = await Database.open({ threads: 1, memoryBytes: 2 ** 30, temporaryFolder: folder });
  connection = await database.connect();
});
afterAll(() => {
  connection.close();
  database.close();
  rmSync(folder, { recursive: true });
});

/** Writes a query's result; row groups hold 2048 rows, DuckDB's smallest. */
async function parquet(name: string, query: string): Promise<string> {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  await connection.run(`COPY (${query}) TO ${quoteText(path)} (FORMAT parquet, ROW_GROUP_SIZE 2048)`);
  return path;
}

const profileOf = (shards: readonly Shard[]) =>
  parquetSource.profile(shards, { connection, ...csvDefaults, scratchFolder: null });

const pieceOf = (path: string, shard: number, startRow: number, endRow: number): ReadPiece => ({
  shard,
  startRow,
  endRow,
  path,
  source: shardAt(path, 'parquet', { index: shard }),
});

async function relationOf(pieces: readonly ReadPiece[], columns: readonly SourceColumn[]): Promise<string> {
  return (await parquetSource.read(pieces, { connection, ...csvDefaults, columns, scratchFolder: folder })).relation;
}

const fixture = (name: string): string => join(import.meta.dirname, '../fixtures/parquet', name);

const column = (name: string, type: string): SourceColumn => ({ name, type });

describe('a profile', () => {
  test('says which decimals are too long to be read rightly', async () => {
    const [{ columns }] = await profileOf([shardAt(fixture('decimal-of-50-digits.parquet'), 'parquet')]);
    expect(columns).toEqual([column('a', 'FLOAT'), column('amount', 'UNSUPPORTED(DECIMAL of 50 digits)')]);
  });

  test('has columns in file order with the types of DuckDB, rows and the borders of row groups', async () => {
    const path = await parquet(
      'types.parquet',
      `SELECT range AS id, 1.5::DECIMAL(18, 3) AS amount, [1, 2]::INTEGER[] AS list, {a: 1, "b c": 'x'} AS struct,
       map {'k': 1.5::FLOAT} AS map, TIMESTAMPTZ '2024-01-01 00:00:00+00' AS moment FROM range(5000)`,
    );
    expect(await profileOf([shardAt(path, 'parquet')])).toEqual([
      {
        columns: [
          column('id', 'BIGINT'),
          column('amount', 'DECIMAL(18,3)'),
          column('list', 'INTEGER[]'),
          column('struct', 'STRUCT(a INTEGER, "b c" VARCHAR)'),
          column('map', 'MAP(VARCHAR, FLOAT)'),
          column('moment', 'TIMESTAMP WITH TIME ZONE'),
        ],
        rows: 5000,
        starts: [{ row: 0 }, { row: 2048 }, { row: 4096 }],
        decodedBytes: expect.any(Number),
        footerSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);
  });

  test('of a file without rows has one start', async () => {
    const path = await parquet('none.parquet', 'SELECT 1 AS a LIMIT 0');
    expect(await profileOf([shardAt(path, 'parquet')])).toMatchObject([{ rows: 0, starts: [{ row: 0 }] }]);
  });

  test('reports every shard that cannot be read, in the order of the shards', async () => {
    const good = await parquet('good.parquet', 'SELECT 1 AS a');
    const cut = await parquet('cut.parquet', 'SELECT 1 AS a');
    truncateSync(cut, 100);
    const empty = await parquet('empty.parquet', 'SELECT 1 AS a');
    truncateSync(empty, 0);
    const gone = { ...shardAt(good, 'parquet'), path: join(folder, 'gone.parquet') };
    const error = await profileOf([
      shardAt(cut, 'parquet'),
      gone,
      shardAt(good, 'parquet'),
      shardAt(empty, 'parquet'),
    ]).catch((thrown: unknown) => thrown);
    expect((error as FailureError).failures).toMatchObject([
      { reason: 'shard-unreadable', path: cut, message: expect.stringContaining('was cut or never finished') },
      { reason: 'dataset-missing', path: gone.path },
      { reason: 'shard-unreadable', path: empty, message: expect.stringContaining('is empty') },
    ]);
  });
});

describe('a relation', () => {
  test('of one piece holds its rows, in order, with their numbers in the shard', async () => {
    const path = await parquet('range.parquet', 'SELECT range * 10 AS x FROM range(5000)');
    const relation = await relationOf([pieceOf(path, 7, 2047, 2050)], [column('x', 'BIGINT')]);
    expect(await connection.rows(`SELECT * FROM ${relation}`)).toEqual([
      { x: 20470n, scoremill_shard: 7, scoremill_row: 2047n },
      { x: 20480n, scoremill_shard: 7, scoremill_row: 2048n },
      { x: 20490n, scoremill_shard: 7, scoremill_row: 2049n },
    ]);
  });

  test('of several shards goes by column name, whatever the order of the columns', async () => {
    const one = await parquet('several/1.parquet', "SELECT 1 AS a, 'x' AS b");
    const two = await parquet('several/2.parquet', "SELECT true AS more, 'y' AS b, 2 AS a FROM range(2)");
    const relation = await relationOf(
      [pieceOf(two, 3, 0, 2), pieceOf(one, 5, 0, 1)],
      [column('b', 'VARCHAR'), column('a', 'INTEGER')],
    );
    expect(await connection.rows(`SELECT * FROM ${relation}`)).toEqual([
      { b: 'y', a: 2, scoremill_shard: 3, scoremill_row: 0n },
      { b: 'y', a: 2, scoremill_shard: 3, scoremill_row: 1n },
      { b: 'x', a: 1, scoremill_shard: 5, scoremill_row: 0n },
    ]);
  });

  test('has no columns from folders, and takes paths literally', async () => {
    const path = await parquet("k=1/it's [1]?*.parquet", 'SELECT 1 AS a');
    await parquet('k=1/its 1.parquet', 'SELECT 2 AS a');
    expect(await profileOf([shardAt(path, 'parquet')])).toMatchObject([{ columns: [column('a', 'INTEGER')], rows: 1 }]);
    const relation = await relationOf([pieceOf(path, 0, 0, 1)], [column('a', 'INTEGER')]);
    expect(await connection.rows(`SELECT * FROM ${relation}`)).toEqual([
      { a: 1, scoremill_shard: 0, scoremill_row: 0n },
    ]);
  });

  test.each(['file_row_number', 'FILE_ROW_NUMBER', 'file_index', 'filename'])(
    'counts its own rows when the data has a column %s',
    async (name) => {
      const one = await parquet(`${name}/1.parquet`, `SELECT range + 100 AS "${name}", 1 AS a FROM range(5000)`);
      const two = await parquet(`${name}/2.parquet`, `SELECT 7::BIGINT AS "${name}", 2 AS a`);
      const columns = [column('a', 'INTEGER')];
      const range = await relationOf([pieceOf(one, 2, 2048, 2050)], columns);
      expect(await connection.rows(`SELECT * FROM ${range}`)).toEqual([
        { a: 1, scoremill_shard: 2, scoremill_row: 2048n },
        { a: 1, scoremill_shard: 2, scoremill_row: 2049n },
      ]);
      const whole = await relationOf([pieceOf(one, 2, 0, 5000), pieceOf(two, 3, 0, 1)], [column(name, 'BIGINT')]);
      expect(await connection.rows(`SELECT * FROM ${whole} OFFSET 4999`)).toEqual([
        { [name]: 5099n, scoremill_shard: 2, scoremill_row: 4999n },
        { [name]: 7n, scoremill_shard: 3, scoremill_row: 0n },
      ]);
    },
  );

  test('tells columns apart that differ in case alone, under the names of the profile', async () => {
    // One row {a: 1, A: 2}, written with pyarrow: DuckDB cannot write such a file.
    const path = join(import.meta.dirname, '../fixtures/parquet/case.parquet');
    const [profile] = await profileOf([shardAt(path, 'parquet')]);
    expect(profile.columns).toEqual([column('a', 'INTEGER'), column('A_1', 'INTEGER')]);
    const relation = await relationOf([pieceOf(path, 0, 0, 1), pieceOf(path, 1, 0, 1)], profile.columns);
    expect(await connection.rows(`SELECT * FROM ${relation}`)).toEqual([
      { a: 1, A_1: 2, scoremill_shard: 0, scoremill_row: 0n },
      { a: 1, A_1: 2, scoremill_shard: 1, scoremill_row: 0n },
    ]);
  });

  test('reads no more row groups than it needs', async () => {
    const path = await parquet('prune.parquet', 'SELECT range AS x FROM range(20480)');
    const relation = await relationOf([pieceOf(path, 0, 4096, 6144)], [column('x', 'BIGINT')]);
    const plan = await connection.rows<{ explain_value: string }>(`EXPLAIN ANALYZE SELECT sum(x) FROM ${relation}`);
    expect(plan[0].explain_value).toContain('file_row_number>=4096 AND');
    expect(plan[0].explain_value).toContain('2,048 rows');
  });
});
