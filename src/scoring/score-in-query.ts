// A split scored in one pass: the query that writes the part calls the model for the rows as it reads them. Rows of 32 numbers
// take less than half of the processor time of the two passes of score-through-table.
import { partQuery } from './part-query.ts';
import type { ScoredRows, SplitPass } from './split-pass.ts';

export async function scoreInQuery({
  request,
  relation,
  hasFaults,
  stopwatch,
  score,
  write,
}: SplitPass): Promise<ScoredRows> {
  const scoring = await request.functions.get(hasFaults);
  const query = partQuery(request.job.binding, scoring.scoredRows(relation));
  stopwatch.enter('read');
  const { rows: written, writeMs } = await scoring.during({ stopwatch, score }, () => write(query));
  // Between two chunks DuckDB both writes and reads.
  stopwatch.move('read', 'write', writeMs);
  return { written, heldBack: 0 };
}
