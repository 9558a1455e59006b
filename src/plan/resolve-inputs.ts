// Which columns and expressions feed which model input: names, globs, SQL, or by name alone when the job says nothing.
import type { Connection } from '../core/duckdb.ts';
import { nearest } from '../core/edit-distance.ts';
import type { Failure } from '../core/failure.ts';
import { quoteName } from '../core/sql.ts';
import { parseExpression } from '../core/sql-expression.ts';
import type { InputSpec, Job } from '../job/schema.ts';
import type { ModelInput, Signature } from '../model/signature.ts';
import { type DatasetColumn, isNumeric, nestedType } from './dataset-columns.ts';

/** One thing that feeds an input: a column as it is, or an expression over columns. */
export interface Feature {
  readonly label: string;
  readonly sql: string;
  /** The column, when the feature is one as it is. */
  readonly column: string | null;
  /** Every column that it reads. */
  readonly reads: readonly string[];
}

export interface ResolvedInput {
  readonly input: ModelInput;
  readonly spec: InputSpec;
  readonly features: readonly Feature[];
}

export interface ResolveRequest {
  readonly connection: Connection;
  readonly signature: Signature;
  readonly job: Job;
  readonly columns: readonly DatasetColumn[];
  /** The shard whose columns are meant, for messages. */
  readonly shardPath: string;
}

/** The features of every bound input, in the model's order, and everything that is wrong with them. */
export async function resolveInputs(
  request: ResolveRequest,
): Promise<{ readonly inputs: readonly ResolvedInput[]; readonly failures: readonly Failure[] }> {
  const { signature, job } = request;
  if (job.inputs === undefined) return bindByName(request);
  const failures: Failure[] = [];
  const known = signature.inputs.map(({ name }) => name);
  for (const name of Object.keys(job.inputs)) {
    if (!known.includes(name)) {
      failures.push({ reason: 'input-unknown', input: name, known, suggestion: nearest(name, known) });
    }
  }
  const inputs: ResolvedInput[] = [];
  for (const input of signature.inputs) {
    const spec = job.inputs[input.name];
    if (spec === undefined) {
      const column = request.columns.find(({ name }) => name === input.name);
      if (column !== undefined && !input.optional) inputs.push({ input, spec: {}, features: [asFeature(column.name)] });
      else if (!input.optional) failures.push(unbound(input, request));
      continue;
    }
    const features: Feature[] = [];
    const texts = spec.columns ?? (spec.column === undefined ? [] : [spec.column]);
    for (const text of texts) features.push(...(await featuresOf(text, `inputs.${input.name}`, request, failures)));
    inputs.push({ input, spec, features });
  }
  return { inputs, failures };
}

const asFeature = (name: string): Feature => ({ label: name, sql: quoteName(name), column: name, reads: [name] });

const unbound = (input: ModelInput, { columns }: ResolveRequest): Failure => ({
  reason: 'input-unbound',
  input: input.name,
  known: columns.map(({ name }) => name),
});

/** The features that one text of a binding stands for: a column, a glob's columns in file order, or an SQL expression. */
export async function featuresOf(
  text: string,
  where: string,
  { connection, columns, shardPath }: Pick<ResolveRequest, 'connection' | 'columns' | 'shardPath'>,
  failures: Failure[],
): Promise<Feature[]> {
  const known = columns.map(({ name }) => name);
  if (known.includes(text)) return [asFeature(text)];
  const matches = matchingColumns(text, known);
  if (matches.length > 0) return matches.map(asFeature);
  const missing = (column: string): Failure => ({
    reason: 'column-missing',
    where,
    column,
    shard: shardPath,
    known,
    suggestion: nearest(column, known),
  });
  if (/^[\p{L}_][\p{L}\p{N}_ ]*$/u.test(text)) {
    failures.push(missing(text));
    return [];
  }
  const parsed = await parseExpression(connection, text);
  if (!parsed.ok) {
    const looksLikeName = !/[()+*/<>=']/.test(text);
    failures.push(looksLikeName ? missing(text) : { reason: 'expression-invalid', where, sql: text, message: parsed.message, known });
    return [];
  }
  const reads: string[] = [];
  for (const name of parsed.columns) {
    const column = known.find((candidate) => candidate === name) ?? known.find((candidate) => candidate.toLowerCase() === name.toLowerCase());
    if (column === undefined) failures.push(missing(name));
    else reads.push(column);
  }
  return [{ label: text, sql: `(${text}\n)`, column: null, reads }];
}

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

/** Binding by name: see "Binding by name" in the README; anything that would be a guess is refused. */
function bindByName(request: ResolveRequest): { inputs: ResolvedInput[]; failures: Failure[] } {
  const { signature, job, columns } = request;
  const required = signature.inputs.filter(({ optional }) => !optional);
  const names = new Set(columns.map(({ name }) => name));
  const asInput = (input: ModelInput, features: readonly string[]): ResolvedInput => ({ input, spec: {}, features: features.map(asFeature) });
  if (required.every(({ name }) => names.has(name))) {
    return { inputs: required.map((input) => asInput(input, [input.name])), failures: [] };
  }
  if (required.length !== 1) {
    return { inputs: [], failures: required.filter(({ name }) => !names.has(name)).map((input) => unbound(input, request)) };
  }
  const [input] = required;
  const featureNames = signature.featureNames;
  if (featureNames?.every((name) => names.has(name))) return { inputs: [asInput(input, featureNames)], failures: [] };
  const kept = new Set(job.keep ?? []);
  const candidates = columns
    .filter(({ name, type }) => !kept.has(name) && (isNumeric(type) || (input.dtype === 'string' && type === 'VARCHAR')))
    .map(({ name }) => name);
  const lists = columns.filter(({ name, type }) => !kept.has(name) && nestedType(type).sizes.length > 0);
  const wanted = valuesPerRow(input);
  if (candidates.length === 0 && lists.length === 1) return { inputs: [asInput(input, [lists[0].name])], failures: [] };
  const fits = wanted === null ? job.keep !== undefined && candidates.length > 0 : candidates.length === wanted;
  if (fits) return { inputs: [asInput(input, candidates)], failures: [] };
  return {
    inputs: [],
    failures: [{ reason: 'columns-by-name', input: input.name, wanted, columns: candidates, kept: [...kept] }],
  };
}

/** Values of one row that a signature declares, a first axis that is open or 1 being the rows; null where it leaves them open. */
function valuesPerRow({ shape }: ModelInput): number | null {
  const rowSizes = typeof shape[0] === 'number' && shape[0] > 1 && shape.length === 1 ? shape : shape.slice(1);
  return rowSizes.every((size) => typeof size === 'number') ? rowSizes.reduce((product, size) => product * size, 1) : null;
}
