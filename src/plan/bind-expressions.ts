// SQL over the result: columns that it computes, and the condition for a row to be written. Every mistake in it is found
// here, on a relation without rows.
import { type Connection, messageOf } from '../core/duckdb.ts';
import { nearest } from '../core/edit-distance.ts';
import type { Failure } from '../core/failure.ts';
import type { SourceColumn } from '../core/split.ts';
import { parseExpression } from '../core/sql-expression.ts';
import type { ComputedColumn, ResultExpression } from '../scoring/binding.ts';
import { emptyRelation } from './dataset-columns.ts';
import type { SqlEntry } from './result-entries.ts';

export interface ExpressionsRequest {
  readonly connection: Connection;
  /** The computed columns, in order: each sees those before it. */
  readonly expressions: readonly SqlEntry[];
  /** The condition for a row to be written. */
  readonly writeWhere: string | null;
  readonly results: readonly SourceColumn[];
  readonly kept: readonly string[];
  /** Every column that is read of a row. */
  readonly wanted: readonly SourceColumn[];
}

export interface BoundExpressions {
  readonly computed: readonly ComputedColumn[];
  readonly writeWhere: ResultExpression | null;
  readonly failures: readonly Failure[];
}

export async function bindExpressions(request: ExpressionsRequest): Promise<BoundExpressions> {
  const { expressions, writeWhere, wanted, kept, results } = request;
  const written: SourceColumn[] = [...wanted.filter(({ name }) => kept.includes(name)), ...results];
  const failures: Failure[] = [];
  const computed: ComputedColumn[] = [];
  for (const { name, sql } of expressions) {
    if (columnNamed(name, written) !== undefined) {
      const advice = `give outputs.${name} another name, or leave the column of that name out`;
      failures.push({ reason: 'result-name-taken', column: name, advice });
    }
    const bound = await bindExpression(sql, `outputs.${name}.sql`, written, request);
    if (Array.isArray(bound)) failures.push(...bound);
    else computed.push({ name, ...bound });
    // An expression that cannot be used is no reason to find fault with those that read its column.
    written.push({ name, type: Array.isArray(bound) ? '"NULL"' : bound.type });
  }
  const condition = writeWhere === null ? null : await bindExpression(writeWhere, 'output.where', written, request);
  if (Array.isArray(condition)) failures.push(...condition);
  const where = condition === null || Array.isArray(condition) ? null : { sql: condition.sql, reads: condition.reads };
  const reads = new Set([...computed, ...(where === null ? [] : [where])].flatMap((expression) => expression.reads));
  for (const { name } of computed) {
    if (![...reads].some((read) => read.toLowerCase() === name.toLowerCase())) continue;
    const advice = `outputs.${name} has the name of a column of the row that an expression reads; give it another name`;
    failures.push({ reason: 'result-name-taken', column: name, advice });
  }
  return { computed, writeWhere: where, failures };
}

type Bound = ResultExpression & { readonly type: string };

async function bindExpression(
  text: string,
  where: string,
  written: readonly SourceColumn[],
  { connection, wanted }: ExpressionsRequest,
): Promise<Bound | Failure[]> {
  const known = [...written, ...wanted.filter(({ name }) => columnNamed(name, written) === undefined)];
  const names = known.map(({ name }) => name);
  const invalid = (message: string): Failure[] => [
    { reason: 'expression-invalid', where, sql: text, message, known: names },
  ];
  const parsed = await parseExpression(connection, text);
  if (!parsed.ok) return invalid(parsed.message);
  const absent = parsed.columns.filter((name) => columnNamed(name, known) === undefined);
  if (absent.length > 0) {
    return absent.map((column) => ({
      reason: 'result-column-missing',
      where,
      column,
      known: names,
      suggestion: nearest(column, names),
    }));
  }
  const sql = `(${text}\n)`;
  try {
    const [{ type }] = await connection.describe(`SELECT TRY(${sql}) FROM ${emptyRelation(known)}`);
    if (where === 'output.where' && type !== 'BOOLEAN')
      return invalid(`it is ${type}, and must be true or false, such as score > 0.5`);
    if (/\b(INTERVAL|U?HUGEINT)\b/.test(type))
      return invalid(`its type is ${type}, which Parquet cannot hold unchanged; cast it to another`);
    const reads = parsed.columns.flatMap((name) =>
      columnNamed(name, written) === undefined ? [columnNamed(name, wanted)!.name] : [],
    );
    return { sql, type, reads: [...new Set(reads)] };
  } catch (error) {
    return invalid(messageOf(error));
  }
}

/** As SQL finds it: the case of letters matters only where two columns differ in nothing else. */
const columnNamed = (name: string, columns: readonly SourceColumn[]): SourceColumn | undefined =>
  columns.find((column) => column.name === name) ??
  columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
