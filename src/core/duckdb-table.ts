// Rows made in JavaScript as a table of SQL: a query calls for its chunks, one after the other, with only the columns that it
// reads. 1 M rows of 32 columns pass in 0.1 s of processor time.
import duckdb from '@duckdb/node-bindings';

export interface ChunkTable {
  readonly columns: readonly { readonly name: string; readonly type: duckdb.LogicalType }[];
  readonly rows: number;
  /**
   * Begins at the first row, once for each time that a query reads the table. What it returns fills a chunk with the next rows
   * of the columns at these places, in their order, and sets its rows; none are left when it sets 0.
   */
  scan(places: readonly number[]): (chunk: duckdb.DataChunk) => void;
}

export interface OpenTable {
  /** SQL for a FROM clause. */
  readonly sql: string;
  /** After the last query. */
  close(): void;
}

const functionName = 'scoremill_rows';

/** The tables of one connection, by number: functions of SQL cannot be taken back, so that there is one for all of them. */
export class ChunkTables {
  readonly #open = new Map<number, ChunkTable>();
  #added = 0;

  /** `onThrow` is told what a table threw, of which DuckDB keeps only the text. */
  constructor(connection: duckdb.Connection, integer: duckdb.LogicalType, onThrow: (error: unknown) => void) {
    const definition = duckdb.create_table_function();
    duckdb.table_function_set_name(definition, functionName);
    duckdb.table_function_add_parameter(definition, integer);
    duckdb.table_function_supports_projection_pushdown(definition, true);
    duckdb.table_function_set_bind(definition, (info) => {
      const table = this.#open.get(duckdb.get_int32(duckdb.bind_get_parameter(info, 0)));
      if (table === undefined) return duckdb.bind_set_error(info, 'the table is closed');
      for (const { name, type } of table.columns) duckdb.bind_add_result_column(info, name, type);
      duckdb.bind_set_cardinality(info, table.rows, true);
      duckdb.bind_set_bind_data(info, table);
    });
    duckdb.table_function_set_init(definition, (info) => {
      const table = duckdb.init_get_bind_data(info) as ChunkTable;
      const count = duckdb.init_get_column_count(info);
      const places = Array.from({ length: count }, (_, index) => duckdb.init_get_column_index(info, index));
      // Rows come in their order.
      duckdb.init_set_max_threads(info, 1);
      duckdb.init_set_init_data(info, table.scan(places));
    });
    duckdb.table_function_set_function(definition, (info, chunk) => {
      try {
        (duckdb.function_get_init_data(info) as (chunk: duckdb.DataChunk) => void)(chunk);
      } catch (error) {
        onThrow(error);
        duckdb.function_set_error(info, String(error));
      }
    });
    duckdb.register_table_function(connection, definition);
  }

  add(table: ChunkTable): OpenTable {
    const number = this.#added++;
    this.#open.set(number, table);
    return { sql: `${functionName}(${number})`, close: () => void this.#open.delete(number) };
  }
}
