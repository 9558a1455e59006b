// Streams rows out of DuckDB in whole batches: a batch is all rows of one place of the grid, however they were chunked.
import type { Connection } from '../core/duckdb.ts';
import { numbersOf, rowsOf, stringsOf, vectorOf } from '../core/duckdb-vectors.ts';
import type { Preparer } from '../core/preparer.ts';
import { faultColumn, rowColumn, shardColumn } from '../source/source.ts';
import type { Stopwatch } from '../stats/stopwatch.ts';
import { addFaults } from './add-faults.ts';
import { Batch } from './batch.ts';
import type { Binding } from './binding.ts';
import { ChunkReader } from './chunk-reader.ts';
import { cutAtGrid } from './cut-at-grid.ts';
import { prepareRows } from './prepare-rows.ts';

export interface BatchRequest {
  readonly connection: Connection;
  /** SQL for a FROM clause: the rows to score, in order, with the hidden columns. */
  readonly relation: string;
  readonly hasFaults: boolean;
  readonly binding: Pick<Binding, 'inputs' | 'preparations'>;
  /** One for each preparation of the binding. */
  readonly preparers: readonly Preparer[];
  readonly pathOfShard: (shard: number) => string;
  readonly batchRows: number;
  readonly stopwatch: Stopwatch;
}

/** Batches in row order. One Batch object is filled again and again: use it up before asking for the next. */
export async function* readBatches(request: BatchRequest): AsyncGenerator<Batch, void, undefined> {
  const { connection, relation, hasFaults, batchRows, stopwatch } = request;
  const { inputs, preparations } = request.binding;
  const columns = [...inputs, ...preparations].flatMap((one) => one.columns);
  const hidden = [shardColumn, `${rowColumn}::DOUBLE`, ...(hasFaults ? [faultColumn] : [])];
  const query = `SELECT ${[...hidden, ...columns.map(({ sql }) => sql)].join(', ')} FROM ${relation}`;
  const batch = new Batch(inputs, batchRows, preparations);
  stopwatch.enter('read');
  for await (const chunk of connection.stream(query)) {
    stopwatch.enter('bind');
    const rows = rowsOf(chunk);
    const shards = numbersOf(vectorOf(chunk, 0), 'INTEGER', rows) as Int32Array;
    const numbers = numbersOf(vectorOf(chunk, 1), 'DOUBLE', rows) as Float64Array;
    const faults = hasFaults ? stringsOf(vectorOf(chunk, 2), rows) : null;
    const reader = new ChunkReader(chunk, hidden.length, rows, inputs, { preparations });
    for (const { shard, grid, from, to } of cutAtGrid(shards, numbers, rows, batchRows)) {
      if (batch.shard !== shard || batch.grid !== grid) {
        if (batch.rows > 0) {
          await prepareRows(batch, request);
          yield batch;
          stopwatch.enter('bind');
        }
        batch.begin(shard, grid);
      }
      batch.rowNumbers.set(numbers.subarray(from, to), batch.rows);
      if (faults !== null) addFaults(batch, faults, from, to);
      reader.copy(batch, from, to);
      batch.rows += to - from;
    }
    stopwatch.enter('read');
  }
  if (batch.rows > 0) {
    stopwatch.enter('bind');
    await prepareRows(batch, request);
    yield batch;
  }
}
