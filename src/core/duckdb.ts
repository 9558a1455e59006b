// DuckDB in one thread: connections, streams of data chunks and appends. With duckdb-*.ts the only owner of @duckdb/*.
// A stream ends silently when its connection runs anything else, so a Connection refuses to, and says so.
// Its own file: of the package's index, Node would first look through all that it exports, which took 0.1 s a thread.
import { DuckDBDataChunk } from '@duckdb/node-api/lib/DuckDBDataChunk.js';
import duckdb from '@duckdb/node-bindings';
import { type ChunkTable, ChunkTables, type OpenTable } from './duckdb-table.ts';
import type { SourceColumn } from './split.ts';
import { forgetChunk } from './young-garbage.ts';

export type Chunk = duckdb.DataChunk;
export type Vector = duckdb.Vector;

/** Rows a chunk holds at most. */
export const chunkRows = duckdb.vector_size();

export const duckdbVersion = (): string => duckdb.library_version().replace(/^v/, '');

export interface ChunkFunction {
  readonly name: string;
  readonly parameterTypes: readonly duckdb.LogicalType[];
  readonly returnType: duckdb.LogicalType;
  readonly compute: (chunk: Chunk, result: Vector) => void;
}

export class Connection {
  readonly #connection: duckdb.Connection;
  #streaming = false;
  #tables: ChunkTables | undefined;
  /** What a function of `defineFunction` or a table of `openTable` threw in the query that runs. */
  #thrown: unknown;

  constructor(connection: duckdb.Connection) {
    this.#connection = connection;
  }

  /** Runs one or more statements; returns the rows that the last one changed (for COPY: rows written). */
  async run(sql: string): Promise<number> {
    return duckdb.rows_changed(await this.#query(sql));
  }

  /** A small result as objects: BIGINT as bigint, VARCHAR as string, nested values as DuckDB's value classes. */
  async rows<Row = Record<string, unknown>>(sql: string): Promise<Row[]> {
    const result = await this.#query(sql);
    const names = Array.from({ length: duckdb.column_count(result) }, (_, index) => duckdb.column_name(result, index));
    const rows: Row[] = [];
    for (let index = 0; index < duckdb.result_chunk_count(result); index++) {
      const chunk = new DuckDBDataChunk(duckdb.result_get_chunk(result, index));
      for (const values of chunk.getRows()) {
        rows.push(Object.fromEntries(values.map((value, column) => [names[column], value])) as Row);
      }
    }
    return rows;
  }

  /** Names and types of a query's columns; the query is bound and not run. */
  async describe(query: string): Promise<SourceColumn[]> {
    const rows = await this.rows<{ column_name: string; column_type: string }>(`DESCRIBE ${query}`);
    return rows.map((row) => ({ name: row.column_name, type: row.column_type }));
  }

  /** Streams a query: chunks of at most `chunkRows` rows, in order. Until it is read to its end the connection does nothing else. */
  async *stream(query: string): AsyncGenerator<Chunk, void, undefined> {
    this.#mustBeIdle(query);
    this.#streaming = true;
    let prepared: duckdb.PreparedStatement | undefined;
    try {
      prepared = await duckdb.prepare(this.#connection, query);
      const result = await duckdb.execute_prepared_streaming(prepared);
      for (;;) {
        const chunk = await duckdb.fetch_chunk(result);
        if (chunk === null || duckdb.data_chunk_get_size(chunk) === 0) return;
        yield chunk;
      }
    } finally {
      if (prepared !== undefined) duckdb.destroy_prepare_sync(prepared);
      this.#streaming = false;
    }
  }

  /**
   * Makes `compute` a function of SQL that is called for each chunk of rows, on this thread, while the query waits for it.
   * It must fill the result vector for all rows of the chunk. What it throws ends the query and comes out of it unchanged.
   */
  defineFunction({ name, parameterTypes, returnType, compute }: ChunkFunction): void {
    const definition = duckdb.create_scalar_function();
    duckdb.scalar_function_set_name(definition, name);
    for (const type of parameterTypes) duckdb.scalar_function_add_parameter(definition, type);
    duckdb.scalar_function_set_return_type(definition, returnType);
    // Otherwise DuckDB may leave calls out or repeat them.
    duckdb.scalar_function_set_volatile(definition);
    duckdb.scalar_function_set_function(definition, (info, chunk, result) => {
      try {
        compute(chunk, result);
        forgetChunk();
      } catch (error) {
        this.#thrown = error;
        duckdb.scalar_function_set_error(info, String(error));
      }
    });
    duckdb.register_scalar_function(this.#connection, definition);
  }

  /** Makes rows of JavaScript a table of SQL. */
  async openTable(table: ChunkTable): Promise<OpenTable> {
    const integer = await this.logicalType('INTEGER');
    this.#tables ??= new ChunkTables(this.#connection, integer, (error) => {
      this.#thrown = error;
    });
    return this.#tables.add(table);
  }

  /** Appends chunks to a table of this connection's database. */
  appender(table: string): Appender {
    this.#mustBeIdle(table);
    return new Appender(duckdb.appender_create(this.#connection, null, table));
  }

  /** The logical type of an SQL type name, for building chunks. */
  async logicalType(type: string): Promise<duckdb.LogicalType> {
    this.#mustBeIdle(type);
    return duckdb.column_logical_type(await duckdb.query(this.#connection, `SELECT CAST(NULL AS ${type}) LIMIT 0`), 0);
  }

  close(): void {
    duckdb.disconnect_sync(this.#connection);
  }

  async #query(sql: string): Promise<duckdb.Result> {
    this.#mustBeIdle(sql);
    try {
      return await duckdb.query(this.#connection, sql);
    } catch (error) {
      const thrown = this.#thrown ?? error;
      this.#thrown = undefined;
      throw thrown;
    }
  }

  #mustBeIdle(sql: string): void {
    if (this.#streaming) throw new Error(`a stream is open on this connection; this would end it: ${sql}`);
  }
}

export class Appender {
  readonly #appender: duckdb.Appender;

  constructor(appender: duckdb.Appender) {
    this.#appender = appender;
  }

  append(chunk: Chunk): void {
    duckdb.append_data_chunk(this.#appender, chunk);
  }

  /** Makes every appended row visible to queries. */
  close(): void {
    duckdb.appender_close_sync(this.#appender);
  }
}

/** Whether an error means that its database must not be used again. */
export const isFatal = (error: unknown): boolean =>
  error instanceof Error && /^(INTERNAL|FATAL)|database has been invalidated/i.test(error.message);

/** DuckDB's message without its class prefix and without the stack of hints that follow the first line. */
export const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0].replace(/^[A-Z][\w ]*Error: /, '');

const ioCodes: readonly (readonly [RegExp, string])[] = [
  [/no space left/i, 'ENOSPC'],
  [/quota/i, 'EDQUOT'],
  [/file too large/i, 'EFBIG'],
  [/too many open files/i, 'EMFILE'],
  [/read-only file system/i, 'EROFS'],
  [/permission denied/i, 'EACCES'],
  [/no such file or directory/i, 'ENOENT'],
  [/is a directory/i, 'EISDIR'],
];

/** The system's code behind an error of a file operation, as far as its words tell (otherwise EIO); undefined for any other error. */
export function ioCodeOf(error: Error): string | undefined {
  if (!/^IO Error/.test(error.message)) return undefined;
  return ioCodes.find(([pattern]) => pattern.test(error.message))?.[1] ?? 'EIO';
}

/** The type text that DuckDB itself gives to a type expression, or undefined when it is none. */
export async function normalisedType(connection: Connection, type: string): Promise<string | undefined> {
  try {
    const [column] = await connection.describe(`SELECT CAST(NULL AS ${type})`);
    return column.type;
  } catch {
    return undefined;
  }
}
