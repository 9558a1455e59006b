// The results of a split, as a DuckDB table with one row for every row read: whether it was scored, which row it is, and
// its values. Rows are gathered to whole chunks before they are appended.
import { type Connection, chunkRows } from '../core/duckdb.ts';
import { createChunk, resetChunk, setRows, vectorOf, writeNumbers } from '../core/duckdb-vectors.ts';
import { quoteName } from '../core/sql.ts';
import type { Batch } from './batch.ts';
import type { ResultColumn } from './binding.ts';
import { storedType } from './choose-buffer.ts';
import { GatheredResults } from './gathered-results.ts';
import type { ScoredBatch } from './score-batch.ts';

/** Values are handed to DuckDB at the latest when this many bytes have gathered. */
const mostBufferedBytes = 16 * 1024 * 1024;

export class ResultTable {
  readonly name: string;
  readonly #connection: Connection;
  readonly #columns: number;
  readonly #results: GatheredResults;
  readonly #shards = new Int32Array(chunkRows);
  readonly #rowNumbers = new Float64Array(chunkRows);
  readonly #appender;
  readonly #chunk;
  #rows = 0;

  private constructor(
    name: string,
    connection: Connection,
    columns: readonly ResultColumn[],
    types: Awaited<ReturnType<Connection['logicalType']>>[],
  ) {
    this.name = name;
    this.#connection = connection;
    this.#columns = columns.length;
    this.#results = new GatheredResults(columns);
    this.#appender = connection.appender(name);
    this.#chunk = createChunk(types);
  }

  static async create(connection: Connection, name: string, columns: readonly ResultColumn[]): Promise<ResultTable> {
    const types = ['BOOLEAN', 'INTEGER', 'DOUBLE', ...columns.map(storedType)];
    const fields = types.map(
      (type, index) => `${index < 3 ? ['scored', 'shard', 'row'][index] : `c${index - 3}`} ${type}`,
    );
    await connection.run(`CREATE TABLE ${quoteName(name)} (${fields.join(', ')})`);
    const logicalTypes = [];
    for (const type of types) logicalTypes.push(await connection.logicalType(type));
    return new ResultTable(name, connection, columns, logicalTypes);
  }

  /** Takes the results of a batch. Fails with `result-shape` when the model gave rows of a shape that was not planned for. */
  append(batch: Batch, scored: ScoredBatch): void {
    this.#results.check(scored);
    for (let from = 0; from < batch.rows; ) {
      const count = Math.min(batch.rows - from, chunkRows - this.#rows);
      this.#results.add(scored, { from, count, to: this.#rows });
      this.#shards.fill(batch.shard, this.#rows, this.#rows + count);
      this.#rowNumbers.set(batch.rowNumbers.subarray(from, from + count), this.#rows);
      this.#rows += count;
      from += count;
      if (this.#rows === chunkRows || this.#results.bytes > mostBufferedBytes) this.#flush();
    }
  }

  /** Makes all rows visible to queries on this connection's database. */
  finish(): void {
    this.#flush();
    this.#appender.close();
  }

  async drop(): Promise<void> {
    await this.#connection.run(`DROP TABLE IF EXISTS ${quoteName(this.name)}`);
  }

  #flush(): void {
    if (this.#rows === 0) return;
    const chunk = this.#chunk;
    resetChunk(chunk);
    writeNumbers(vectorOf(chunk, 1), this.#shards.subarray(0, this.#rows));
    writeNumbers(vectorOf(chunk, 2), this.#rowNumbers.subarray(0, this.#rows));
    const columns = Array.from({ length: this.#columns }, (_, index) => vectorOf(chunk, index + 3));
    this.#results.write(vectorOf(chunk, 0), columns, this.#rows);
    setRows(chunk, this.#rows);
    this.#appender.append(chunk);
    this.#rows = 0;
  }
}
