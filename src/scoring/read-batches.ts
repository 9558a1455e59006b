// Streams a split's rows out of DuckDB and cuts them at the grid: a batch is the rows of one shard whose numbers lie in
// [grid * batchRows, (grid + 1) * batchRows), so batches are the same however the rows were split or resumed.
import type { Connection } from '../core/duckdb.ts';
import { numbersOf, rowsOf, stringsOf, vectorOf } from '../core/duckdb-vectors.ts';
import type { BoundInput } from '../model/binding.ts';
import { faultColumn, rowColumn, shardColumn } from '../source/source.ts';
import type { Stopwatch } from '../stats/stopwatch.ts';
import { Batch } from './batch.ts';
import { ChunkReader } from './chunk-reader.ts';

export interface BatchRequest {
  readonly connection: Connection;
  /** SQL for a FROM clause: the rows to score, in order, with the hidden columns. */
  readonly relation: string;
  readonly hasFaults: boolean;
  readonly inputs: readonly BoundInput[];
  readonly batchRows: number;
  readonly stopwatch: Stopwatch;
}

/** Batches in row order. One Batch object is filled again and again: use it up before asking for the next. */
export async function* readBatches(request: BatchRequest): AsyncGenerator<Batch, void, undefined> {
  const { connection, relation, hasFaults, inputs, batchRows, stopwatch } = request;
  const columns = inputs.flatMap((input) => input.columns);
  const hidden = [shardColumn, `${rowColumn}::DOUBLE`, ...(hasFaults ? [faultColumn] : [])];
  const query = `SELECT ${[...hidden, ...columns.map(({ sql }) => sql)].join(', ')} FROM ${relation}`;
  const batch = new Batch(inputs, batchRows);
  stopwatch.enter('read');
  for await (const chunk of connection.stream(query)) {
    stopwatch.enter('bind');
    const rows = rowsOf(chunk);
    const shards = numbersOf(vectorOf(chunk, 0), 'INTEGER', rows) as Int32Array;
    const numbers = numbersOf(vectorOf(chunk, 1), 'DOUBLE', rows) as Float64Array;
    const faults = hasFaults ? stringsOf(vectorOf(chunk, 2), rows) : null;
    const reader = new ChunkReader(chunk, hidden.length, rows, inputs);
    for (let from = 0; from < rows; ) {
      const grid = Math.floor(numbers[from] / batchRows);
      if (batch.shard !== shards[from] || batch.grid !== grid) {
        if (batch.rows > 0) {
          yield batch;
          stopwatch.enter('bind');
        }
        batch.begin(shards[from], grid);
      }
      const gridEnd = (grid + 1) * batchRows;
      let to = from + 1;
      while (to < rows && numbers[to] < gridEnd && shards[to] === shards[from]) to++;
      batch.rowNumbers.set(numbers.subarray(from, to), batch.rows);
      if (faults !== null) addFaults(batch, faults, from, to);
      reader.copy(batch, from, to);
      batch.rows += to - from;
      from = to;
    }
    stopwatch.enter('read');
  }
  if (batch.rows > 0) yield batch;
}

function addFaults(batch: Batch, faults: readonly (string | null)[], from: number, to: number): void {
  for (let row = from; row < to; row++) {
    const text = faults[row];
    if (text === null) continue;
    const { column, message } = JSON.parse(text) as { column: string; message: string };
    batch.fault(batch.rows + row - from, 'value-misfit', column, message);
  }
}
