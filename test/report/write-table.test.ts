import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetMetadata } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FailureError } from '../../src/core/failure.ts';
import { type Cell, type TableColumn, writeTable } from '../../src/report/write-table.ts';
import { type Row, readers, type Value } from './read-table.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'write-table-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const types = ['integer', 'double', 'text', 'boolean', 'timestamp'] as const;
const columns: TableColumn[] = types.flatMap((type) => [
  { name: type, type, nullable: false },
  { name: `${type}_or_null`, type, nullable: true },
]);
const names = columns.map((column) => column.name);

/** Cells as written, and the row that every reader must give back. */
const doubled = (cells: readonly Exclude<Cell, null>[]): Cell[] => cells.flatMap((cell) => [cell, cell]);
const withNulls = (cells: readonly Exclude<Cell, null>[]): Cell[] => cells.flatMap((cell) => [cell, null]);
const expected = (cells: readonly Cell[]): Row =>
  Object.fromEntries(
    columns.map(({ name, type }, i) => {
      const cell = cells[i];
      const value: Value = type === 'integer' && typeof cell === 'number' ? BigInt(cell) : cell;
      return [name, value];
    }),
  );

const time = '2026-02-28T23:59:59.987Z';
const tables: Record<string, Cell[][]> = {
  'no rows': [],
  'one row': [doubled([1, 0.5, 'a', true, time])],
  'the limits of numbers': [
    doubled([Number.MAX_SAFE_INTEGER, Number.MAX_VALUE, 'largest', true, '9999-12-31T23:59:59.999Z']),
    doubled([Number.MIN_SAFE_INTEGER, 5e-324, 'smallest', false, '1970-01-01T00:00:00.000Z']),
    doubled([-1, 0.1 + 0.2, 'inexact', false, time]),
    doubled([2 ** 31, -1.7976931348623157e308, 'beyond 32 bits', false, time]),
  ],
  'every kind of text': [
    '',
    ' ',
    'żółć ßäöü',
    '日本語',
    '🚀👩‍👩‍👧',
    'a\n"b",\t\\',
    '\u0000',
    '\uffff',
    'x'.repeat(70_000),
  ].map((text) => doubled([0, 0, text, false, time])),
  'nulls alone': Array.from({ length: 20 }, (_, i) => withNulls([i, i, `${i}`, i % 2 === 0, time])),
  'values and nulls in every pattern of eight': Array.from({ length: 256 * 8 }, (_, i) => {
    const cells = [i, i / 7, `row ${i}`, i % 3 === 0, new Date(1.7e12 + i).toISOString()];
    return (i >> 3) & (1 << (i & 7)) ? withNulls(cells) : doubled(cells);
  }),
  'three row groups': Array.from({ length: 4096 * 2 + 3 }, (_, i) => {
    const cells = [i * 1_000_003, Math.sqrt(i), `zeile ${i} ü`, i % 2 === 1, new Date(1.6e12 + i * 997).toISOString()];
    return i % 11 === 5 ? withNulls(cells) : doubled(cells);
  }),
};

describe.each(Object.keys(tables))('a table of %s', (name) => {
  const path = () => join(folder, `${name}.parquet`);
  beforeAll(async () => {
    expect(await writeTable(path(), { columns, rows: tables[name] })).toBe(tables[name].length);
  });

  test.each(Object.keys(readers))('is read back equal by %s', async (reader) => {
    expect(await readers[reader](path(), names)).toEqual(tables[name].map(expected));
  });
});

const metadataOf = (path: string) => {
  const bytes = readFileSync(path);
  return parquetMetadata(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer);
};

test('carries metadata in its footer', async () => {
  const path = join(folder, 'metadata.parquet');
  await writeTable(path, { columns, rows: [], metadata: { run: 'run-1', job: 'żółć' } });
  expect(metadataOf(path).key_value_metadata).toEqual([
    { key: 'run', value: 'run-1' },
    { key: 'job', value: 'żółć' },
  ]);
});

test('ends a row group early when its text is long, and goes back to many rows after it', async () => {
  const path = join(folder, 'long.parquet');
  const text = 'x'.repeat(3_000_000);
  const rows = [text, text, text, ...Array(50).fill('short')].map((cell) => [cell]);
  await writeTable(path, { columns: [{ name: 'text', type: 'text', nullable: false }], rows });
  expect(metadataOf(path).row_groups.map((group) => Number(group.num_rows))).toEqual([3, 50]);
});

test('takes rows as they come, a row group ahead of the disk at most', async () => {
  const path = join(folder, 'streamed.parquet');
  const sizes = new Set<number>();
  async function* rows(): AsyncGenerator<Cell[]> {
    for (let i = 0; i < 4096 * 3; i++) {
      if (i % 4096 === 1) sizes.add(readFileSync(path).byteLength);
      yield [i];
    }
  }
  await writeTable(path, { columns: [{ name: 'i', type: 'integer', nullable: false }], rows: rows() });
  expect(sizes.size).toBe(3);
});

test.each<[TableColumn['type'], Cell]>([
  ['integer', 2 ** 53],
  ['integer', 1.5],
  ['integer', '1'],
  ['double', Number.NaN],
  ['double', Number.POSITIVE_INFINITY],
  ['text', 1],
  ['boolean', 1],
  ['timestamp', 'yesterday'],
  ['timestamp', '1969-12-31T00:00:00Z'],
  ['text', null],
])('refuses for type %s the value %s instead of changing it', async (type, cell) => {
  const rows = [[cell]];
  await expect(
    writeTable(join(folder, 'refused.parquet'), { columns: [{ name: 'c', type, nullable: false }], rows }),
  ).rejects.toThrow(`column c: ${JSON.stringify(cell)} is not a value of type ${type}`);
});

test('a folder that is not there is an expected failure that names the file', async () => {
  const path = join(folder, 'absent', 'stats.parquet');
  const error = await writeTable(path, { columns, rows: [] }).catch((caught) => caught);
  expect(error).toBeInstanceOf(FailureError);
  expect(error.failures).toMatchObject([{ reason: 'io', operation: 'write', path, code: 'ENOENT' }]);
});

test.skipIf(!existsSync('/dev/full'))('a full disk is an expected failure', async () => {
  const error = await writeTable('/dev/full', { columns, rows: [] }).catch((caught) => caught);
  expect(error.failures).toMatchObject([{ reason: 'io', operation: 'write', path: '/dev/full', code: 'ENOSPC' }]);
});
