// Scores some rows of a split, with the module of the job behind it, and throws the results away: whether the engine survives
// tells where a crashing row is.
import type { Connection } from '../core/duckdb.ts';
import type { Preparer } from '../core/preparer.ts';
import type { Split } from '../core/split.ts';
import type { Session } from '../model/session.ts';
import { startStopwatch } from '../stats/stopwatch.ts';
import { afterResults } from './after-results.ts';
import { readBatches } from './read-batches.ts';
import { ResultTable } from './result-table.ts';
import { placeOf } from './row-place.ts';
import { scoreBatch } from './score-batch.ts';
import { crashedRows } from './score-split.ts';
import type { ScoringJob } from './scoring-job.ts';
import type { SplitRequest } from './split-request.ts';
import { filteredRelation, openRows, piecesOf } from './split-rows.ts';

export interface ProbeRequest {
  readonly job: ScoringJob;
  readonly split: Split;
  /** Places in the split: its pieces' rows counted through from 0. */
  readonly range: { readonly from: number; readonly to: number };
  readonly crashed: SplitRequest['crashed'];
  readonly session: Session;
  readonly preparers: readonly Preparer[];
  readonly reading: Connection;
  readonly appending: Connection;
  readonly scratchFolder: string;
}

export async function probeSplit(request: ProbeRequest): Promise<void> {
  const { job, split, range, crashed, session, preparers, reading, appending, scratchFolder } = request;
  const { binding } = job;
  await using rows = await openRows(reading, job, piecesOf(job, split), scratchFolder);
  const relation = filteredRelation(rows, job.where);
  const markCrashed = crashedRows(crashed);
  const table =
    binding.after === undefined ? null : await ResultTable.create(appending, `probe_${split.index}`, binding.results);
  try {
    const batches = readBatches({
      connection: reading,
      relation,
      hasFaults: rows.hasFaults,
      binding,
      preparers,
      pathOfShard: (shard) => job.shards[shard].path,
      batchRows: job.batchRows,
      stopwatch: startStopwatch(),
    });
    for await (const batch of batches) {
      markCrashed(batch);
      for (let row = 0; row < batch.rows; row++) {
        const place = placeOf(split.pieces, batch.shard, batch.rowNumbers[row]);
        if (place < range.from || place >= range.to) batch.fault(row, 'crashed', null, 'not probed');
      }
      const scored = scoreBatch(batch, { session, binding, onCall: () => {} });
      table?.append(batch, scored);
    }
    if (table === null) return;
    table.finish();
    await using _ = await afterResults({ job, reading, relation, table: table.name });
  } finally {
    await table?.drop();
  }
}
