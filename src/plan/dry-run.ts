// The first rows through the real session: it shows the true shapes of the outputs and finds models that fail on every row.
import type { Connection } from '../core/duckdb.ts';
import { FailureError } from '../core/failure.ts';
import type { Preparer } from '../core/preparer.ts';
import type { Session } from '../model/session.ts';
import { Batch, type RowFault } from '../scoring/batch.ts';
import type { Binding } from '../scoring/binding.ts';
import { readBatches } from '../scoring/read-batches.ts';
import { type ScoredBatch, scoreBatch } from '../scoring/score-batch.ts';
import { startStopwatch } from '../stats/stopwatch.ts';

export interface DryRunRequest {
  readonly connection: Connection;
  readonly session: Session;
  readonly binding: Binding;
  readonly preparers: readonly Preparer[];
  readonly pathOfShard: (shard: number) => string;
  /** The first rows, or null when the dataset has none to try. */
  readonly rows: { readonly relation: string; readonly hasFaults: boolean } | null;
  readonly shardPath: string;
}

export interface DryRun {
  /** The shape of one row of each output; outputs of which nothing was seen are absent. */
  readonly rowShapes: Readonly<Record<string, readonly number[]>>;
  readonly msPerCall: number | null;
}

/** A call so short is made twice, to know how long it takes. */
const quickMs = 20;

export async function dryRun(request: DryRunRequest): Promise<DryRun> {
  const { connection, session, binding, preparers, pathOfShard, rows, shardPath } = request;
  const callMs: number[] = [];
  const scorer = { session, binding, onCall: (elapsedMs: number) => callMs.push(elapsedMs) };
  let seen: ScoredBatch | null = null;
  if (rows !== null) {
    const batches = readBatches({
      ...rows,
      connection,
      binding,
      preparers,
      pathOfShard,
      batchRows: Math.max(16, binding.callRows),
      stopwatch: startStopwatch(),
    });
    for await (const batch of batches) {
      if (seen !== null) continue;
      const scored = scoreBatch(batch, scorer);
      const failed = [...batch.faults.values()].find(({ reason }) => reason === 'inference-failed');
      const isScored = scored.callOf.some((call) => call !== -1);
      if (!isScored && failed !== undefined) {
        throw new FailureError({
          reason: 'model-fails-on-every-row',
          rows: batch.rows,
          shard: shardPath,
          message: failed.message,
        });
      }
      const misfit = isScored ? null : sameMisfit(batch);
      if (misfit !== null) {
        const { column, message } = misfit;
        throw new FailureError({ reason: 'first-rows-misfit', rows: batch.rows, shard: shardPath, column, message });
      }
      if (isScored) seen = scored;
      // The first call of a session takes longer than all others.
      if (isScored && Math.min(...callMs) < quickMs) scoreBatch(batch, scorer);
    }
  }
  seen ??= scoreBlankRow(scorer);
  const rowShapes: Record<string, readonly number[]> = {};
  for (const [name, calls] of Object.entries(seen?.outputs ?? {}))
    if (calls.length > 0) rowShapes[name] = calls[0].rowShape;
  return { rowShapes, msPerCall: callMs.length === 0 ? null : Math.min(...callMs) };
}

/** What is wrong with every row of a batch alike: lists of one wrong length, or paths of which none leads to an image, are a wrong column. */
function sameMisfit({ faults, rows }: Batch): RowFault | null {
  const [first, ...others] = faults.values();
  if (first === undefined || faults.size < rows) return null;
  const isAlike = others.every(({ reason, column }) => reason === first.reason && column === first.column);
  if (first.reason.startsWith('image-')) return isAlike && rows > 1 ? first : null;
  return first.reason === 'list-length' && isAlike && others.every(({ message }) => message === first.message)
    ? first
    : null;
}

/** Without a row to try, zeros and empty texts show the shapes just as well; a model may refuse them. */
function scoreBlankRow(scorer: Parameters<typeof scoreBatch>[1]): ScoredBatch | null {
  const { inputs, preparations } = scorer.binding;
  const batch = new Batch(inputs, 1, preparations);
  if (batch.inputs.some(({ rowValues }) => rowValues === null)) return null;
  batch.begin(0, 0);
  batch.rows = 1;
  const scored = scoreBatch(batch, scorer);
  return scored.callOf[0] === -1 ? null : scored;
}
