// Makes the binding: resolved features get their types, their layout in the tensor and their treatment of nulls, and every
// column that a worker must read is listed with the type to read it in.
import type { Connection } from '../core/duckdb.ts';
import { type Dtype, isFloat, sqlTypeOfDtype } from '../core/dtype.ts';
import { messageOf } from '../core/duckdb.ts';
import { type Failure, FailureError } from '../core/failure.ts';
import { nearest } from '../core/edit-distance.ts';
import { quoteText } from '../core/sql.ts';
import type { InputSpec, Job } from '../job/schema.ts';
import type { BoundColumn, BoundInput, ConstantInput, WantedColumn } from '../model/binding.ts';
import type { ModelInput, Signature } from '../model/signature.ts';
import { type DatasetColumn, emptyRelation, isNumeric, nestedType, nestedTypeText } from './dataset-columns.ts';
import { featuresOf, type Feature, type ResolvedInput, resolveInputs } from './resolve-inputs.ts';
import { type GivenRow, type InputLayout, layoutOf } from './input-shape.ts';

export interface BindRequest {
  readonly connection: Connection;
  readonly signature: Signature;
  readonly job: Job;
  readonly columns: readonly DatasetColumn[];
  readonly shardPath: string;
  /** The sizes of the first list that a feature has in the data, outermost first; null when there is none. */
  readonly firstListOf: (feature: Feature, wanted: readonly WantedColumn[]) => Promise<readonly number[] | null>;
}

export interface BoundInputs {
  readonly inputs: readonly BoundInput[];
  readonly constants: readonly ConstantInput[];
  readonly kept: readonly string[];
  readonly wanted: readonly WantedColumn[];
  readonly callRows: number | null;
}

/** Binds every model input and the kept columns; throws a FailureError with everything that does not fit. */
export async function bindInputs(request: BindRequest): Promise<BoundInputs> {
  const { job, columns, connection, shardPath } = request;
  const { inputs: resolved, failures: found } = await resolveInputs(request);
  const failures = [...found];
  const filter = job.dataset.where === undefined ? [] : await filterColumns(request, failures);
  const kept = keptColumns(request, resolved, filter, failures);
  if (failures.length > 0) throw new FailureError(...(failures as [Failure, ...Failure[]]));
  const wanted = wantedColumns(columns, resolved, kept, filter);
  const inputs: BoundInput[] = [];
  const constants: ConstantInput[] = [];
  const layouts: InputLayout[] = [];
  for (const one of resolved) {
    if (one.spec.value !== undefined) {
      constants.push(constantInput(one.input, one.spec.value));
      continue;
    }
    const bound = await bindInput(one, request, wanted);
    if ('reason' in bound) failures.push(bound);
    else {
      inputs.push(bound.input);
      layouts.push(bound.layout);
    }
  }
  if (job.dataset.where !== undefined) {
    await typesOf(connection, wanted, [`CAST((${job.dataset.where}\n) AS BOOLEAN)`]).catch((error: unknown) =>
      failures.push(invalid('dataset.where', job.dataset.where ?? '', messageOf(error), columns)),
    );
  }
  if (inputs.length === 0 && failures.length === 0) {
    failures.push({ reason: 'input-unbound', input: request.signature.inputs[0].name, known: columns.map(({ name }) => name) });
  }
  const fixed = layouts.map(({ rows }) => (rows === 'one' ? 1 : rows)).filter((rows) => rows !== 'any');
  const callRows = fixed.length === 0 ? null : Math.min(...fixed);
  if (failures.length > 0) throw new FailureError(...(failures as [Failure, ...Failure[]]));
  void shardPath;
  return { inputs, constants, kept, wanted, callRows };
}

async function filterColumns(request: BindRequest, failures: Failure[]): Promise<readonly string[]> {
  const [feature] = await featuresOf(`(${request.job.dataset.where})`, 'dataset.where', request, failures);
  return feature?.reads ?? [];
}

function keptColumns(
  { job, columns, shardPath }: BindRequest,
  resolved: readonly ResolvedInput[],
  filter: readonly string[],
  failures: Failure[],
): readonly string[] {
  void filter;
  const known = columns.map(({ name }) => name);
  if (job.keep === undefined) {
    const read = new Set(resolved.flatMap(({ features }) => features.flatMap(({ reads }) => reads)));
    return known.filter((name) => !read.has(name));
  }
  const kept = new Set<string>();
  for (const name of job.keep) {
    if (known.includes(name)) kept.add(name);
    else failures.push({ reason: 'column-missing', where: 'keep', column: name, shard: shardPath, known, suggestion: nearest(name, known) });
  }
  return known.filter((name) => kept.has(name));
}

/** Every column to read. Text formats are asked for the type that the model wants, unless the column is carried along as well. */
function wantedColumns(
  columns: readonly DatasetColumn[],
  resolved: readonly ResolvedInput[],
  kept: readonly string[],
  filter: readonly string[],
): readonly WantedColumn[] {
  const dtypes = new Map<string, Dtype>();
  const otherwise = new Set<string>([...kept, ...filter]);
  for (const { input, features } of resolved) {
    for (const { column, reads } of features) {
      if (column === null) for (const name of reads) otherwise.add(name);
      else if (dtypes.has(column) && dtypes.get(column) !== input.dtype) otherwise.add(column);
      else dtypes.set(column, input.dtype);
    }
  }
  return columns
    .filter(({ name }) => dtypes.has(name) || otherwise.has(name))
    .map(({ name, type, isGuess }) => {
      const dtype = dtypes.get(name);
      if (!isGuess) return { name, type };
      if (dtype === undefined) return { name, type, exactText: kept.includes(name) };
      const { leaf, sizes } = nestedType(type);
      if (!otherwise.has(name)) return { name, type: nestedTypeText(sqlTypeOfDtype[dtype], sizes) };
      return { name, type: isNumeric(leaf) || dtype === 'string' ? type : isFloat(dtype) ? 'DOUBLE' : 'BIGINT' };
    });
}

const invalid = (where: string, sql: string, message: string, columns: readonly DatasetColumn[]): Failure => ({
  reason: 'expression-invalid',
  where,
  sql,
  message,
  known: columns.map(({ name }) => name),
});

async function typesOf(connection: Connection, wanted: readonly WantedColumn[], expressions: readonly string[]): Promise<readonly string[]> {
  const selected = expressions.map((sql, index) => `${sql} AS c${index}`).join(', ');
  return (await connection.describe(`SELECT ${selected} FROM ${emptyRelation(wanted)}`)).map(({ type }) => type);
}

async function bindInput(
  { input, spec, features }: ResolvedInput,
  request: BindRequest,
  wanted: readonly WantedColumn[],
): Promise<{ readonly input: BoundInput; readonly layout: InputLayout } | Failure> {
  const { connection, job, columns, shardPath } = request;
  let types: readonly string[];
  try {
    types = await typesOf(connection, wanted, features.map(({ sql }) => sql));
  } catch (error) {
    return invalid(`inputs.${input.name}`, features.map(({ label }) => label).join(', '), messageOf(error), columns);
  }
  const bound: BoundColumn[] = [];
  for (const [index, feature] of features.entries()) {
    const samples = columns.find(({ name, isGuess }) => isGuess && name === feature.column)?.samples ?? [];
    const column = fedColumn(input, feature, types[index], samples, fillOf(spec, job, feature), shardPath);
    if ('reason' in column) return column;
    bound.push(column);
  }
  const isList = nestedType(bound[0].type).sizes.length > 0;
  const listed = bound.find(({ type }) => nestedType(type).sizes.length > 0);
  if (listed !== undefined && bound.length > 1) {
    return { reason: 'column-type', input: input.name, column: listed.label, type: listed.type, dtype: input.dtype, shard: shardPath, advice: 'a list column feeds an input alone; bind just this one' };
  }
  const given: GivenRow = {
    columns: bound.map(({ label }) => label),
    isList,
    sizes: isList ? nestedType(bound[0].type).sizes : bound.length === 1 ? [] : [bound.length],
    firstRow: isList ? await request.firstListOf(features[0], wanted) : null,
    shape: spec.shape,
  };
  const layout = layoutOf(input, given);
  if ('reason' in layout) return layout;
  return {
    layout,
    input: {
      name: input.name,
      dtype: input.dtype,
      rowShape: layout.rowShape,
      hasRowAxis: layout.rows !== 'one',
      columns: bound,
      isList,
      nulls: spec.nulls ?? job.rejects.nulls,
    },
  };
}

const fillOf = (spec: InputSpec, job: Job, { label }: Feature): number | string | boolean | undefined => spec.fill ?? job.rejects.fill[label];

/** The SQL that delivers a feature in a type that its dtype can be made from, or why there is none. */
function fedColumn(
  input: ModelInput,
  { label, sql }: Feature,
  type: string,
  samples: readonly (string | null)[],
  fill: number | string | boolean | undefined,
  shardPath: string,
): BoundColumn | Failure {
  const { leaf, sizes } = nestedType(type);
  const fed = fedLeaf(leaf, input.dtype);
  const refusal = (shown: string, advice: string): Failure => ({ reason: 'column-type', input: input.name, column: label, type: shown, dtype: input.dtype, shard: shardPath, advice });
  if (fed === null) {
    const target = sqlTypeOfDtype[input.dtype];
    return refusal(type, `bind another column, or an expression that converts it, such as "CAST(${label} AS ${target})"`);
  }
  const texts = samples.filter((text) => text !== null);
  const words = texts.filter((text) => Number.isNaN(Number(text.trim().replace(',', '.'))) && !/^\s*[+-]?(nan|inf|infinity)\s*$/i.test(text));
  if (isNumeric(leaf) && sizes.length === 0 && texts.length > 0 && words.length === texts.length) {
    return refusal(`text ("${words[0]}")`, 'none of its first values is a number; bind another column, or an expression that makes a number of it');
  }
  let delivered = sql;
  let deliveredType = type;
  if (fed !== leaf) {
    deliveredType = nestedTypeText(fed, sizes);
    delivered = `CAST(${sql} AS ${deliveredType})`;
  }
  if (fill === undefined) return { label, sql: delivered, type: deliveredType };
  const isText = input.dtype === 'string';
  const fits = isText ? typeof fill === 'string' : typeof fill === 'number' ? isFloat(input.dtype) || Number.isInteger(fill) : typeof fill === 'boolean';
  if (!fits || sizes.length > 0) return { reason: 'fill-type', where: `rejects.fill.${label}`, value: JSON.stringify(fill), dtype: sizes.length > 0 ? 'a list' : input.dtype };
  const literal = typeof fill === 'string' ? quoteText(fill) : String(fill);
  return { label, sql: `coalesce(${delivered}, CAST(${literal} AS ${deliveredType}))`, type: deliveredType };
}

/** The type in which values of a leaf type are handed over for a dtype; null when they do not fit it at all. */
function fedLeaf(leaf: string, dtype: Dtype): string | null {
  if (dtype === 'string') return /^(VARCHAR|ENUM\(.*|UUID)$/.test(leaf) ? 'VARCHAR' : null;
  if (/^(HUGEINT|UHUGEINT)$/.test(leaf)) return isFloat(dtype) ? 'DOUBLE' : null;
  const decimal = /^DECIMAL\((\d+),(\d+)\)$/.exec(leaf);
  if (decimal !== null) return !isFloat(dtype) && decimal[2] === '0' && Number(decimal[1]) <= 18 ? 'BIGINT' : 'DOUBLE';
  return isNumeric(leaf) || leaf === 'BOOLEAN' ? leaf : null;
}

function constantInput({ name, dtype, shape }: ModelInput, value: NonNullable<InputSpec['value']>): ConstantInput {
  const dims = shape.map((size, axis) => (typeof size === 'number' ? size : axis === 0 ? null : 1));
  return { name, dtype, dims, values: Array.isArray(value) ? value : [value as number | string | boolean] };
}
