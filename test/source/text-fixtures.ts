// Text files, sources and a database for the tests of CSV and JSON Lines.
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { Connection } from '../../src/core/duckdb.ts';
import { Database } from '../../src/core/duckdb-database.ts';
import { type Failure, FailureError } from '../../src/core/failure.ts';
import type { Reject, Shard } from '../../src/core/split.ts';
import { type CsvOptions, jobSchema } from '../../src/job/schema.ts';
import type { ReadColumn, ReadPiece, ShardProfile, Source } from '../../src/source/source.ts';

export const csvOptions = (csv: object = {}): CsvOptions =>
  jobSchema.parse({ model: { path: 'm' }, dataset: { path: 'd', csv }, output: { path: 'o' } }).dataset.csv;

/** The failures that some work throws. */
export async function failuresOf(work: Promise<unknown>): Promise<readonly Failure[]> {
  try {
    await work;
  } catch (error) {
    if (error instanceof FailureError) return error.failures;
    throw error;
  }
  return [];
}

export interface Read {
  /** Values of the requested columns, row by row; bigint where the type is a wide integer. */
  readonly rows: unknown[][];
  /** The row numbers of `rows`, and their shards. */
  readonly numbers: number[];
  readonly shards: number[];
  readonly faults: (null | { column: string; message: string })[];
  readonly hasFaults: boolean;
  readonly unreadable: readonly Reject[];
}

/** A folder and a database for one test file. */
export class TextBench {
  readonly folder = mkdtempSync(join(tmpdir(), 'text-source-'));
  connection!: Connection;
  readonly #source: Source;
  #database!: Database;

  constructor(source: Source) {
    this.#source = source;
    beforeAll(async () => {
      const settings = { threads: 1, memoryBytes: 1024 ** 3, temporaryFolder: this.folder };
      this.#database = await Database.open(settings);
      this.connection = await this.#database.connect();
    });
    afterAll(() => {
      this.connection.close();
      this.#database.close();
      rmSync(this.folder, { recursive: true });
    });
  }

  write(name: string, content: string | Uint8Array): Shard {
    const path = join(this.folder, name);
    writeFileSync(path, content);
    return shardAt(path);
  }

  async profile(shards: Shard | readonly Shard[], csv: object = {}, gridRows = 1024): Promise<ShardProfile[]> {
    const { connection, folder: scratchFolder } = this;
    const request = { connection, csv: csvOptions(csv), gridRows, scratchFolder };
    return [...(await this.#source.profile([shards].flat(), request))];
  }

  /** The whole shards as pieces of one split. */
  async pieces(shards: Shard | readonly Shard[], csv: object = {}): Promise<ReadPiece[]> {
    const all = [shards].flat();
    const profiles = await this.profile(all, csv);
    return profiles.map((profile, index) => pieceOf(all[index], profile, 0, profile.rows));
  }

  /** Reads with the given types; without, with the types that the profile of the first shard guesses. */
  async read(
    shards: Shard | readonly Shard[],
    columns?: Readonly<Record<string, string>> | readonly ReadColumn[],
    csv: object = {},
  ): Promise<Read> {
    const pieces = await this.pieces(shards, csv);
    return this.readPieces(pieces, columns ?? (await this.profile([shards].flat()[0], csv))[0].columns, csv);
  }

  async readPieces(
    pieces: readonly ReadPiece[],
    columns: Readonly<Record<string, string>> | readonly ReadColumn[],
    csv: object = {},
  ): Promise<Read> {
    const wanted = Array.isArray(columns)
      ? (columns as readonly ReadColumn[])
      : Object.entries(columns).map(([name, type]) => ({ name, type: type as string }));
    const { connection, folder: scratchFolder } = this;
    const request = { connection, csv: csvOptions(csv), columns: wanted, scratchFolder };
    await using rows = await this.#source.read(pieces, request);
    const found = await connection.rows<Record<string, unknown>>(`SELECT * FROM ${rows.relation}`);
    return {
      rows: found.map((row) => wanted.map(({ name }) => plain(row[name]))),
      numbers: found.map((row) => Number(row.scoremill_row)),
      shards: found.map((row) => Number(row.scoremill_shard)),
      faults: found.map((row) => JSON.parse((row.scoremill_fault as string | null) ?? 'null')),
      hasFaults: rows.hasFaults,
      unreadable: rows.unreadable,
    };
  }
}

export function shardAt(path: string, index = 0): Shard {
  const compression = path.endsWith('.gz') ? 'gzip' : path.endsWith('.zst') ? 'zstd' : 'none';
  const format = /\.(jsonl|ndjson)/.test(path) ? 'jsonl' : 'csv';
  return { index, path, format, compression, fileBytes: statSync(path).size, modifiedMs: 0, partition: {} };
}

export const pieceOf = (source: Shard, profile: ShardProfile, startRow: number, endRow: number): ReadPiece => {
  const byteOf = (row: number): number | undefined =>
    row === profile.rows ? profile.endByte : profile.starts.find((start) => start.row === row)?.byte;
  const bytes = { startByte: byteOf(startRow), endByte: byteOf(endRow) };
  return { shard: source.index, startRow, endRow, ...bytes, source, path: profile.plainPath ?? source.path };
};

/** DuckDB's value classes as plain JavaScript. */
function plain(value: unknown): unknown {
  if (value !== null && typeof value === 'object' && 'items' in value) return (value.items as unknown[]).map(plain);
  return value !== null && typeof value === 'object' ? String(value) : value;
}
