// What becomes of the scored rows, in SQL: what the job computes of their columns, and its condition for a row to be written,
// lie over them as further queries, each seeing the columns of the ones below. An expression that fails on a row is null there.
import { quoteName } from '../core/sql.ts';
import { type Binding, resultsWith } from './binding.ts';

/** Columns of the dataset that a part is made of: those that are kept, and what expressions read beside them. */
export function columnsBeside({ kept, computed, writeWhere }: Binding): readonly string[] {
  const read = [...computed, ...(writeWhere === null ? [] : [writeWhere])].flatMap(({ reads }) => reads);
  return [...new Set([...kept, ...read])];
}

/** Kept, result and computed columns of the scored rows that are to be written. `rows`: a query of the scored ones. */
export function partQuery(binding: Binding, rows: string): string {
  const { computed, writeWhere, kept, results, after } = binding;
  if (computed.length === 0 && writeWhere === null && after === undefined) return rows;
  const names = [...kept, ...[...resultsWith(results, after), ...computed].map(({ name }) => name)];
  const where = writeWhere === null ? '' : ` WHERE TRY(${writeWhere.sql})`;
  return `SELECT ${names.map(quoteName).join(', ')} FROM (${withComputed(binding, rows)})${where}`;
}

/** One row, `n`: how many of the scored rows are not to be written. */
export const heldBackQuery = (binding: Binding, where: string, rows: string): string =>
  `SELECT count(*) AS n FROM (${withComputed(binding, rows)}) WHERE TRY(${where}) IS NOT TRUE`;

const withComputed = ({ computed }: Binding, rows: string): string =>
  computed.reduce((query, { name, sql }) => `SELECT *, TRY(${sql}) AS ${quoteName(name)} FROM (${query})`, rows);
