// Runs a user's function over the rows of a relation, in record batches of rows that follow one another in one file. A batch on
// which it throws is halved until the rows that do it are alone.
import { type Data, Field, makeData, RecordBatch, Schema, Struct } from 'apache-arrow';
import { type ArrowReader, arrowReader } from '../core/arrow-from-duckdb.ts';
import type { Chunk, Connection } from '../core/duckdb.ts';
import { numbersOf, rowsOf, vectorOf } from '../core/duckdb-vectors.ts';
import { FailureError } from '../core/failure.ts';
import type { SourceColumn } from '../core/split.ts';
import { quoteName } from '../core/sql.ts';
import type { TransformCall, TransformedArrays } from './call-transform.ts';

export interface BatchesRequest {
  readonly connection: Connection;
  /** SQL for a FROM clause. */
  readonly relation: string;
  /** SQL of the shard's index (INTEGER) and of the row's number in it. */
  readonly shard: string;
  readonly row: string;
  readonly reads: readonly SourceColumn[];
  readonly params: Readonly<Record<string, unknown>>;
  readonly pathOfShard: (shard: number) => string;
  /** Whether rows of a batch may leave out others of their file, as scored rows do; otherwise they follow one another. */
  readonly hasGaps?: boolean;
  readonly call: TransformCall;
}

/** Rows that follow one another, and their columns; `arrays` is null for one row that the function throws on, `message` why. */
export interface TransformedPiece {
  readonly shard: number;
  /** Ascending. */
  readonly rowNumbers: Float64Array;
  readonly arrays: TransformedArrays | null;
  readonly message: string;
}

/** The pieces of all rows, in their order. */
export async function* transformBatches(request: BatchesRequest): AsyncGenerator<TransformedPiece, void, undefined> {
  const { connection, relation, shard, row, reads } = request;
  const readers = reads.map(({ type }) => readerOf(type));
  const columns = reads.map(({ name }, index) => `TRY_CAST(${quoteName(name)} AS ${readers[index].sqlType})`);
  const query = `SELECT ${[shard, `${row}::DOUBLE`, ...columns].join(', ')} FROM ${relation}`;
  const fields = reads.map(({ name }, index) => new Field(name, readers[index].type, true));
  for await (const chunk of connection.stream(query)) {
    for (const { shardIndex, rowNumbers, from, to } of runsOf(chunk, request.hasGaps ?? false)) {
      const batch = batchOf(chunk, readers, fields, from, to);
      yield* pieces(batch, { shardIndex, rowNumbers }, request);
    }
  }
}

const readerOf = (type: string): ArrowReader => {
  const reader = arrowReader(type);
  if (reader === null) throw new Error(`a column of type ${type} was planned to be given to a transform`);
  return reader;
};

interface Run {
  readonly shardIndex: number;
  readonly rowNumbers: Float64Array;
  readonly from: number;
  readonly to: number;
}

/** The rows of a chunk, cut where another file begins or, unless there may be gaps, a row is left out. */
function runsOf(chunk: Chunk, hasGaps: boolean): readonly Run[] {
  const count = rowsOf(chunk);
  const shards = numbersOf(vectorOf(chunk, 0), 'INTEGER', count);
  const rows = numbersOf(vectorOf(chunk, 1), 'DOUBLE', count) as Float64Array;
  const runs: Run[] = [];
  for (let from = 0, to = 1; from < count; to++) {
    if (to < count && shards[to] === shards[from] && (hasGaps || rows[to] === rows[to - 1] + 1)) continue;
    runs.push({ shardIndex: Number(shards[from]), rowNumbers: rows.slice(from, to), from, to });
    from = to;
  }
  return runs;
}

function batchOf(
  chunk: Chunk,
  readers: readonly ArrowReader[],
  fields: Field[],
  from: number,
  to: number,
): RecordBatch {
  const rows = Int32Array.from({ length: to - from }, (_, place) => from + place);
  const children = readers.map(({ read }, index) => read(vectorOf(chunk, index + 2), rowsOf(chunk), rows));
  return recordBatch(fields, children, rows.length);
}

/** A record batch without rows: what tells the columns of a dataset that has none. */
export function emptyBatch(reads: readonly SourceColumn[]): RecordBatch {
  const fields = reads.map(({ name, type }) => new Field(name, readerOf(type).type, true));
  const children = fields.map(({ type }) => makeData({ type, length: 0 } as never) as Data);
  return recordBatch(fields, children, 0);
}

const recordBatch = (fields: Field[], children: Data[], length: number): RecordBatch =>
  new RecordBatch(new Schema(fields), makeData({ type: new Struct(fields), length, nullCount: 0, children }));

async function* pieces(
  batch: RecordBatch,
  { shardIndex, rowNumbers }: Pick<Run, 'shardIndex' | 'rowNumbers'>,
  request: BatchesRequest,
): AsyncGenerator<TransformedPiece, void, undefined> {
  const { call, params, pathOfShard } = request;
  const rows = batch.numRows;
  const piece = { shard: shardIndex, rowNumbers };
  let thrown: unknown;
  try {
    const arrays = await call.call(batch, { params, shard: pathOfShard(shardIndex), firstRow: rowNumbers[0] });
    yield { ...piece, arrays, message: '' };
    return;
  } catch (error) {
    // That is about the module, not about a row.
    if (error instanceof FailureError) throw error;
    thrown = error;
  }
  if (rows === 1) {
    yield { ...piece, arrays: null, message: thrown instanceof Error ? thrown.message : String(thrown) };
    return;
  }
  const half = Math.ceil(rows / 2);
  yield* pieces(batch.slice(0, half), { shardIndex, rowNumbers: rowNumbers.subarray(0, half) }, request);
  yield* pieces(batch.slice(half, rows), { shardIndex, rowNumbers: rowNumbers.subarray(half) }, request);
}
