// Whether rows can be scored in the query that reads and writes them, which hands over at most 2,048 at a time. A batch size
// that the job asks for is kept to the row, and that takes batches which are gathered first.
import { chunkRows } from '../core/duckdb.ts';
import type { Job } from '../job/schema.ts';
import type { Binding } from '../scoring/binding.ts';

/** The results of a chunk wait in memory until the chunk is done. */
const mostChunkBytes = 32 * 1024 * 1024;

export function canScoreInOnePass(
  job: Job,
  { preparations, isFixedBatch, writeWhere }: Pick<Binding, 'preparations' | 'isFixedBatch' | 'writeWhere'>,
  resultBytesPerRow: number,
): boolean {
  return (
    job.run.batchRows === 'auto' &&
    !isFixedBatch &&
    preparations.length === 0 &&
    job.transform?.after === undefined &&
    // The rows that are held back are counted by a query of their own, which must not score again.
    writeWhere === null &&
    resultBytesPerRow * chunkRows <= mostChunkBytes
  );
}
