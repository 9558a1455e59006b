// Records of a CSV text that DuckDB's reader will not take, split here and appended to a table of texts field by field: the
// slowest way (8 MB/s), for line ends of another kind inside quotes, lines of many megabytes, or thousands of broken records.
import { type Appender, type Chunk, type Connection, chunkRows } from '../core/duckdb.ts';
import {
  createChunk,
  resetChunk,
  setRows,
  vectorOf,
  writeBytes,
  writeNumbers,
  writeValidity,
} from '../core/duckdb-vectors.ts';
import { quoteName } from '../core/sql.ts';
import type { CsvDialect } from './csv-dialect.ts';
import { fieldsOf } from './csv-record.ts';
import { CsvScanner } from './csv-scanner.ts';
import { rowColumn, shardColumn } from './source.ts';
import { fileBlocks } from './text-file.ts';
import { keysOf, type RowRun } from './text-pieces.ts';
import { recordsOf } from './text-scanner.ts';

/** Records that all have the right fields, and which rows they are. */
export interface RecordText {
  readonly path: string;
  readonly runs: readonly RowRun[];
}

/**
 * Creates the temporary table `table` of the shard and row columns and the texts of the fields at `wanted`, as t0, t1, ...,
 * with one row for each record.
 */
export async function appendTexts(
  connection: Connection,
  table: string,
  { path, runs }: RecordText,
  dialect: CsvDialect,
  fields: number,
  wanted: readonly number[],
): Promise<void> {
  const texts = wanted.map((_, index) => `t${index} VARCHAR`);
  const columns = [`${shardColumn} INTEGER`, `${rowColumn} BIGINT`, ...texts];
  await connection.run(`CREATE TEMP TABLE ${quoteName(table)} (${columns.join(', ')})`);
  const types = ['INTEGER', 'BIGINT', ...wanted.map(() => 'VARCHAR')];
  const chunk = createChunk(await Promise.all(types.map((type) => connection.logicalType(type))));
  const writer = new TextWriter(chunk, connection.appender(table), dialect);
  const keys = keysOf(runs);
  for await (const records of recordsOf(fileBlocks(path), new CsvScanner(dialect), 0)) {
    for (const { text } of records) {
      const split = fieldsOf(text, fields, dialect);
      const key = keys.next().value;
      if ('malformed' in split || key === undefined) throw new Error(`not a record: ${text}`);
      const { fields: values } = split;
      writer.add(
        key,
        wanted.map((index) => values[index]),
      );
    }
  }
  writer.close();
}

/** Fills a chunk with texts and appends it whenever it is full. */
class TextWriter {
  readonly #appender: Appender;
  readonly #chunk: Chunk;
  readonly #nulls: ReadonlySet<string>;
  readonly #shards = new Int32Array(chunkRows);
  readonly #rows = new BigInt64Array(chunkRows);
  readonly #present: Uint8Array[] = [];
  #filled = 0;

  constructor(chunk: Chunk, appender: Appender, dialect: CsvDialect) {
    this.#chunk = chunk;
    this.#appender = appender;
    this.#nulls = new Set(dialect.nullValues.map((text) => Buffer.from(text).toString('latin1')));
  }

  add([shard, row]: readonly [number, number], texts: readonly string[]): void {
    const at = this.#filled++;
    this.#shards[at] = shard;
    this.#rows[at] = BigInt(row);
    texts.forEach((text, index) => {
      const present = (this.#present[index] ??= new Uint8Array(chunkRows));
      present[at] = this.#nulls.has(text) ? 0 : 1;
      if (present[at] === 1) writeBytes(vectorOf(this.#chunk, index + 2), at, Buffer.from(text, 'latin1'));
    });
    if (this.#filled === chunkRows) this.#flush();
  }

  close(): void {
    this.#flush();
    this.#appender.close();
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
    this.#appender.append(this.#chunk);
    resetChunk(this.#chunk);
    this.#filled = 0;
  }
}
