// A split scored in one pass: the query that writes the part calls the model for the rows as it reads them. Rows of 32 numbers
// take less than half of the processor time of the two passes of score-through-table. Where packing would change a value, the
// query fails and the split begins anew with its columns one by one, which give the same tensors and can reject a row.
import { PackingRefused } from './packing.ts';
import { partQuery } from './part-query.ts';
import type { ScoredRows, SplitPass } from './split-pass.ts';

export async function scoreInQuery(pass: SplitPass): Promise<ScoredRows> {
  const { functions } = pass.request;
  const { isPacked } = await functions.get(pass.hasFaults);
  try {
    return await scoreOnce(pass);
  } catch (error) {
    if (!isPacked || !mayBePacking(error)) throw error;
    functions.stopPacking();
    pass.startOver();
    return scoreOnce(pass);
  }
}

async function scoreOnce({ request, relation, hasFaults, stopwatch, score, write }: SplitPass): Promise<ScoredRows> {
  const scoring = await request.functions.get(hasFaults);
  const query = partQuery(request.job.binding, scoring.scoredRows(relation));
  stopwatch.enter('read');
  const { rows: written, writeMs } = await scoring.during({ stopwatch, score }, () => write(query));
  // Between two chunks DuckDB both writes and reads.
  stopwatch.move('read', 'write', writeMs);
  return { written, heldBack: 0 };
}

/** The casts of packing fail as those of the row filter do, which fails again then. */
const mayBePacking = (error: unknown): boolean =>
  error instanceof PackingRefused || (error instanceof Error && /^(Conversion|Out of Range) Error/.test(error.message));
