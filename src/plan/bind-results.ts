// Which result columns the outputs become: declared shapes say it, the outputs of a dry batch correct them where they lie.

import { sqlTypeOfDtype } from '../core/dtype.ts';
import { nearest } from '../core/edit-distance.ts';
import type { Failure } from '../core/failure.ts';
import type { Job, OutputSpec } from '../job/schema.ts';
import type { ResultColumn } from '../model/binding.ts';
import type { ModelOutput, Signature } from '../model/signature.ts';

export interface ResultRequest {
  readonly signature: Signature;
  readonly outputs: Job['outputs'];
  readonly kept: readonly string[];
  /** Whether outputs have a leading axis of rows. */
  readonly hasRowAxis: boolean;
  /** Whether every row of every input has one shape, so that rows of an output have one, too. */
  readonly isEven: boolean;
  /** The shape of one row of each output as a dry batch gave it; none when there was nothing to try. */
  readonly observed: Readonly<Record<string, readonly number[]>>;
}

/** The result columns in order, and everything that is wrong with them. */
export function bindResults(request: ResultRequest): {
  readonly results: readonly ResultColumn[];
  readonly failures: readonly Failure[];
} {
  const { signature, outputs, kept } = request;
  const failures: Failure[] = [];
  const known = signature.outputs.map(({ name }) => name);
  for (const name of Object.keys(outputs ?? {})) {
    if (!known.includes(name))
      failures.push({ reason: 'output-unknown', output: name, known, suggestion: nearest(name, known) });
  }
  const results: ResultColumn[] = [];
  for (const output of signature.outputs) {
    if (outputs !== undefined && outputs[output.name] === undefined) continue;
    const columns = columnsOf(output, outputs?.[output.name] ?? {}, request);
    if ('reason' in columns) failures.push(columns);
    else results.push(...columns);
  }
  // Case is not enough to tell columns apart, neither for DuckDB nor for Spark.
  const taken = new Map(kept.map((name) => [name.toLowerCase(), name]));
  for (const { name, output } of results) {
    const other = taken.get(name.toLowerCase());
    if (other !== undefined) {
      const advice = kept.includes(other)
        ? `leave "${other}" out of keep, or name the result otherwise in the job file (outputs: { ${output}: { as: ... } })`
        : 'give them other names in the job file (outputs)';
      failures.push({ reason: 'result-name-taken', column: name, advice });
    }
    taken.set(name.toLowerCase(), name);
  }
  return { results, failures };
}

function columnsOf(output: ModelOutput, spec: OutputSpec, request: ResultRequest): readonly ResultColumn[] | Failure {
  const { name, dtype, labels } = output;
  const rowShape = rowShapeOf(output, request);
  const values = rowShape.every((size) => size !== null)
    ? rowShape.reduce<number>((product, size) => product * (size as number), 1)
    : null;
  const observedValues = request.observed[name]?.reduce((product, size) => product * size, 1) ?? values;
  const single = (column: string, index: number): ResultColumn => ({
    name: column,
    output: name,
    dtype,
    index,
    rowShape,
    type: sqlTypeOfDtype[dtype],
  });
  const invalid = (message: string): Failure => ({ reason: 'result-columns', output: name, message });
  if (spec.columns !== undefined) {
    if (observedValues !== null && spec.columns.length !== observedValues) {
      return invalid(
        `${spec.columns.length} column names are given and a row has ${observedValues} values${labels ? ` (${labels.join(', ')})` : ''}`,
      );
    }
    return spec.columns.map(single);
  }
  if (spec.pick !== undefined) {
    const columns: ResultColumn[] = [];
    for (const [column, place] of Object.entries(spec.pick)) {
      const index = typeof place === 'number' ? place : (labels ?? []).indexOf(place);
      if (index === -1)
        return invalid(`no class label "${place}" (labels: ${labels?.join(', ') ?? 'none are known; pick by index'})`);
      if (observedValues !== null && index >= observedValues)
        return invalid(`there is no value ${index}: a row has ${observedValues}, counted from 0`);
      columns.push(single(column, index));
    }
    return columns;
  }
  if (labels !== undefined && spec.as === undefined) {
    if (observedValues !== null && labels.length !== observedValues) {
      return invalid(
        `the model names ${labels.length} classes (${labels.join(', ')}) and a row has ${observedValues} values; name the columns in the job file (columns: [...])`,
      );
    }
    return labels.map((label, index) => single(`${name}_${label}`, index));
  }
  const column = spec.as ?? name;
  const isSingle = values === 1 && rowShape.length <= 1;
  return [
    isSingle
      ? single(column, 0)
      : { name: column, output: name, dtype, index: null, rowShape, type: listType(dtype, rowShape) },
  ];
}

/** DuckDB's largest fixed-size list. */
const mostArraySize = 100_000;

const listType = (dtype: ModelOutput['dtype'], rowShape: readonly (number | null)[]): string =>
  sqlTypeOfDtype[dtype] +
  [...rowShape]
    .reverse()
    .map((size) => (size === null || size === 0 || size > mostArraySize ? '[]' : `[${size}]`))
    .join('');

/** The shape of one row: sizes that are declared and borne out are fixed, the others are as each call gives them. */
function rowShapeOf(
  { name, shape }: ModelOutput,
  { hasRowAxis, isEven, observed }: ResultRequest,
): readonly (number | null)[] {
  const declared =
    shape === null
      ? null
      : (hasRowAxis && shape.length > 0 ? shape.slice(1) : shape).map((size) =>
          typeof size === 'number' ? size : null,
        );
  const seen = observed[name];
  if (seen === undefined) return declared ?? [null];
  const values = seen.reduce((product, size) => product * size, 1);
  if (declared === null || declared.length !== seen.length) return isEven && values === 1 ? seen : seen.map(() => null);
  return declared.map((size, axis) => {
    if (size === seen[axis]) return size;
    return isEven && values === 1 ? 1 : null;
  });
}
