// Arrow IPC shards: files (Feather version 2) and streams, told apart by their first bytes. A profile reads headers alone; a worker
// reads the record batches that its pieces overlap, one at a time, into a temporary table of the requested columns.
import { type FileHandle, open } from 'node:fs/promises';
import { type Data, RecordBatchReader, type Schema, type Struct } from 'apache-arrow';
import { checkArrow } from '../core/arrow-check.ts';
import { rangeOf, writeArrow } from '../core/arrow-to-duckdb.ts';
import { arrowColumns, distinctNames } from '../core/arrow-types.ts';
import { type Appender, type Chunk, type Connection, chunkRows } from '../core/duckdb.ts';
import { createChunk, resetChunk, setRows, vectorOf, writeNumbers } from '../core/duckdb-vectors.ts';
import { type Failure, FailureError } from '../core/failure.ts';
import type { Shard } from '../core/split.ts';
import { quoteName } from '../core/sql.ts';
import { registerCodecs } from './arrow-compression.ts';
import { Unreadable } from './arrow-headers.ts';
import { type ArrowLayout, type ArrowMessage, type ArrowRecordBatch, arrowLayout, bytesAt } from './arrow-messages.ts';
import { failureOfFile } from './file-failure.ts';
import { explainReadError, isOfDuckdb } from './read-failure.ts';
import {
  type ProfileRequest,
  type ReadPiece,
  type ReadRequest,
  type Rows,
  rowColumn,
  type ShardProfile,
  type Source,
  type Start,
  shardColumn,
} from './source.ts';

/** A guess of how much larger compressed record batches are in memory: their sizes stand in front of each buffer only. */
const compressionRatio = 3;
const endOfStream = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0);

export const arrowSource: Source = { profile, read };

async function profile(shards: readonly Shard[], { connection }: ProfileRequest): Promise<readonly ShardProfile[]> {
  const failures: Failure[] = [];
  const profiles: ShardProfile[] = [];
  for (const { path } of shards) {
    try {
      profiles.push(await withFile(path, (file) => profileOf(file, connection)));
    } catch (error) {
      failures.push(failureOfFile(error, path));
    }
  }
  const [first, ...others] = failures;
  if (first !== undefined) throw new FailureError(first, ...others);
  return profiles;
}

async function profileOf(file: FileHandle, connection: Connection): Promise<ShardProfile> {
  const layout = await arrowLayout(file);
  const { fields } = schemaOf(layout);
  const starts: Start[] = [{ row: 0 }];
  let rows = 0;
  let decodedBytes = 0;
  for (const batch of layout.batches) {
    if (rows > starts.at(-1)!.row) starts.push({ row: rows });
    rows += batch.rows;
    decodedBytes += batch.bodyBytes * (batch.isCompressed ? compressionRatio : 1);
  }
  if (starts.at(-1)!.row === rows && starts.length > 1) starts.pop();
  return { columns: await arrowColumns(fields, connection), rows, starts, decodedBytes };
}

function schemaOf({ schema }: ArrowLayout): Schema {
  return RecordBatchReader.from(Buffer.concat([schema, endOfStream])).open().schema;
}

/** Opens a shard; what is wrong with its content becomes a failure, whatever apache-arrow throws at it. */
async function withFile<Result>(path: string, use: (file: FileHandle) => Promise<Result>): Promise<Result> {
  const file = await open(path).catch((error: unknown) => {
    throw new FailureError(failureOfFile(error, path));
  });
  try {
    return await use(file);
  } catch (error) {
    if (!(error instanceof Error) || error instanceof FailureError) throw error;
    if ('syscall' in error) throw new FailureError(failureOfFile(error, path));
    if (isOfDuckdb(error)) throw new FailureError(explainReadError(error, [path]));
    const message = error instanceof Unreadable ? error.message : `is damaged Arrow data: ${error.message}`;
    throw new FailureError({ reason: 'shard-unreadable', path, message });
  } finally {
    await file.close();
  }
}

let tables = 0;

async function read(pieces: readonly ReadPiece[], { connection, columns }: ReadRequest): Promise<Rows> {
  registerCodecs();
  const table = `scoremill_arrow_${++tables}`;
  const hidden = [
    { name: shardColumn, type: 'INTEGER' },
    { name: rowColumn, type: 'BIGINT' },
  ];
  const all = [...columns, ...hidden];
  const definitions = all.map(({ name, type }) => `${quoteName(name)} ${type}`);
  await connection.run(`CREATE TEMP TABLE ${table} (${definitions.join(', ')})`);
  const drop = async (): Promise<void> => {
    await connection.run(`DROP TABLE ${table}`);
  };
  try {
    const types = [];
    for (const { type } of all) types.push(await connection.logicalType(type));
    const target = {
      names: columns.map(({ name }) => name),
      chunk: createChunk(types),
      appender: connection.appender(table),
    };
    for (const piece of pieces) await withFile(piece.path, (file) => appendPiece(file, piece, target));
    target.appender.close();
  } catch (error) {
    await drop();
    throw error;
  }
  return { relation: table, hasFaults: false, unreadable: [], [Symbol.asyncDispose]: drop };
}

interface Target {
  readonly names: readonly string[];
  readonly chunk: Chunk;
  readonly appender: Appender;
}

async function appendPiece(file: FileHandle, { shard, startRow, endRow }: ReadPiece, target: Target): Promise<void> {
  const layout = await arrowLayout(file);
  let row = 0;
  const overlapping = layout.batches
    .map((batch) => ({ batch, first: row, end: (row += batch.rows) }))
    .filter(({ first, end }) => first < endRow && end > startRow);
  if (overlapping.length === 0) return;
  const messages = readMessages(
    file,
    layout,
    overlapping.map(({ batch }) => batch),
  );
  const reader = await RecordBatchReader.from(messages);
  const waiting = overlapping.values();
  for await (const { data } of reader) {
    const { first, end } = waiting.next().value!;
    const arrays = arraysOf(data, target.names);
    for (const array of arrays) checkArrow(array);
    const from = Math.max(startRow, first);
    const to = Math.min(endRow, end);
    for (let start = from; start < to; start += chunkRows) {
      const count = Math.min(chunkRows, to - start);
      appendRows(arrays, { shard, start, count, offset: start - first }, target);
    }
  }
}

/** The schema, then the record batches with the dictionaries that come before them: a stream of its own. */
async function* readMessages(
  file: FileHandle,
  { schema, dictionaries }: ArrowLayout,
  batches: readonly ArrowRecordBatch[],
): AsyncGenerator<Uint8Array> {
  const bytesOf = ({ start, end }: ArrowMessage): Promise<Uint8Array> => bytesAt(file, start, end);
  yield schema;
  let next = 0;
  for (const batch of batches) {
    while (next < batch.dictionaries) yield await bytesOf(dictionaries[next++]);
    yield await bytesOf(batch);
  }
  yield endOfStream;
}

function arraysOf({ type, children }: Data<Struct>, names: readonly string[]): readonly Data[] {
  const known = distinctNames(type.children);
  return names.map((name) => {
    const array = children[known.indexOf(name)];
    if (array === undefined) throw new Unreadable(`has no column "${name}" any more`);
    return array;
  });
}

interface RowRange {
  readonly shard: number;
  /** The first row, counted in the shard and in the record batch. */
  readonly start: number;
  readonly offset: number;
  readonly count: number;
}

function appendRows(arrays: readonly Data[], { shard, start, count, offset }: RowRange, target: Target): void {
  const { chunk, appender } = target;
  resetChunk(chunk);
  for (const [i, array] of arrays.entries()) writeArrow(vectorOf(chunk, i), array, rangeOf(offset, count));
  writeNumbers(vectorOf(chunk, arrays.length), new Int32Array(count).fill(shard));
  writeNumbers(
    vectorOf(chunk, arrays.length + 1),
    BigInt64Array.from({ length: count }, (_, i) => BigInt(start + i)),
  );
  setRows(chunk, count);
  appender.append(chunk);
}
