// Batches of rows out of a real DuckDB, as plain values that a test can compare.
import { onTestFinished } from 'vitest';
import type { Connection } from '../../src/core/duckdb.ts';
import { Database } from '../../src/core/duckdb-database.ts';
import type { BoundInput } from '../../src/scoring/binding.ts';
import { readBatches } from '../../src/scoring/read-batches.ts';
import { startStopwatch } from '../../src/stats/stopwatch.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** A connection for the length of one test. */
export async function openConnection(): Promise<Connection> {
  const database = await Database.open({ threads: 1, memoryBytes: 2 ** 29, temporaryFolder: temporaryFolder() });
  const connection = await database.connect();
  onTestFinished(() => {
    connection.close();
    database.close();
  });
  return connection;
}

/** An input of single columns, or of one list column when the type is a list. */
export function inputOf(
  dtype: BoundInput['dtype'],
  columns: Readonly<Record<string, string>>,
  more: Partial<BoundInput> = {},
): BoundInput {
  const bound = Object.entries(columns).map(([label, type]) => ({ label, sql: `"${label}"`, type }));
  return {
    name: 'x',
    dtype,
    rowShape: [bound.length],
    hasRowAxis: true,
    columns: bound,
    isList: bound[0].type.endsWith(']'),
    nulls: 'reject',
    ...more,
  };
}

export interface PlainBatch {
  readonly shard: number;
  readonly grid: number;
  readonly rows: readonly number[];
  /** Row in the batch -> reason and message. */
  readonly faults: Readonly<Record<number, string>>;
  /** Of the first input, row by row; rows with a fault are null. */
  readonly values: readonly (readonly unknown[] | null)[];
  /** Of the first input, where rows may differ. */
  readonly shapes: readonly (readonly number[] | null)[];
}

export interface ReadOptions {
  readonly batchRows?: number;
  readonly hasFaults?: boolean;
}

export async function batchesOf(
  connection: Connection,
  relation: string,
  inputs: readonly BoundInput[],
  { batchRows = 4, hasFaults = false }: ReadOptions = {},
): Promise<PlainBatch[]> {
  const batches: PlainBatch[] = [];
  for await (const batch of readBatches({
    connection,
    relation,
    hasFaults,
    binding: { inputs, preparations: [] },
    preparers: [],
    pathOfShard: () => '',
    batchRows,
    stopwatch: startStopwatch(),
  })) {
    const [{ rowValues, even, uneven }] = batch.inputs;
    const rows = Array.from({ length: batch.rows }, (_, row) => row);
    const good = (row: number): boolean => !batch.faults.has(row);
    batches.push({
      shard: batch.shard,
      grid: batch.grid,
      rows: [...batch.rowNumbers.subarray(0, batch.rows)],
      faults: Object.fromEntries(
        [...batch.faults].map(([row, { reason, column, message }]) => [row, `${reason}: ${column}: ${message}`]),
      ),
      values: rows.map((row) => {
        if (!good(row)) return null;
        return rowValues === null ? [...uneven[row].values] : [...even.slice(row * rowValues, (row + 1) * rowValues)];
      }),
      shapes: rowValues === null ? rows.map((row) => (good(row) ? uneven[row].shape : null)) : [],
    });
  }
  return batches;
}

/** Rows of one shard, numbered from 0, as a relation. */
export const shardOf = (rows: string, columns: readonly string[]): string =>
  `(SELECT *, 0::INTEGER AS scoremill_shard, row_number() OVER () - 1 AS scoremill_row FROM (VALUES ${rows}) t(${columns.join(', ')}))`;
