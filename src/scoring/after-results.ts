// What the job's module makes of the results that stand in a table, where the job has such a module.
import type { Connection } from '../core/duckdb.ts';
import { joinedRows } from './join-results.ts';
import { columnsBeside } from './part-query.ts';
import type { ScoringJob } from './scoring-job.ts';
import type { TransformedResults } from './transformed-results.ts';

export interface AfterRequest {
  readonly job: ScoringJob;
  readonly reading: Connection;
  /** SQL of the rows that were scored. */
  readonly relation: string;
  /** The name of the table with their results. */
  readonly table: string;
}

export async function afterResults({
  job,
  reading,
  relation,
  table,
}: AfterRequest): Promise<TransformedResults | null> {
  const { binding } = job;
  if (binding.after === undefined) return null;
  const rows = joinedRows(binding, relation, table, true);
  const names = [...columnsBeside(binding), ...binding.results.map(({ name }) => name)];
  const { transformedResults } = await import('./transformed-results.ts');
  return transformedResults(reading, rows, names, binding.after, (shard) => job.shards[shard].path);
}
