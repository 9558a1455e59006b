// One split from open to a synced part under the staging folder: rows are read once, scored batch by batch, and written
// beside their kept columns by the row's own number, so that a result can never stand in another row.
import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { syncFile } from '../core/atomic-file.ts';
import type { Connection } from '../core/duckdb.ts';
import { FailureError } from '../core/failure.ts';
import { sha256OfFile } from '../core/hash.ts';
import type { SplitOutcome, StagedFile } from '../core/outcome.ts';
import type { Reject, Split } from '../core/split.ts';
import { quoteName, quoteText } from '../core/sql.ts';
import type { Session } from '../model/session.ts';
import { writePart } from '../sink/parquet.ts';
import { rowsOfPieces } from '../source/open.ts';
import { explainReadError } from '../source/read-failure.ts';
import { faultColumn, type ReadPiece, rowColumn, type Rows, shardColumn } from '../source/source.ts';
import { emptyHistogram, record } from '../stats/histogram.ts';
import { startStopwatch } from '../stats/stopwatch.ts';
import type { Batch } from './batch.ts';
import { readBatches } from './read-batches.ts';
import { ResultTable } from './result-table.ts';
import { scoreBatch } from './score-batch.ts';
import type { ScoringJob } from './scoring-job.ts';

/** Told of the rows done after every batch; false ends the split as interrupted. */
export type OnProgress = (rows: number, rejected: number) => boolean;

export interface SplitRequest {
  readonly job: ScoringJob;
  readonly split: Split;
  readonly attempt: number;
  readonly worker: number;
  readonly session: Session;
  /** Reads, and writes the part when all is read: temporary tables of a source are seen by this connection alone. */
  readonly reading: Connection;
  /** Appends results while a stream is open on the other. */
  readonly appending: Connection;
  readonly stagingFolder: string;
  /** Key-value metadata of the part's footer, beside what the split itself says. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Rows by shard that are rejected unseen, because they ended an engine process. */
  readonly crashed: readonly { readonly shard: number; readonly row: number }[];
  readonly onProgress: OnProgress;
}

const firstRejectsKept = 5;

/** Scores a split; fails with a FailureError when the split as a whole cannot be read or written. */
export async function scoreSplit(request: SplitRequest): Promise<SplitOutcome> {
  const { job, split, attempt, worker, session, reading, appending, stagingFolder, onProgress } = request;
  const startedMs = Date.now();
  const stopwatch = startStopwatch();
  const latencies = emptyHistogram();
  const pieces = piecesOf(job, split);
  const baseName = `split-${String(split.index).padStart(5, '0')}-${attempt}`;
  const rejects: Reject[] = [];
  let batches = 0;
  let read = 0;
  let scored = 0;
  await using rows = await openRows(reading, job, pieces, stagingFolder);
  rejects.push(...rows.unreadable);
  const relation = filteredRelation(rows, job.where);
  const table = await ResultTable.create(appending, `results_${worker}_${split.index}`, job.binding.results);
  try {
    const scorer = {
      session,
      binding: job.binding,
      onCall: (elapsedMs: number) => {
        batches++;
        record(latencies, elapsedMs);
      },
    };
    const markCrashed = crashedRows(request.crashed);
    const stream = readBatches({
      connection: reading,
      relation,
      hasFaults: rows.hasFaults,
      inputs: job.binding.inputs,
      batchRows: job.batchRows,
      stopwatch,
    });
    for await (const batch of stream) {
      markCrashed(batch);
      stopwatch.enter('infer');
      const results = await scoreBatch(batch, scorer);
      stopwatch.enter('write');
      table.append(batch, results);
      read += batch.rows;
      scored += batch.rows - batch.faults.size;
      for (const [row, fault] of batch.faults) {
        rejects.push({ shard: batch.shard, row: batch.rowNumbers[row], ...fault, content: null });
      }
      if (!onProgress(read, rejects.length)) throw new FailureError({ reason: 'interrupted' });
      stopwatch.enter('read');
    }
    const filtered = job.where === null ? 0 : await countFiltered(reading, rows, job.where);
    mustAddUp(pieces, split.rows, read + rows.unreadable.length + filtered);
    stopwatch.enter('write');
    table.finish();
    const partName = `${baseName}.parquet`;
    const written = await writePart({
      connection: reading,
      query: partQuery(job, relation, table.name),
      path: join(stagingFolder, partName),
      compression: job.compression,
      metadata: { ...request.metadata, ...splitMetadata(pieces) },
    });
    if (written !== scored) throw new Error(`${scored} rows were scored and ${written} were written`);
    const rejectsInOrder = await withContent(rejects, reading, job, relation, table.name, pieces);
    stopwatch.enter('commit');
    const part = await stagedFile(stagingFolder, partName, written);
    const rejectsFile =
      rejectsInOrder.length === 0 ? null : await writeRejects(stagingFolder, `${baseName}-rejects.jsonl`, rejectsInOrder);
    const { wallMs, stageMs } = stopwatch.stop();
    return {
      split: split.index,
      attempt,
      worker,
      rows: split.rows,
      scored,
      rejected: rejectsInOrder.length,
      filtered,
      part,
      rejects: rejectsFile,
      firstRejects: rejectsInOrder.slice(0, firstRejectsKept),
      startedMs,
      wallMs,
      stageMs,
      batches,
      batchLatency: latencies,
      readBytes: pieces.reduce((sum, piece) => sum + bytesOfPiece(piece, job), 0),
      peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    };
  } catch (error) {
    throw readFailure(error, pieces);
  } finally {
    await table.drop();
  }
}

/** Marks the rows of a batch that ended an engine before. */
export function crashedRows(crashed: SplitRequest['crashed']): (batch: Batch) => void {
  const rows = new Set(crashed.map(({ shard, row }) => `${shard}:${row}`));
  return (batch) => {
    for (let row = 0; row < batch.rows && rows.size > 0; row++) {
      if (rows.has(`${batch.shard}:${batch.rowNumbers[row]}`)) batch.fault(row, 'crashed', null, 'the engine process died on this row');
    }
  };
}

/** The pieces of a split with the files to read. */
export function piecesOf({ shards }: Pick<ScoringJob, 'shards'>, split: Split): readonly ReadPiece[] {
  return split.pieces.map((piece) => {
    const source = shards[piece.shard];
    return { ...piece, source, path: source.plainPath ?? source.path };
  });
}

export async function openRows(
  connection: Connection,
  { csv, wanted }: ScoringJob,
  pieces: readonly ReadPiece[],
  scratchFolder: string,
): Promise<Rows> {
  try {
    return await rowsOfPieces(pieces, { connection, csv, columns: wanted, scratchFolder });
  } catch (error) {
    throw readFailure(error, pieces);
  }
}

/** What was thrown while pieces were read, as a failure that names their shards. */
export function readFailure(error: unknown, pieces: readonly ReadPiece[]): FailureError {
  if (error instanceof FailureError) return error;
  return new FailureError(explainReadError(error, pieces.map(({ source }) => source.path)));
}

/** The rows to score: rows with a fault are always among them, since what the filter would say of them is not known. */
export function filteredRelation({ relation, hasFaults }: Pick<Rows, 'relation' | 'hasFaults'>, where: string | null): string {
  if (where === null) return relation;
  return `(SELECT * FROM ${relation} WHERE ${hasFaults ? `${faultColumn} IS NOT NULL OR ` : ''}(${where}\n))`;
}

async function countFiltered(connection: Connection, { relation, hasFaults }: Rows, where: string): Promise<number> {
  const passes = `${hasFaults ? `${faultColumn} IS NOT NULL OR ` : ''}(${where}\n)`;
  const [row] = await connection.rows<{ n: bigint }>(`SELECT count(*) AS n FROM ${relation} WHERE (${passes}) IS NOT TRUE`);
  return Number(row.n);
}

function mustAddUp(pieces: readonly ReadPiece[], planned: number, found: number): void {
  if (planned === found) return;
  throw new FailureError({ reason: 'row-count-mismatch', path: pieces.map(({ path }) => path).join(', '), counted: planned, read: found });
}

/** Kept and result columns of the scored rows. A result meets its row by position and must carry the same row number. */
function partQuery({ binding }: ScoringJob, relation: string, table: string): string {
  const results = ResultTable.columnsSql(binding.results, 'r');
  if (binding.kept.length === 0) return `SELECT ${results.join(', ')} FROM ${quoteName(table)} r WHERE r.scored`;
  const kept = binding.kept.map((name) => `k.${quoteName(name)}`);
  return `SELECT ${[...kept, ...results].join(', ')} FROM ${joined(relation, binding.kept, table)} WHERE r.scored AND ${sameRow}`;
}

const sameRow = `k.${shardColumn} = r.shard AND k.${rowColumn}::DOUBLE = r.row`;

const joined = (relation: string, columns: readonly string[], table: string): string =>
  `(SELECT ${[shardColumn, rowColumn, ...columns.map(quoteName)].join(', ')} FROM ${relation}) k POSITIONAL JOIN ${quoteName(table)} r`;

/** The rejects in row order, each with its row as JSON. */
async function withContent(
  rejects: readonly Reject[],
  connection: Connection,
  { wanted }: ScoringJob,
  relation: string,
  table: string,
  pieces: readonly ReadPiece[],
): Promise<readonly Reject[]> {
  const contents = new Map<string, string>();
  if (rejects.some(({ content }) => content === null)) {
    const names = wanted.map(({ name }) => name);
    const fields = wanted.map(({ name, type }) => `${quoteText(name)}: k.${quoteName(name)}${type.includes('BLOB') ? '::VARCHAR' : ''}`);
    const rows = await connection.rows<{ shard: number; row: number; content: string }>(
      `SELECT r.shard AS shard, r.row AS row, to_json({${fields.join(', ')}})::VARCHAR AS content FROM ${joined(relation, names, table)} WHERE NOT r.scored AND ${sameRow}`,
    );
    for (const { shard, row, content } of rows) contents.set(`${shard}:${row}`, content);
  }
  const order = new Map(pieces.map(({ shard }, index) => [shard, index]));
  const place = ({ shard }: Reject): number => order.get(shard) ?? 0;
  return rejects
    .map((reject) => ({ ...reject, content: reject.content ?? contents.get(`${reject.shard}:${reject.row}`) ?? null }))
    .sort((a, b) => place(a) - place(b) || a.row - b.row);
}

async function writeRejects(folder: string, name: string, rejects: readonly Reject[]): Promise<StagedFile> {
  const stream = createWriteStream(join(folder, name));
  for (const reject of rejects) stream.write(`${JSON.stringify(reject)}\n`);
  stream.end();
  await finished(stream);
  return stagedFile(folder, name, rejects.length);
}

async function stagedFile(folder: string, name: string, rows: number): Promise<StagedFile> {
  const path = join(folder, name);
  await syncFile(path);
  const [{ size }, sha256] = await Promise.all([stat(path), sha256OfFile(path)]);
  return { name, rows, bytes: size, sha256 };
}

const splitMetadata = (pieces: readonly ReadPiece[]): Record<string, string> => ({
  'scoremill.rows': pieces.map(({ source, startRow, endRow }) => `${source.path}[${startRow},${endRow})`).join('\n'),
});

function bytesOfPiece({ startByte, endByte, startRow, endRow, source }: ReadPiece, { shards }: ScoringJob): number {
  if (startByte !== undefined && endByte !== undefined) return endByte - startByte;
  const { rows } = shards[source.index];
  return rows === 0 ? 0 : Math.round((source.fileBytes * (endRow - startRow)) / rows);
}
