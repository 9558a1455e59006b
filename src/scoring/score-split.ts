// One split from open to a synced part under the staging folder, every row of it accounted for: read = scored + rejected, and
// scored = written + held back.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { FailureError } from '../core/failure.ts';
import type { SplitOutcome } from '../core/outcome.ts';
import { type WrittenPart, writePart } from '../sink/parquet.ts';
import type { ReadPiece } from '../source/source.ts';
import { startStopwatch } from '../stats/stopwatch.ts';
import { startTrace } from '../stats/trace.ts';
import { applyOutputs } from './apply-outputs.ts';
import type { Batch } from './batch.ts';
import { observeMade } from './observe-made.ts';
import { requireWholePart } from './require-whole-part.ts';
import { type ScoredBatch, scoreBatch } from './score-batch.ts';
import { scoreInQuery } from './score-in-query.ts';
import { scoreThroughTable } from './score-through-table.ts';
import type { ScoringJob } from './scoring-job.ts';
import { withContent, writeRejects } from './split-rejects.ts';
import type { CrashedAt, SplitRequest } from './split-request.ts';
import {
  causeOf,
  countFiltered,
  filteredRelation,
  mustAddUp,
  openRows,
  piecesOf,
  readFailure,
  requireUnchanged,
} from './split-rows.ts';
import { SplitTally } from './split-tally.ts';
import { stagedFile } from './staged-file.ts';

const firstRejectsKept = 5;

/** Scores a split; fails with a FailureError when the split as a whole cannot be read or written. */
export async function scoreSplit(request: SplitRequest): Promise<SplitOutcome> {
  const { job, split, attempt, worker, session, reading, stagingFolder, onProgress } = request;
  const startedMs = Date.now();
  const stopwatch = startStopwatch();
  const trace = startTrace();
  const pieces = piecesOf(job, split);
  // Of this attempt alone: an engine that outlives its supervisor for a moment cannot write to the files of the next run's.
  const baseName = `split-${String(split.index).padStart(5, '0')}-${randomBytes(4).toString('hex')}`;
  await using rows = await openRows(reading, job, pieces, stagingFolder);
  let tally = new SplitTally(rows.unreadable, job);
  const relation = filteredRelation(rows, job.where);
  const markCrashed = crashedRows(request.crashed);
  const scorer = {
    session,
    binding: job.binding,
    onCall: (elapsedMs: number) => tally.takeCall(elapsedMs),
  };
  const score = (batch: Batch): ScoredBatch => {
    markCrashed(batch);
    const results = applyOutputs(scoreBatch(batch, scorer), job.binding.applied);
    tally.takeBatch(batch, results);
    trace.mark(tally.read);
    if (!onProgress(tally.read, tally.rejects.length)) throw new FailureError({ reason: 'interrupted' });
    return results;
  };
  const partName = `${baseName}.parquet`;
  const write = (query: string): Promise<WrittenPart> =>
    writePart({
      connection: reading,
      query,
      path: join(stagingFolder, partName),
      compression: job.compression,
      metadata: { ...request.metadata, ...splitMetadata(pieces) },
    });
  try {
    const scoreRows = job.isOnePass ? scoreInQuery : scoreThroughTable;
    const {
      written,
      heldBack,
      failed = [],
    } = await scoreRows({
      request,
      relation,
      hasFaults: rows.hasFaults,
      stopwatch,
      score,
      startOver: () => {
        tally = new SplitTally(rows.unreadable, job);
        trace.restart();
      },
      write,
    });
    for (const place of failed) tally.takeBack(place);
    const { read, scored, rejects, batches, latencies, sampler } = tally;
    const filtered = job.where === null ? 0 : await countFiltered(reading, rows, job.where);
    mustAddUp(pieces, split.rows, read + rows.unreadable.length + filtered);
    if (written + heldBack !== scored)
      throw new Error(`${scored} rows were scored, ${written} were written and ${heldBack} held back`);
    const rejectsInOrder = await withContent(rejects, request, relation, pieces);
    // The last time that the input was read: kept columns and rejects come from it anew.
    await requireUnchanged(pieces);
    stopwatch.enter('commit');
    await requireWholePart(join(stagingFolder, partName), written);
    const part = await stagedFile(stagingFolder, partName, written);
    const rejectsFile =
      rejectsInOrder.length === 0
        ? null
        : await writeRejects(stagingFolder, `${baseName}-rejects.jsonl`, rejectsInOrder);
    if (sampler !== null) await observeMade(reading, join(stagingFolder, partName), job, sampler);
    const sketches = sampler?.sketches() ?? null;
    const { wallMs, stageMs } = stopwatch.stop();
    return {
      split: split.index,
      attempt,
      worker,
      rows: split.rows,
      scored,
      rejected: rejectsInOrder.length,
      filtered,
      written,
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
      trace: trace.end(split.rows),
      sketches,
    };
  } catch (error) {
    throw await causeOf(readFailure(error, pieces, job.where), pieces);
  }
}

/** Marks the rows of a batch that ended an engine before. */
export function crashedRows(crashed: SplitRequest['crashed']): (batch: Batch) => void {
  const rows = new Map(crashed.map((one) => [`${one.shard}:${one.row}`, one]));
  return (batch) => {
    for (let row = 0; row < batch.rows && rows.size > 0; row++) {
      const one = rows.get(`${batch.shard}:${batch.rowNumbers[row]}`);
      if (one !== undefined) batch.fault(row, one.reason, null, crashText(one));
    }
  };
}

function crashText({ reason, cause }: CrashedAt): string {
  if (reason === 'stalled') return `the engine process stood still on this row and was ended: ${cause}`;
  return `the engine process died on this row${cause === '' ? '' : ` (${cause})`}`;
}

const splitMetadata = (pieces: readonly ReadPiece[]): Record<string, string> => ({
  'scoremill.rows': pieces.map(({ source, startRow, endRow }) => `${source.path}[${startRow},${endRow})`).join('\n'),
});

function bytesOfPiece({ startByte, endByte, startRow, endRow, source }: ReadPiece, { shards }: ScoringJob): number {
  if (startByte !== undefined && endByte !== undefined) return endByte - startByte;
  const { rows } = shards[source.index];
  return rows === 0 ? 0 : Math.round((source.fileBytes * (endRow - startRow)) / rows);
}
