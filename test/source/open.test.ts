import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Connection } from '../../src/core/duckdb.ts';
import { Database } from '../../src/core/duckdb-database.ts';
import type { FailureError } from '../../src/core/failure.ts';
import type { Shard, SourceColumn } from '../../src/core/split.ts';
import { quoteText } from '../../src/core/sql.ts';
import { discoverShards } from '../../src/plan/discover.ts';
import { profileShards, rowsOfPieces } from '../../src/source/open.ts';
import { csvDefaults } from './shards.ts';

let folder: string;
let database: Database;
let connection: Connection;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'open-'));
  database = await Database.open({ threads: 1, memoryBytes: 2 ** 30, temporaryFolder: folder });
  connection = await database.connect();
});
afterAll(() => {
  connection.close();
  database.close();
  rmSync(folder, { recursive: true });
});

/** Writes one Parquet file for each path and discovers the folder that all of them are in. */
async function dataset(name: string, queries: Readonly<Record<string, string>>): Promise<readonly Shard[]> {
  for (const [path, query] of Object.entries(queries)) {
    mkdirSync(dirname(join(folder, name, path)), { recursive: true });
    await connection.run(`COPY (${query}) TO ${quoteText(join(folder, name, path))} (FORMAT parquet)`);
  }
  return await discoverShards({ paths: [join(folder, name)], format: 'auto' });
}

const profilesOf = (shards: readonly Shard[]) =>
  profileShards(shards, { connection, ...csvDefaults, scratchFolder: folder });

async function rowsOf(shards: readonly Shard[], columns: readonly SourceColumn[]): Promise<Record<string, unknown>[]> {
  const pieces = shards.map((source) => ({ shard: source.index, startRow: 0, endRow: 1, source, path: source.path }));
  await using rows = await rowsOfPieces(pieces, { connection, ...csvDefaults, columns, scratchFolder: folder });
  return await connection.rows(`SELECT * FROM ${rows.relation}`);
}

const column = (name: string, type: string): SourceColumn => ({ name, type });

describe('columns from key=value folders', () => {
  test('follow those of the files: whole numbers as BIGINT, the rest as VARCHAR, the default partition as null', async () => {
    const shards = await dataset('typed', {
      'n=1/month=01/city=S%C3%A3o%20Paulo/a.parquet': 'SELECT 10 AS x',
      'n=-20/month=02/city=__HIVE_DEFAULT_PARTITION__/a.parquet': 'SELECT 20 AS x',
      "n=__HIVE_DEFAULT_PARTITION__/month=12/city=it's/a.parquet": 'SELECT 30 AS x',
    });
    const profiles = await profilesOf(shards);
    const columns = [
      column('x', 'INTEGER'),
      column('n', 'BIGINT'),
      column('month', 'VARCHAR'),
      column('city', 'VARCHAR'),
    ];
    expect(profiles.map((profile) => profile.columns)).toEqual([columns, columns, columns]);
    expect(await rowsOf(shards, columns)).toEqual([
      { x: 20, n: -20n, month: '02', city: null, scoremill_shard: 0, scoremill_row: 0n },
      { x: 10, n: 1n, month: '01', city: 'São Paulo', scoremill_shard: 1, scoremill_row: 0n },
      { x: 30, n: null, month: '12', city: "it's", scoremill_shard: 2, scoremill_row: 0n },
    ]);
    expect(await rowsOf(shards.slice(1, 2), [column('month', 'VARCHAR')])).toEqual([
      { month: '01', scoremill_shard: 1, scoremill_row: 0n },
    ]);
    expect(await rowsOf([shards[0], shards[2]], [column('x', 'INTEGER')])).toEqual([
      { x: 20, scoremill_shard: 0, scoremill_row: 0n },
      { x: 30, scoremill_shard: 2, scoremill_row: 0n },
    ]);
  });

  test('win over columns of the files with their names, whatever the case', async () => {
    const shards = await dataset('twice', { 'k=1/a.parquet': "SELECT 'inside' AS K, 5 AS x" });
    const [{ columns }] = await profilesOf(shards);
    expect(columns).toEqual([column('x', 'INTEGER'), column('k', 'BIGINT')]);
    expect(await rowsOf(shards, columns)).toEqual([{ x: 5, k: 1n, scoremill_shard: 0, scoremill_row: 0n }]);
  });

  test('beyond 64 bits are texts', async () => {
    const shards = await dataset('long', { 'id=9223372036854775808/a.parquet': 'SELECT 1 AS x' });
    expect((await profilesOf(shards))[0].columns[1]).toEqual(column('id', 'VARCHAR'));
  });
});

test('columns with the names of hidden columns are refused', async () => {
  const shards = await dataset('reserved', { 'a.parquet': 'SELECT 1 AS Scoremill_Row, 2 AS scoremill_fault, 3 AS x' });
  const error = await profilesOf(shards).catch((thrown: unknown) => thrown);
  expect((error as FailureError).failures).toEqual([
    { reason: 'column-reserved', path: shards[0].path, column: 'Scoremill_Row' },
    { reason: 'column-reserved', path: shards[0].path, column: 'scoremill_fault' },
  ]);
});
