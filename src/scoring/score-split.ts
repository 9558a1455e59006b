// One split from open to a synced part under the staging folder: rows are read once, scored batch by batch, and written
// beside their kept columns by the row's own number, so that a result can never stand in another row.
import { join } from 'node:path';
import type { Connection } from '../core/duckdb.ts';
import { FailureError } from '../core/failure.ts';
import type { SplitOutcome } from '../core/outcome.ts';
import type { Reject, Split } from '../core/split.ts';
import type { Session } from '../model/session.ts';
import { writePart } from '../sink/parquet.ts';
import type { ReadPiece } from '../source/source.ts';
import { emptyHistogram, record } from '../stats/histogram.ts';
import { startStopwatch } from '../stats/stopwatch.ts';
import type { Batch } from './batch.ts';
import { partQuery } from './join-results.ts';
import { readBatches } from './read-batches.ts';
import { ResultTable } from './result-table.ts';
import { scoreBatch } from './score-batch.ts';
import type { ScoringJob } from './scoring-job.ts';
import { withContent, writeRejects } from './split-rejects.ts';
import { countFiltered, filteredRelation, mustAddUp, openRows, piecesOf, readFailure } from './split-rows.ts';
import { stagedFile } from './staged-file.ts';

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
      rejectsInOrder.length === 0
        ? null
        : await writeRejects(stagingFolder, `${baseName}-rejects.jsonl`, rejectsInOrder);
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
    throw readFailure(error, pieces, job.where);
  } finally {
    await table.drop();
  }
}

/** Marks the rows of a batch that ended an engine before. */
export function crashedRows(crashed: SplitRequest['crashed']): (batch: Batch) => void {
  const rows = new Set(crashed.map(({ shard, row }) => `${shard}:${row}`));
  return (batch) => {
    for (let row = 0; row < batch.rows && rows.size > 0; row++) {
      if (rows.has(`${batch.shard}:${batch.rowNumbers[row]}`))
        batch.fault(row, 'crashed', null, 'the engine process died on this row');
    }
  };
}

const splitMetadata = (pieces: readonly ReadPiece[]): Record<string, string> => ({
  'scoremill.rows': pieces.map(({ source, startRow, endRow }) => `${source.path}[${startRow},${endRow})`).join('\n'),
});

function bytesOfPiece({ startByte, endByte, startRow, endRow, source }: ReadPiece, { shards }: ScoringJob): number {
  if (startByte !== undefined && endByte !== undefined) return endByte - startByte;
  const { rows } = shards[source.index];
  return rows === 0 ? 0 : Math.round((source.fileBytes * (endRow - startRow)) / rows);
}
