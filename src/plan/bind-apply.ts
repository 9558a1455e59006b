// Whether what the job computes from an output goes with its values, and what the rows are like after it.
import { type Dtype, isFloat } from '../core/dtype.ts';
import type { Failure } from '../core/failure.ts';
import { listed } from '../core/failures/failure-kind.ts';
import type { ApplyStep } from '../job/output-schema.ts';
import type { AppliedOutput } from '../scoring/binding.ts';
import { lastSizeOf, type OutputRow } from './output-row.ts';
import type { OutputEntry } from './result-entries.ts';

export interface BoundApply {
  readonly applied: AppliedOutput;
  readonly row: OutputRow;
  /** Of topk: the row of the scores. */
  readonly scoresRow: OutputRow | null;
  /** Whether the values still are one for each class, so that labels can name them. */
  readonly isByClass: boolean;
}

/** `labels` name the classes; null when none are known. `taken` are names that stand for other values. */
export function bindApply(
  { name: entry, output }: OutputEntry,
  steps: readonly ApplyStep[],
  row: OutputRow,
  labels: readonly string[] | null,
  taken: ReadonlySet<string>,
): BoundApply | Failure {
  for (const step of steps) {
    const problem = problemOf(step, row, output.name);
    if (problem !== null) return { reason: 'apply-misfit', output: entry, message: problem };
  }
  const last = steps.at(-1)!;
  const isByClass = last === 'softmax' || last === 'sigmoid' || isThreshold(last);
  const size = lastSizeOf(row);
  if (!isByClass && labels !== null && typeof size === 'number' && size !== labels.length) {
    const message = `there are ${labels.length} labels (${listed(labels)}) and ${size} values to choose from; give one label for each value (labels: [...])`;
    return { reason: 'apply-misfit', output: entry, message };
  }
  const rowShape = isByClass || labels === null ? row.rowShape : [...row.rowShape.slice(0, -1), labels.length];
  const isTopk = typeof last === 'object' && last.topk !== undefined;
  const values = steps.reduce(described, output.name);
  let name = isByClass || labels === null ? values : `label of ${values}`;
  while (taken.has(name)) name += "'";
  const applied: AppliedOutput = {
    name,
    scoresName: isTopk ? `scores of ${name}` : null,
    output: output.name,
    entry,
    rowShape,
    steps,
    labels: isByClass ? null : labels,
  };
  const computed = row.dtype === 'float16' ? 'float32' : row.dtype;
  const classes: Dtype = labels === null ? 'int32' : 'string';
  const over = <Size>(shape: readonly Size[], count: number): readonly (Size | number)[] => [
    ...shape.slice(0, -1),
    count,
  ];
  if (isTopk) {
    const count = last.topk;
    const top = {
      rowShape: rowShape.at(-1) === null ? rowShape : over(rowShape, count),
      observed: row.observed === undefined ? undefined : over(row.observed, count),
    };
    return { applied, row: { ...top, dtype: classes }, scoresRow: { ...top, dtype: computed }, isByClass };
  }
  if (last === 'argmax') {
    const one = { dtype: classes, rowShape: rowShape.slice(0, -1), observed: row.observed?.slice(0, -1) };
    return { applied, row: one, scoresRow: null, isByClass };
  }
  return { applied, row: { ...row, dtype: isThreshold(last) ? 'bool' : computed }, scoresRow: null, isByClass };
}

const isThreshold = (step: ApplyStep): boolean => typeof step === 'object' && step.threshold !== undefined;

/** Why a step cannot be taken on rows like these, or null. */
function problemOf(step: ApplyStep, row: OutputRow, output: string): string | null {
  const name = typeof step === 'string' ? step : Object.keys(step)[0];
  if (row.dtype === 'string')
    return `${name} takes numbers, and the output "${output}" gives text; leave out apply, or name an output of numbers (from)`;
  if ((step === 'softmax' || step === 'sigmoid') && !isFloat(row.dtype))
    return `${step} takes floats, and the output "${output}" gives ${row.dtype}; leave out apply, or name an output of floats (from)`;
  if (step === 'sigmoid' || isThreshold(step)) return null;
  const size = lastSizeOf(row);
  const wanted = typeof step === 'object' ? step.topk! : 2;
  if (size !== undefined && (size === null || size >= wanted)) return null;
  const found = `a row of the output "${output}" has ${size === undefined || size === 1 ? 'one value' : `${size} values`}`;
  if (typeof step === 'object') return `topk takes the ${wanted} largest values, and ${found}; take at most as many`;
  return `${step} goes over the values of a row, and ${found}; use sigmoid or { threshold: ... }`;
}

function described(values: string, step: ApplyStep): string {
  if (typeof step === 'string') return `${step}(${values})`;
  return step.topk === undefined ? `${values} >= ${step.threshold}` : `top ${step.topk} of ${values}`;
}
