// Rows beside their results, in SQL: a result meets its row by position and must carry the same row number.
import { quoteName } from '../core/sql.ts';
import { rowColumn, shardColumn } from '../source/source.ts';
import type { Binding } from './binding.ts';
import { columnsBeside } from './part-query.ts';
import { resultColumnsSql } from './result-columns-sql.ts';

/** A query of the scored rows: columns of the relation beside the result columns of the table, behind the hidden ones if asked for. */
export function joinedRows(binding: Binding, relation: string, table: string, isPlaced = false): string {
  const columns = columnsBeside(binding);
  const place = isPlaced ? [`r.shard AS ${shardColumn}`, `r.row AS ${rowColumn}`] : [];
  const results = [...place, ...resultColumnsSql(binding.results, 'r')];
  if (columns.length === 0) return `SELECT ${results.join(', ')} FROM ${quoteName(table)} r WHERE r.scored`;
  const own = columns.map((name) => `k.${quoteName(name)}`);
  const rows = `SELECT ${[shardColumn, rowColumn, ...columns.map(quoteName)].join(', ')} FROM ${relation}`;
  const isSameRow = `k.${shardColumn} = r.shard AND k.${rowColumn}::DOUBLE = r.row`;
  return `SELECT ${[...own, ...results].join(', ')} FROM (${rows}) k POSITIONAL JOIN ${quoteName(table)} r WHERE r.scored AND ${isSameRow}`;
}
