// Pieces of CSV files record by record: what DuckDB's reader is not needed for once a piece holds a broken line, a line end
// of another kind, or anything else it stumbles over. Every record is either a row of texts or a reject with its line.
import { type Chunk, type Connection, chunkRows } from '../core/duckdb.ts';
import {
  createChunk,
  resetChunk,
  setRows,
  vectorOf,
  writeBytes,
  writeNumbers,
  writeValidity,
} from '../core/duckdb-vectors.ts';
import { FailureError } from '../core/failure.ts';
import type { Reject } from '../core/split.ts';
import { quoteName } from '../core/sql.ts';
import type { CsvDialect } from './csv-dialect.ts';
import { fieldsOf } from './csv-record.ts';
import { CsvScanner } from './csv-scanner.ts';
import { type ReadPiece, rowColumn, shardColumn } from './source.ts';
import { fileBlocks } from './text-file.ts';
import { LineFinder } from './text-lines.ts';
import { bytesOf, malformedLine, rowsOf } from './text-pieces.ts';
import { recordsOf } from './text-scanner.ts';

/**
 * Parses pieces whose files have `fields` columns into the temporary table `table`, which it creates: shard and row columns, and
 * the texts of the fields at `wanted` as t0, t1, ... Returns the records that are no rows.
 */
export async function parseCarefully(
  connection: Connection,
  table: string,
  pieces: readonly ReadPiece[],
  dialect: CsvDialect,
  fields: number,
  wanted: readonly number[],
): Promise<Reject[]> {
  const texts = wanted.map((_, index) => `t${index} VARCHAR`);
  await connection.run(
    `CREATE TEMP TABLE ${quoteName(table)} (${[`${shardColumn} INTEGER`, `${rowColumn} BIGINT`, ...texts].join(', ')})`,
  );
  const writer = await TextWriter.open(connection, table, wanted, dialect);
  const rejects: Reject[] = [];
  for (const piece of pieces) {
    const { path, startByte, endByte } = bytesOf(piece);
    const lines = new LineFinder(path);
    let row = piece.startRow;
    for await (const records of recordsOf(fileBlocks(path, startByte, endByte), new CsvScanner(dialect), startByte)) {
      for (const { text, byte } of records) {
        const split = fieldsOf(text, fields, dialect);
        if ('fields' in split) writer.add(piece.source.index, row, split.fields);
        else rejects.push(malformedLine(piece, row, await lines.lineAt(byte), split.malformed, text));
        row++;
      }
    }
    if (row !== piece.endRow) {
      const read = row - piece.startRow;
      throw new FailureError({ reason: 'row-count-mismatch', path, counted: rowsOf(piece), read });
    }
  }
  writer.close();
  return rejects;
}

/** Fills chunks with texts and appends them. */
class TextWriter {
  readonly #append: (chunk: Chunk) => void;
  readonly #finish: () => void;
  readonly #chunk: Chunk;
  readonly #wanted: readonly number[];
  readonly #nulls: ReadonlySet<string>;
  readonly #shards = new Int32Array(chunkRows);
  readonly #rows = new BigInt64Array(chunkRows);
  readonly #present: readonly Uint8Array[];
  #filled = 0;

  private constructor(
    chunk: Chunk,
    connection: Connection,
    table: string,
    wanted: readonly number[],
    dialect: CsvDialect,
  ) {
    const appender = connection.appender(table);
    this.#append = (full) => appender.append(full);
    this.#finish = () => appender.close();
    this.#chunk = chunk;
    this.#wanted = wanted;
    this.#nulls = new Set(dialect.nullValues.map((text) => Buffer.from(text).toString('latin1')));
    this.#present = wanted.map(() => new Uint8Array(chunkRows));
  }

  static async open(
    connection: Connection,
    table: string,
    wanted: readonly number[],
    dialect: CsvDialect,
  ): Promise<TextWriter> {
    const text = await connection.logicalType('VARCHAR');
    const keys = [await connection.logicalType('INTEGER'), await connection.logicalType('BIGINT')];
    return new TextWriter(createChunk([...keys, ...wanted.map(() => text)]), connection, table, wanted, dialect);
  }

  add(shard: number, row: number, fields: readonly string[]): void {
    const at = this.#filled++;
    this.#shards[at] = shard;
    this.#rows[at] = BigInt(row);
    this.#wanted.forEach((field, index) => {
      const text = fields[field];
      const isPresent = !this.#nulls.has(text);
      this.#present[index][at] = isPresent ? 1 : 0;
      if (isPresent) writeBytes(vectorOf(this.#chunk, index + 2), at, Buffer.from(text, 'latin1'));
    });
    if (this.#filled === chunkRows) this.#flush();
  }

  close(): void {
    this.#flush();
    this.#finish();
  }

  #flush(): void {
    const rows = this.#filled;
    if (rows === 0) return;
    writeNumbers(vectorOf(this.#chunk, 0), this.#shards.subarray(0, rows));
    writeNumbers(vectorOf(this.#chunk, 1), this.#rows.subarray(0, rows));
    this.#present.forEach((flags, index) => {
      writeValidity(vectorOf(this.#chunk, index + 2), flags.subarray(0, rows));
    });
    setRows(this.#chunk, rows);
    this.#append(this.#chunk);
    resetChunk(this.#chunk);
    this.#filled = 0;
  }
}
