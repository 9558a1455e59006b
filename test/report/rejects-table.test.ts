import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Reject } from '../../src/core/split.ts';
import { writeRejects } from '../../src/report/rejects-table.ts';
import { readers } from './read-table.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rejects-table-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const columns = ['shard', 'row', 'reason', 'column', 'message', 'content', 'run_id', 'replaced_by'];
const runId = 'run-1';
const shardPaths = ['data/a.csv', 'data/größe.csv'];

function reject(shard: number, row: number, changes: Partial<Reject> = {}): Reject {
  return { shard, row, reason: 'null', column: 'age', message: 'is null', content: '{"age":null}', ...changes };
}

function staged(name: string, rejects: readonly Reject[]): string {
  const path = join(folder, name);
  writeFileSync(path, rejects.map((one) => `${JSON.stringify(one)}\n`).join(''));
  return path;
}

const asRow = (one: Reject) => ({
  ...one,
  shard: shardPaths[one.shard],
  row: BigInt(one.row),
  run_id: runId,
  replaced_by: null,
});

test.each(Object.keys(readers))('rejects of several splits become one table in their order, by %s', async (reader) => {
  const first = [reject(0, 0), reject(0, 8_000_000_000, { column: null, content: null })];
  const second = [
    reject(1, 3, { message: 'a\nline "break"', content: '{"city":"Köln 🚀","n":9007199254740993}' }),
    reject(1, 4, { reason: 'malformed-line', column: null, content: '{"broken": ' }),
  ];
  const path = join(folder, `rejects-${reader}.parquet`);
  const stagedPaths = [staged('0.jsonl', first), staged('none.jsonl', []), staged('1.jsonl', second)];
  expect(await writeRejects(path, { stagedPaths, shardPaths, runId, metadata: { run: 'run-1' } })).toBe(4);
  expect(await readers[reader](path, columns)).toEqual([...first, ...second].map(asRow));
});

test('no rejects are a table without rows and with all columns', async () => {
  const path = join(folder, 'empty.parquet');
  expect(await writeRejects(path, { stagedPaths: [], shardPaths, runId })).toBe(0);
  expect(await readers.duckdb(path, columns)).toEqual([]);
});

test('lines that lie across the pieces in which a file is read stay whole', async () => {
  const rejects = Array.from({ length: 3000 }, (_, row) => reject(1, row, { content: `"${'ü'.repeat(row % 97)}"` }));
  const path = join(folder, 'many.parquet');
  expect(await writeRejects(path, { stagedPaths: [staged('many.jsonl', rejects)], shardPaths, runId })).toBe(3000);
  expect(await readers.hyparquet(path, columns)).toEqual(rejects.map(asRow));
});

test('a staged file that ends within a line is a bug and not a shorter table', async () => {
  const path = join(folder, 'cut.jsonl');
  writeFileSync(path, `${JSON.stringify(reject(0, 1))}\n{"shard":0,"ro`);
  await expect(writeRejects(join(folder, 'cut.parquet'), { stagedPaths: [path], shardPaths, runId })).rejects.toThrow(
    `${path} ends within a line`,
  );
});

test('a staged file that is gone is an expected failure that names it', async () => {
  const path = join(folder, 'gone.jsonl');
  const error = await writeRejects(join(folder, 'gone.parquet'), { stagedPaths: [path], shardPaths, runId }).catch(
    (caught) => caught,
  );
  expect(error.failures).toMatchObject([{ reason: 'io', operation: 'read', path, code: 'ENOENT' }]);
});
