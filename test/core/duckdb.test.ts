// DuckDB as this project uses it: streams that end whole or loudly, paths and names taken literally, folders fenced off.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Connection, isFatal, messageOf, normalisedType } from '../../src/core/duckdb.ts';
import { Database, type DatabaseSettings } from '../../src/core/duckdb-database.ts';
import { bytesOf, numbersOf, rowsOf, stringsOf, vectorOf } from '../../src/core/duckdb-vectors.ts';
import { quoteName, quotePath, quotePaths, quoteText } from '../../src/core/sql.ts';
import { temporaryFolder } from '../temporary-folder.ts';

async function open(settings: Partial<DatabaseSettings> = {}): Promise<Connection> {
  const temporary = settings.temporaryFolder ?? temporaryFolder();
  const database = await Database.open({ threads: 1, memoryBytes: 2 ** 28, temporaryFolder: temporary, ...settings });
  const connection = await database.connect();
  onTestFinished(() => {
    connection.close();
    database.close();
  });
  return connection;
}

test('a stream gives every row in order, in chunks', async () => {
  const connection = await open();
  let next = 0;
  for await (const chunk of connection.stream('SELECT range FROM range(10000)')) {
    const values = numbersOf(vectorOf(chunk, 0), 'BIGINT', rowsOf(chunk));
    for (const value of values) if (Number(value) !== next++) throw new Error(`${value} after ${next - 1} rows`);
  }
  expect(next).toBe(10_000);
});

test('while a stream is open its connection refuses everything else, and says so', async () => {
  const connection = await open();
  await connection.run('CREATE TABLE t (a INTEGER)');
  let rows = 0;
  for await (const chunk of connection.stream('SELECT range FROM range(10000)')) {
    rows += rowsOf(chunk);
    await expect(connection.run('SELECT 1')).rejects.toThrow('a stream is open on this connection');
    await expect(connection.rows('SELECT 1')).rejects.toThrow('a stream is open');
    await expect(connection.describe('SELECT 1')).rejects.toThrow('a stream is open');
    await expect(connection.logicalType('INTEGER')).rejects.toThrow('a stream is open');
    await expect(connection.stream('SELECT 1').next()).rejects.toThrow('a stream is open');
    expect(() => connection.appender('t')).toThrow('a stream is open');
  }
  expect(rows).toBe(10_000);
});

test('a stream that is left early frees its connection', async () => {
  const connection = await open();
  for await (const chunk of connection.stream('SELECT range FROM range(100000)')) {
    expect(rowsOf(chunk)).toBe(2048);
    break;
  }
  expect(await connection.rows('SELECT 1 AS a')).toEqual([{ a: 1 }]);
  let rows = 0;
  for await (const chunk of connection.stream('SELECT range FROM range(5000)')) rows += rowsOf(chunk);
  expect(rows).toBe(5000);
});

test('an error in the middle of a stream is thrown, and the connection goes on', async () => {
  const connection = await open();
  const read = async (): Promise<void> => {
    for await (const _ of connection.stream(
      "SELECT CASE WHEN range = 7000 THEN error('row 7000') ELSE range END FROM range(10000)",
    ));
  };
  await expect(read()).rejects.toThrow('row 7000');
  await expect(connection.stream('SELECT nothing FROM nowhere').next()).rejects.toThrow('nowhere');
  expect(await connection.rows('SELECT 1 AS a')).toEqual([{ a: 1 }]);
});

test.each([
  'plain',
  `it's`,
  'two"quotes"',
  'line\nbreak',
  'ünï çødé 漢字 🙂',
  'a*b?c',
  'a[0-9]',
  '[',
  ']',
  'back\\slash',
  '{a,b}',
  '$x',
  '%s',
  ' ',
])('a file and a column named %j are that file and that column', async (name) => {
  const folder = temporaryFolder();
  const connection = await open();
  const path = join(folder, `${name}.parquet`);
  await connection.run(`COPY (SELECT 7 AS ${quoteName(name)}) TO ${quoteText(path)} (FORMAT parquet)`);
  await connection.run(`COPY (SELECT 8 AS other) TO ${quoteText(join(folder, 'a0.parquet'))} (FORMAT parquet)`);
  expect(existsSync(path)).toBe(true);
  expect(await connection.rows(`SELECT ${quoteName(name)} FROM read_parquet(${quotePath(path)})`)).toEqual([
    { [name]: 7 },
  ]);
  const both = quotePaths([path, path]);
  expect(await connection.rows(`SELECT count(*)::INTEGER AS n FROM read_parquet(${both})`)).toEqual([{ n: 2 }]);
  expect(await connection.rows(`SELECT ${quoteText(name)} AS text`)).toEqual([{ text: name }]);
});

test('texts come back letter by letter, short and long, and null is not the empty text', async () => {
  const connection = await open();
  const texts = ['', 'short', 'exactly 12 b', 'longer than twelve bytes', 'ünïcödé 漢字 🙂', '\u0000 inside', null];
  const values = texts.map((text) =>
    text === null ? 'NULL' : text.includes('\u0000') ? `chr(0) || ' inside'` : quoteText(text),
  );
  const seen: (string | null)[] = [];
  for await (const chunk of connection.stream(`SELECT unnest([${values.join(', ')}])`)) {
    seen.push(...stringsOf(vectorOf(chunk, 0), rowsOf(chunk)));
    expect(bytesOf(vectorOf(chunk, 0), rowsOf(chunk)).map((bytes) => bytes?.length ?? null)).toEqual(
      texts.map((text) => (text === null ? null : Buffer.byteLength(text))),
    );
  }
  expect(seen).toEqual(texts);
});

test('a query that needs more memory than granted fails as Out of Memory, and the database lives on', async () => {
  const connection = await open({ memoryBytes: 2 ** 23 });
  const query = "SELECT list(repeat('x', 1000) || range) FROM range(1000000)";
  const error = await connection.rows(query).catch((thrown: unknown) => thrown);
  expect(String(error)).toContain('Out of Memory Error');
  expect(isFatal(error)).toBe(false);
  expect(await connection.rows('SELECT 1 AS a')).toEqual([{ a: 1 }]);
});

test('a message loses its class and its hints', () => {
  expect(messageOf(new Error('Conversion Error: Could not convert\n\nLINE 1: x'))).toBe('Could not convert');
  expect(messageOf(new Error('Out of Memory Error: full'))).toBe('full');
  expect(messageOf('plain')).toBe('plain');
  expect(
    ['INTERNAL Error: x', 'FATAL Error: x', 'Invalid Input Error: x'].map((text) => isFatal(new Error(text))),
  ).toEqual([true, true, false]);
});

test('type names are given as DuckDB gives them', async () => {
  const connection = await open();
  const types = ['int', 'decimal(10,2)', 'float[3][]', 'text', "ENUM('a', 'B')", 'flot', '1); DROP'];
  expect(await Promise.all(types.map((type) => normalisedType(connection, type)))).toEqual([
    'INTEGER',
    'DECIMAL(10,2)',
    'FLOAT[3][]',
    'VARCHAR',
    "ENUM('a', 'B')",
    undefined,
    undefined,
  ]);
});

test('a database that is confined to folders reads and writes there and nowhere else', async () => {
  const allowed = join(temporaryFolder(), 'a[1] *');
  const outside = temporaryFolder();
  writeFileSync(join(outside, 'secret.csv'), 'a\n1\n');
  const free = await open();
  await free.run(`COPY (SELECT 7 AS a) TO ${quoteText(join(outside, 'x.parquet'))} (FORMAT parquet)`);
  const { mkdirSync } = await import('node:fs');
  mkdirSync(allowed);
  const connection = await open({ allowedFolders: [allowed] });
  const inside = join(allowed, 'x[2].parquet');
  await connection.run(`COPY (SELECT 7 AS a) TO ${quoteText(inside)} (FORMAT parquet)`);
  expect(await connection.rows(`SELECT a FROM read_parquet(${quotePath(inside)})`)).toEqual([{ a: 7 }]);
  for (const sql of [
    `SELECT * FROM read_csv(${quotePath(join(outside, 'secret.csv'))})`,
    `SELECT * FROM read_parquet(${quotePath(join(outside, 'x.parquet'))})`,
    `SELECT * FROM read_text(${quotePath(join(allowed, '..', '..', 'secret.csv'))})`,
    `SELECT * FROM glob('/etc/*')`,
    `COPY (SELECT 1) TO ${quoteText(join(outside, 'y.parquet'))} (FORMAT parquet)`,
    `ATTACH ${quoteText(join(outside, 'y.db'))}`,
  ]) {
    await expect(connection.rows(sql)).rejects.toThrow('Permission Error');
  }
  await expect(connection.run('SET enable_external_access = true')).rejects.toThrow(/locked|Cannot change/);
});

test('what does not fit into memory spills also in a confined database', async () => {
  const connection = await open({ memoryBytes: 2 ** 25, allowedFolders: [] });
  const [row] = await connection.rows<{ n: bigint }>(
    'SELECT count(DISTINCT text) AS n FROM (SELECT hash(range)::VARCHAR || repeat(chr(97), 40) AS text FROM range(300000))',
  );
  expect(row.n).toBe(300_000n);
});

test('keeps nothing of the files it reads, so that memory does not grow with the dataset', async () => {
  const folder = temporaryFolder();
  const connection = await open({ temporaryFolder: folder });
  const file = quotePath(join(folder, 'rows.parquet'));
  await connection.run(`COPY (SELECT range AS a, random() AS b FROM range(200000)) TO ${file} (FORMAT parquet)`);
  for (let time = 0; time < 2; time++) await connection.rows(`SELECT sum(b) FROM read_parquet(${file})`);
  expect(await connection.rows('SELECT count(*)::INTEGER AS blocks FROM duckdb_external_file_cache()')).toEqual([
    { blocks: 0 },
  ]);
});
