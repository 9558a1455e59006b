// Makes the binding: resolved features get their types, their layout in the tensor and their treatment of nulls, and every
// column that a worker must read is listed with the type to read it in.
import { messageOf } from '../core/duckdb.ts';
import { nearest } from '../core/edit-distance.ts';
import { type Failure, FailureError } from '../core/failure.ts';
import type { BoundColumn, BoundInput, ConstantInput, Preparation, WantedColumn } from '../scoring/binding.ts';
import { bindImages } from './bind-images.ts';
import { type BindRequest, featureType, typeOf } from './bind-request.ts';
import { bindTexts } from './bind-texts.ts';
import { constantInput } from './constant-input.ts';
import { sizesOf } from './dataset-columns.ts';
import { expressionFeature } from './features.ts';
import { fedColumn } from './fed-column.ts';
import { type InputLayout, layoutOf } from './input-shape.ts';
import { type ResolvedInput, resolveInputs } from './resolve-inputs.ts';
import { unboundState } from './state-input.ts';
import { keptColumns, wantedColumns } from './wanted-columns.ts';

export interface BoundInputs {
  readonly inputs: readonly BoundInput[];
  readonly preparations: readonly Preparation[];
  readonly constants: readonly ConstantInput[];
  readonly kept: readonly string[];
  readonly wanted: readonly WantedColumn[];
  /** Rows that a call must have; null when it may have any number. */
  readonly callRows: number | null;
}

/** Binds every model input and the kept columns; throws a FailureError with everything that does not fit. */
export async function bindInputs(request: BindRequest): Promise<BoundInputs> {
  const { job, columns, shardPath, signature } = request;
  const { where } = job.dataset;
  const { inputs: resolved, failures: unresolved } = await resolveInputs(request);
  const filter = where === undefined ? null : await expressionFeature(where, 'dataset.where', request);
  const { kept, failures: notKept } = keptColumns(job, columns, resolved, shardPath);
  throwAny([
    ...unresolved.map((one) => unboundState(one, signature)),
    ...(filter?.failures ?? []),
    ...notKept,
    ...strayNames(request, resolved),
  ]);

  const filterColumns = [...(filter?.features.flatMap(({ reads }) => reads) ?? []), ...(request.transformReads ?? [])];
  const wanted = wantedColumns({ columns, resolved, kept, filter: filterColumns });
  throwAny(
    wanted
      .filter(({ type }) => /^UNSUPPORTED/.test(type))
      .map(({ name, type }): Failure => {
        const named = type.replace(/^UNSUPPORTED\((.*)\)$/, '$1');
        return { reason: 'column-unsupported', column: name, type: named, shard: shardPath };
      }),
  );
  const rowSizes = resolved
    .filter(({ spec }) => spec.value === undefined)
    .map(({ input }) => input.shape[0])
    .filter((size) => typeof size === 'string');
  const inputs: BoundInput[] = [];
  const constants: ConstantInput[] = [];
  const layouts: InputLayout[] = [];
  const failures: Failure[] = [];
  const preparations: Preparation[] = [];
  for (const bindPrepared of [bindImages, bindTexts]) {
    const found = await bindPrepared(resolved, request, wanted);
    preparations.push(...found.preparations);
    layouts.push(...found.layouts);
    failures.push(...found.failures);
  }
  for (const one of resolved.filter(({ spec }) => spec.image === undefined && spec.text === undefined)) {
    const { input, spec } = one;
    if (spec.value !== undefined) {
      const constant = constantInput(input, spec.value, spec.shape, rowSizes);
      if ('reason' in constant) failures.push(constant);
      else constants.push(constant);
      continue;
    }
    const bound = await bindInput(one, request, wanted);
    if ('reason' in bound) failures.push(bound);
    else {
      inputs.push(bound.input);
      layouts.push(bound.layout);
    }
  }
  if (where !== undefined) failures.push(...(await filterProblems(where, request, wanted)));
  if (inputs.length === 0 && preparations.length === 0 && failures.length === 0) {
    failures.push({ reason: 'input-unbound', input: signature.inputs[0].name, known: columns.map(({ name }) => name) });
  }
  throwAny(failures);
  const fixed = layouts.map(({ rows }) => (rows === 'one' ? 1 : rows)).filter((rows) => rows !== 'any');
  return { inputs, preparations, constants, kept, wanted, callRows: fixed.length === 0 ? null : Math.min(...fixed) };
}

function throwAny([first, ...others]: readonly Failure[]): void {
  if (first !== undefined) throw new FailureError(first, ...others);
}

/** Names in the job that lead nowhere: fill values for what feeds no input, types of columns that are not there. */
function strayNames({ job, columns, shardPath }: BindRequest, resolved: readonly ResolvedInput[]): readonly Failure[] {
  const features = resolved.flatMap((one) => one.features.map(({ label }) => label));
  const known = columns.map(({ name }) => name);
  const unused = Object.keys(job.rejects.fill).filter((name) => !features.includes(name));
  const absent = Object.keys(job.dataset.types).filter((name) => !known.includes(name));
  return [
    ...(resolved.length === 0 ? [] : unused.map((column): Failure => ({ reason: 'fill-unused', column, features }))),
    ...absent.map(
      (column): Failure => ({
        reason: 'column-missing',
        where: 'dataset.types',
        column,
        shard: shardPath,
        known,
        suggestion: nearest(column, known),
      }),
    ),
  ];
}

const invalid = (where: string, sql: string, error: unknown, { columns }: BindRequest): Failure => ({
  reason: 'expression-invalid',
  where,
  sql,
  message: messageOf(error),
  known: columns.map(({ name }) => name),
});

async function filterProblems(
  where: string,
  request: BindRequest,
  wanted: readonly WantedColumn[],
): Promise<readonly Failure[]> {
  try {
    await typeOf(request.connection, wanted, `CAST((${where}\n) AS BOOLEAN)`);
    return [];
  } catch (error) {
    return [invalid('dataset.where', where, error, request)];
  }
}

async function bindInput(
  { input, spec, features }: ResolvedInput,
  request: BindRequest,
  wanted: readonly WantedColumn[],
): Promise<{ readonly input: BoundInput; readonly layout: InputLayout } | Failure> {
  const { job, columns, shardPath } = request;
  const bound: BoundColumn[] = [];
  for (const feature of features) {
    const type = await featureType(input.name, feature, request, wanted);
    if (typeof type !== 'string') return type;
    const samples = columns.find(({ name, isGuess }) => isGuess && name === feature.column)?.samples ?? [];
    const fill = spec.fill ?? job.rejects.fill[feature.label];
    const column = fedColumn({ input, feature, type, samples, fill, shardPath });
    if ('reason' in column) return column;
    bound.push(column);
  }
  const lists = bound.filter(({ type }) => sizesOf(type).length > 0);
  if (lists.length > 0 && bound.length > 1) {
    const [{ label, type }] = lists;
    const advice = 'a list column feeds an input alone; bind just this one';
    return {
      reason: 'column-type',
      input: input.name,
      column: label,
      type,
      dtype: input.dtype,
      shard: shardPath,
      advice,
    };
  }
  const isList = lists.length > 0;
  const layout = layoutOf(input, {
    columns: bound.map(({ label }) => label),
    isList,
    sizes: isList ? sizesOf(bound[0].type) : bound.length === 1 ? [] : [bound.length],
    firstRow: isList ? await request.firstListOf(features[0], wanted) : null,
    shape: spec.shape,
  });
  if ('reason' in layout) return layout;
  const { name, dtype } = input;
  const { rows, rowShape } = layout;
  const nulls = spec.nulls ?? job.rejects.nulls;
  return { layout, input: { name, dtype, rowShape, hasRowAxis: rows !== 'one', columns: bound, isList, nulls } };
}
