// What one text of a binding stands for. A name comes before a glob and a glob before SQL, so a column called `a*b` is that
// column, and nothing that could be meant as a name is taken for anything else.
import type { Connection } from '../core/duckdb.ts';
import { nearest } from '../core/edit-distance.ts';
import type { Failure } from '../core/failure.ts';
import { quoteName } from '../core/sql.ts';
import { parseExpression } from '../core/sql-expression.ts';
import type { DatasetColumn } from './dataset-columns.ts';

/** One thing that feeds an input: a column as it is, or an expression over columns. */
export interface Feature {
  readonly label: string;
  readonly sql: string;
  /** The column, when the feature is one as it is. */
  readonly column: string | null;
  /** Every column that it reads. */
  readonly reads: readonly string[];
}

export interface FeatureRequest {
  readonly connection: Connection;
  readonly columns: readonly DatasetColumn[];
  /** The shard whose columns are meant, for messages. */
  readonly shardPath: string;
}

export interface FoundFeatures {
  readonly features: readonly Feature[];
  readonly failures: readonly Failure[];
}

export const columnFeature = (name: string): Feature => ({
  label: name,
  sql: quoteName(name),
  column: name,
  reads: [name],
});

/** The features of a text: a column, a glob's columns in file order, or one SQL expression; or what is wrong with it. */
export async function featuresOf(text: string, where: string, request: FeatureRequest): Promise<FoundFeatures> {
  const known = request.columns.map(({ name }) => name);
  if (known.includes(text)) return { features: [columnFeature(text)], failures: [] };
  const matches = matchingColumns(text, known);
  if (matches.length > 0) return { features: matches.map(columnFeature), failures: [] };
  const missing = missingColumn(text, where, request);
  if (/^[\p{L}_][\p{L}\p{N}_]*$/u.test(text)) return { features: [], failures: [missing] };
  const found = await expressionFeature(text, where, request);
  const looksLikeName = nearest(text, known) !== undefined || !/[()+/<>='",]/.test(text);
  const isMisspelt = found.failures.length > 0 && looksLikeName;
  return isMisspelt ? { features: [], failures: [missing] } : found;
}

/** The feature of an SQL expression. */
export async function expressionFeature(text: string, where: string, request: FeatureRequest): Promise<FoundFeatures> {
  const known = request.columns.map(({ name }) => name);
  const parsed = await parseExpression(request.connection, text);
  if (!parsed.ok) {
    const failure: Failure = { reason: 'expression-invalid', where, sql: text, message: parsed.message, known };
    return { features: [], failures: [failure] };
  }
  const reads = parsed.columns.map((name) => columnNamed(name, known));
  const absent = parsed.columns.filter((_, index) => reads[index] === undefined);
  if (absent.length > 0) return { features: [], failures: absent.map((name) => missingColumn(name, where, request)) };
  const feature = { label: text, sql: `(${text}\n)`, column: null, reads: reads.filter((name) => name !== undefined) };
  return { features: [feature], failures: [] };
}

function missingColumn(column: string, where: string, { columns, shardPath }: FeatureRequest): Failure {
  const known = columns.map(({ name }) => name);
  return { reason: 'column-missing', where, column, shard: shardPath, known, suggestion: nearest(column, known) };
}

/** As SQL finds it: the case of letters matters only where two columns differ in nothing else. */
const columnNamed = (name: string, known: readonly string[]): string | undefined =>
  known.find((candidate) => candidate === name) ??
  known.find((candidate) => candidate.toLowerCase() === name.toLowerCase());

/** Columns that a glob of *, ? and [...] matches, in file order; none when the text is no glob. */
function matchingColumns(text: string, known: readonly string[]): readonly string[] {
  if (!/[*?[]/.test(text)) return [];
  const pattern = text
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
    .replace(/\[!/g, '[^');
  try {
    const expression = new RegExp(`^${pattern}$`, 'su');
    return known.filter((name) => expression.test(name));
  } catch {
    return [];
  }
}
