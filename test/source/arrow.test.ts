import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Connection } from '../../src/core/duckdb.ts';
import { Database } from '../../src/core/duckdb-database.ts';
import type { FailureError } from '../../src/core/failure.ts';
import { describeFailure } from '../../src/core/failure.ts';
import type { SourceColumn } from '../../src/core/split.ts';
import { quoteName } from '../../src/core/sql.ts';
import { arrowSource } from '../../src/source/arrow.ts';
import type { ReadPiece, ShardProfile } from '../../src/source/source.ts';
import { csvDefaults, shardAt } from './shards.ts';

const fixture = (name: string): string => join(import.meta.dirname, '../fixtures/arrow', name);

let folder: string;
let database: Database;
let connection: Connection;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'arrow-'));
  database = await Database.open({ threads: 1, memoryBytes: 2 ** 30, temporaryFolder: folder });
  connection = await database.connect();
});
afterAll(() => {
  connection.close();
  database.close();
  rmSync(folder, { recursive: true });
});

async function profileOf(path: string): Promise<ShardProfile> {
  const [profile] = await arrowSource.profile([shardAt(path, 'arrow')], {
    connection,
    ...csvDefaults,
    scratchFolder: null,
  });
  return profile;
}

const pieceOf = (path: string, shard: number, startRow: number, endRow: number): ReadPiece => ({
  shard,
  startRow,
  endRow,
  path,
  source: shardAt(path, 'arrow', { index: shard }),
});

async function rowsOf(
  pieces: readonly ReadPiece[],
  columns: readonly SourceColumn[],
  select = '*',
): Promise<Record<string, unknown>[]> {
  await using rows = await arrowSource.read(pieces, { connection, ...csvDefaults, columns, scratchFolder: folder });
  return await connection.rows(`SELECT ${select} FROM ${rows.relation}`);
}

async function refusalOf(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const error = await profileOf(path).catch((thrown: unknown) => thrown as FailureError);
  return describeFailure((error as FailureError).failures[0]).replace(`${path}: `, '');
}

const column = (name: string, type: string): SourceColumn => ({ name, type });

describe('every type', () => {
  const expected: Readonly<Record<string, { readonly type: string; readonly values: readonly (string | null)[] }>> =
    JSON.parse(readFileSync(fixture('types.json'), 'utf8'));

  test.each(['types.arrow', 'types.arrows', 'types.lz4.arrow', 'types.zstd.arrows'])(
    'of %s arrives unchanged',
    async (name) => {
      const profile = await profileOf(fixture(name));
      expect(Object.fromEntries(profile.columns.map(({ name, type }) => [name, type]))).toEqual(
        Object.fromEntries(Object.entries(expected).map(([name, { type }]) => [name, type])),
      );
      expect(profile.rows).toBe(5);
      const texts = profile.columns.map(({ name }) => `${quoteName(name)}::VARCHAR AS ${quoteName(name)}`).join(', ');
      const rows = await rowsOf([pieceOf(fixture(name), 0, 0, 5)], profile.columns, texts);
      for (const [name, { values }] of Object.entries(expected)) {
        expect({ [name]: rows.map((row) => row[name]) }).toEqual({ [name]: values });
      }
    },
  );

  test('has nulls inside a null struct and a null array', async () => {
    const columns = (await profileOf(fixture('types.arrow'))).columns;
    const rows = await rowsOf(
      [pieceOf(fixture('types.arrow'), 0, 0, 5)],
      columns,
      'hidden_struct.a AS a, hidden_struct.v[1] AS v',
    );
    expect(rows).toEqual([
      { a: 1n, v: 1 },
      { a: null, v: null },
      { a: 3n, v: 5 },
      { a: null, v: null },
      { a: 5n, v: 9 },
    ]);
  });

  test('that is not read is named in the profile, and the other columns are read', async () => {
    const { columns } = await profileOf(fixture('unsupported.arrow'));
    expect(columns.map(({ name, type }) => `${name}: ${type.slice(0, 12)}`)).toEqual([
      'a: BIGINT',
      'union: UNSUPPORTED(',
      'duration: UNSUPPORTED(',
      'month: UNSUPPORTED(',
      'wide: UNSUPPORTED(',
      'nothing: UNSUPPORTED(',
      'empty_lists: UNSUPPORTED(',
      'list: UNSUPPORTED(',
      'z: VARCHAR',
    ]);
    const wanted = columns.filter(({ name }) => name === 'a' || name === 'z');
    expect(await rowsOf([pieceOf(fixture('unsupported.arrow'), 0, 0, 2)], wanted, 'a, z')).toEqual([
      { a: 1n, z: 'x' },
      { a: 2n, z: 'y' },
    ]);
  });

  test('that apache-arrow cannot pass over is refused by name', async () => {
    expect(await refusalOf('run_end.arrow', readFileSync(fixture('run_end.arrow')))).toContain(
      'has a column "r" of Arrow type RunEndEncoded, which cannot be read',
    );
  });
});

describe('rows', () => {
  test('of a range come from the record batches that it overlaps, with their numbers in the shard', async () => {
    const profile = await profileOf(fixture('batches.arrow'));
    expect(profile).toMatchObject({ rows: 5000, starts: [{ row: 0 }, { row: 1500 }, { row: 3000 }, { row: 4500 }] });
    const rows = await rowsOf(
      [pieceOf(fixture('batches.arrow'), 4, 1499, 3001)],
      [column('s', 'VARCHAR'), column('x', 'INTEGER')],
    );
    expect(rows).toEqual(
      Array.from({ length: 1502 }, (_, i) => ({
        s: `text ${(1499 + i) % 7}`,
        x: 1499 + i,
        scoremill_shard: 4,
        scoremill_row: BigInt(1499 + i),
      })),
    );
  });

  test('of several shards follow one another, and a relation may be read twice', async () => {
    const path = fixture('batches.arrow');
    await using rows = await arrowSource.read(
      [pieceOf(path, 2, 4999, 5000), pieceOf(fixture('empty.arrows'), 3, 0, 0), pieceOf(path, 5, 0, 1)],
      {
        connection,
        ...csvDefaults,
        columns: [column('x', 'INTEGER')],
        scratchFolder: folder,
      },
    );
    const expected = [
      { x: 4999, scoremill_shard: 2, scoremill_row: 4999n },
      { x: 0, scoremill_shard: 5, scoremill_row: 0n },
    ];
    expect(await connection.rows(`SELECT * FROM ${rows.relation}`)).toEqual(expected);
    expect(await connection.rows(`SELECT * FROM ${rows.relation}`)).toEqual(expected);
  });

  test('leave no table behind', async () => {
    await rowsOf([pieceOf(fixture('types.arrow'), 0, 0, 5)], [column('i8', 'TINYINT')]);
    expect(await connection.rows('SELECT table_name FROM duckdb_tables()')).toEqual([]);
  });

  test.each([
    ['delta.arrow', 8, ['a', 'b', null, 'c', 'a', 'b', 'd', 'c', 'a'], [1, 2, null, 3, 1, 2, 4, 3, 1]],
    ['delta.arrows', 8, ['a', 'b', null, 'c', 'a', 'b', 'd', 'c', 'a'], [1, 2, null, 3, 1, 2, 4, 3, 1]],
    ['replaced.arrows', 5, ['a', 'b', null, 'c', 'd', 'd'], [1, 2, null, 3, 4, 4]],
  ])('of %s have the dictionary of their own record batch', async (name, last, texts, numbers) => {
    const columns = [column('d', 'VARCHAR'), column('n', 'INTEGER')];
    const rows = await rowsOf([pieceOf(fixture(name), 0, 0, last + 1)], columns, 'd, n');
    expect(rows).toEqual(texts.map((d, i) => ({ d, n: numbers[i] })));
    expect(await rowsOf([pieceOf(fixture(name), 0, last, last + 1)], columns, 'd, n')).toEqual([
      { d: texts[last], n: numbers[last] },
    ]);
  });

  test('of columns whose names differ in case alone keep apart', async () => {
    const { columns } = await profileOf(fixture('names.arrow'));
    expect(columns.map(({ name }) => name)).toEqual(['a', 'A_1', 'column2', 'a_2']);
    expect(await rowsOf([pieceOf(fixture('names.arrow'), 0, 0, 1)], columns, 'a, "A_1", column2, a_2')).toEqual([
      { a: 1n, A_1: 2n, column2: 3n, a_2: 4n },
    ]);
  });

  test.each(['empty.arrow', 'empty.arrows'])('of %s are none', async (name) => {
    expect(await profileOf(fixture(name))).toEqual({
      columns: [column('a', 'INTEGER')],
      rows: 0,
      starts: [{ row: 0 }],
      decodedBytes: 0,
    });
    expect(await rowsOf([pieceOf(fixture(name), 0, 0, 0)], [column('a', 'INTEGER')])).toEqual([]);
  });
});

describe('a shard is refused', () => {
  const file = readFileSync(fixture('types.arrow'));
  const stream = readFileSync(fixture('types.arrows'));

  test('when it is empty, text, or Feather version 1', async () => {
    expect(await refusalOf('empty', Buffer.alloc(0))).toContain('is empty (0 bytes)');
    expect(await refusalOf('text', Buffer.from('a,b,c\n1,2,3\n'))).toContain(
      'is neither an Arrow file nor an Arrow stream',
    );
    expect(await refusalOf('feather', Buffer.from('FEA1 and so on'))).toContain('is Feather version 1');
  });

  test('when a file is cut anywhere', async () => {
    for (let end = 8; end < file.length; end += 401) {
      expect(await refusalOf('cut', file.subarray(0, end))).toContain('was cut or never finished');
    }
    expect(await refusalOf('cut', file.subarray(0, -1))).toContain('was cut or never finished');
  });

  test('when a stream is cut anywhere, between record batches too', async () => {
    for (let end = 1; end < stream.length; end += 401) {
      expect(await refusalOf('cut', stream.subarray(0, end))).toMatch(
        /^is (damaged|neither|a damaged|an Arrow stream without)/,
      );
    }
    expect(await refusalOf('cut', stream.subarray(0, -8))).toContain('without its end-of-stream marker');
  });

  test('when a second stream follows the first', async () => {
    expect(await refusalOf('two', Buffer.concat([stream, stream]))).toContain('has more data after the end');
  });
});
