// Parts: what the file holds is what the query gave, read by another Parquet reader.
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Connection } from '../../src/core/duckdb.ts';
import { Database } from '../../src/core/duckdb-database.ts';
import { writePart } from '../../src/sink/parquet.ts';
import { temporaryFolder } from '../temporary-folder.ts';

async function openConnection(memoryBytes = 2 ** 29): Promise<Connection> {
  const database = await Database.open({ threads: 1, memoryBytes, temporaryFolder: temporaryFolder() });
  const connection = await database.connect();
  onTestFinished(() => {
    connection.close();
    database.close();
  });
  return connection;
}

const bufferOf = (path: string): ArrayBuffer => {
  const { buffer, byteOffset, byteLength } = readFileSync(path);
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
};

const columns = `range AS id, (range / 8)::FLOAT AS p, CASE WHEN range % 3 = 0 THEN NULL ELSE 'text ' || range END AS t, [range, -range]::INTEGER[2] AS pair, ['a', NULL] AS list`;
const rowOf = (id: number) => ({
  id: BigInt(id),
  p: Math.fround(id / 8),
  t: id % 3 === 0 ? null : `text ${id}`,
  pair: [id, 0 - id],
  list: ['a', null],
});

test.each(['zstd', 'snappy', 'gzip', 'lz4', 'none'] as const)(
  'a part with compression %s holds the rows in order, and says what it was given to say',
  async (compression) => {
    const path = join(temporaryFolder(), `it's "a" part [0]*.parquet`);
    const metadata = { 'scoremill.run': 'r1', 'scoremill."quoted"': `it's\n"two" lines` };
    const connection = await openConnection();
    const { rows } = await writePart({
      connection,
      query: `SELECT ${columns} FROM range(3000)`,
      path,
      compression,
      metadata,
    });
    expect(rows).toBe(3000);
    const file = bufferOf(path);
    expect(await parquetReadObjects({ file, compressors })).toEqual(Array.from({ length: 3000 }, (_, id) => rowOf(id)));
    const footer = parquetMetadata(file);
    expect(Object.fromEntries(footer.key_value_metadata!.map(({ key, value }) => [key, value]))).toMatchObject(
      metadata,
    );
    const codec = { zstd: 'ZSTD', snappy: 'SNAPPY', gzip: 'GZIP', lz4: 'LZ4_RAW', none: 'UNCOMPRESSED' }[compression];
    expect(
      new Set(footer.row_groups.flatMap((group) => group.columns.map((column) => column.meta_data?.codec))),
    ).toEqual(new Set([codec]));
  },
);

test('a part without rows has its columns, and metadata may be none', async () => {
  const path = join(temporaryFolder(), 'part.parquet');
  const { rows } = await writePart({
    connection: await openConnection(),
    query: `SELECT ${columns} FROM range(0)`,
    path,
    compression: 'zstd',
    metadata: {},
  });
  expect(rows).toBe(0);
  const { schema, num_rows: count } = parquetMetadata(bufferOf(path));
  expect(count).toBe(0n);
  expect(schema.slice(1).map(({ name }) => name)).toEqual(expect.arrayContaining(['id', 'p', 't', 'pair', 'list']));
});

test('the same rows give the same bytes, over a file that was there before', async () => {
  const path = join(temporaryFolder(), 'part.parquet');
  const request = {
    query: `SELECT ${columns} FROM range(10000)`,
    path,
    compression: 'zstd',
    metadata: { a: 'b' },
  } as const;
  await writePart({ connection: await openConnection(), ...request, query: 'SELECT 1 AS other' });
  await writePart({ connection: await openConnection(), ...request });
  const first = readFileSync(path);
  await writePart({ connection: await openConnection(), ...request });
  expect(readFileSync(path).equals(first)).toBe(true);
});

test('large parts have several row groups', async () => {
  const path = join(temporaryFolder(), 'part.parquet');
  await writePart({
    connection: await openConnection(),
    query: 'SELECT range AS id FROM range(300000)',
    path,
    compression: 'zstd',
    metadata: {},
  });
  expect(parquetMetadata(bufferOf(path)).row_groups.map(({ num_rows: rows }) => Number(rows))).toEqual([
    122_880, 122_880, 54_240,
  ]);
});

describe('what cannot be written', () => {
  const request = { query: 'SELECT range AS id FROM range(10)', compression: 'zstd', metadata: {} } as const;

  test('is an io failure that names the path: no such folder', async () => {
    const path = join(temporaryFolder(), 'absent', 'part.parquet');
    await expect(writePart({ connection: await openConnection(), ...request, path })).rejects.toMatchObject({
      failures: [{ reason: 'io', operation: 'write', path, code: 'ENOENT' }],
    });
  });

  test('is an io failure that names the path: a folder in its place', async () => {
    const path = join(temporaryFolder(), 'part.parquet');
    mkdirSync(path);
    await expect(writePart({ connection: await openConnection(), ...request, path })).rejects.toMatchObject({
      failures: [{ reason: 'io', operation: 'write', path }],
    });
  });

  test.skipIf(process.getuid?.() === 0)('is an io failure that names the path: no permission', async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o500);
    onTestFinished(() => chmodSync(folder, 0o700));
    const path = join(folder, 'part.parquet');
    await expect(writePart({ connection: await openConnection(), ...request, path })).rejects.toMatchObject({
      failures: [{ reason: 'io', code: 'EACCES' }],
    });
  });

  test.skipIf(!existsSync('/dev/full'))('is an io failure that names the path: a full disk', async () => {
    const path = '/dev/full';
    expect(statSync(path).isCharacterDevice()).toBe(true);
    await expect(writePart({ connection: await openConnection(), ...request, path })).rejects.toMatchObject({
      failures: [{ reason: 'io', path, code: 'ENOSPC' }],
    });
  });

  test('for a reason in the rows is thrown as DuckDB says it', async () => {
    const path = join(temporaryFolder(), 'part.parquet');
    const query = "SELECT CASE WHEN range = 5000 THEN error('row 5000') ELSE range END AS id FROM range(10000)";
    await expect(writePart({ connection: await openConnection(), ...request, query, path })).rejects.toThrow(
      'row 5000',
    );
  });
});
