// Rows beside their results, in SQL: a result meets its row by position and must carry the same row number.
import { quoteName } from '../core/sql.ts';
import { rowColumn, shardColumn } from '../source/source.ts';
import { ResultTable } from './result-table.ts';
import type { ScoringJob } from './scoring-job.ts';

/** Kept and result columns of the scored rows. */
export function partQuery({ binding }: ScoringJob, relation: string, table: string): string {
  const results = ResultTable.columnsSql(binding.results, 'r');
  if (binding.kept.length === 0) return `SELECT ${results.join(', ')} FROM ${quoteName(table)} r WHERE r.scored`;
  const kept = binding.kept.map((name) => `k.${quoteName(name)}`);
  return `SELECT ${[...kept, ...results].join(', ')} FROM ${joined(relation, binding.kept, table)} WHERE r.scored AND ${sameRow}`;
}

/** Whether a row `k` and a result `r` are of one row. */
export const sameRow = `k.${shardColumn} = r.shard AND k.${rowColumn}::DOUBLE = r.row`;

/** Columns of the rows as `k`, the result table as `r`. */
export const joined = (relation: string, columns: readonly string[], table: string): string =>
  `(SELECT ${[shardColumn, rowColumn, ...columns.map(quoteName)].join(', ')} FROM ${relation}) k POSITIONAL JOIN ${quoteName(table)} r`;
