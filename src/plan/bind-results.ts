// Which result columns the outputs of the model become, and what is computed from them on the way.
import type { Failure } from '../core/failure.ts';
import type { Job } from '../job/schema.ts';
import type { Signature } from '../model/signature.ts';
import type { AppliedOutput, ResultColumn } from '../scoring/binding.ts';
import { bindApply } from './bind-apply.ts';
import { type Observation, outputRow } from './output-row.ts';
import { type ColumnsRequest, resultColumns } from './result-columns.ts';
import { type OutputEntry, resultEntries } from './result-entries.ts';

export interface ResultRequest extends Observation {
  readonly signature: Signature;
  readonly outputs: Job['outputs'];
  readonly kept: readonly string[];
}

export interface BoundResults {
  /** In order. */
  readonly results: readonly ResultColumn[];
  readonly applied: readonly AppliedOutput[];
  /** Everything that is wrong with them. */
  readonly failures: readonly Failure[];
}

export function bindResults(request: ResultRequest): BoundResults {
  const { signature, outputs, kept } = request;
  const entries = resultEntries(signature, outputs);
  const failures: Failure[] = [...entries.failures];
  const results: ResultColumn[] = [];
  const applied: AppliedOutput[] = [];
  const entryOf = new Map<ResultColumn, OutputEntry>();
  for (const entry of entries.outputs) {
    const taken = new Set([...signature.outputs, ...applied].map(({ name }) => name));
    const made = bindEntry(entry, request, taken);
    if ('reason' in made) {
      failures.push(made);
      continue;
    }
    applied.push(...made.applied);
    results.push(...made.columns);
    for (const column of made.columns) entryOf.set(column, entry);
  }
  // Case is not enough to tell columns apart, neither for DuckDB nor for Spark.
  const taken = new Map(kept.map((name) => [name.toLowerCase(), name]));
  for (const column of results) {
    const { name } = column;
    const other = taken.get(name.toLowerCase());
    if (other !== undefined) {
      const entry = entryOf.get(column)!.name;
      const advice = kept.includes(other)
        ? `leave "${other}" out of keep, or name the result otherwise in the job file (outputs: { ${entry}: { as: ... } })`
        : 'give them other names in the job file (outputs)';
      failures.push({ reason: 'result-name-taken', column: name, advice });
    }
    taken.set(name.toLowerCase(), name);
  }
  return { results, applied, failures };
}

interface BoundEntry {
  readonly columns: readonly ResultColumn[];
  readonly applied: readonly AppliedOutput[];
}

function bindEntry(entry: OutputEntry, request: ResultRequest, taken: ReadonlySet<string>): BoundEntry | Failure {
  const { name, spec, output } = entry;
  if (typeof spec.labels === 'string') throw new Error('label files are read when the job is loaded');
  const names = spec.labels ?? output.labels ?? null;
  const isGiven = spec.labels !== undefined;
  const labels = names === null ? null : { names, isGiven, isWide: !isGiven && output.isWide === true };
  const row = outputRow(output, request);
  if (spec.apply === undefined) return bound(entry, [{ output: output.name, row, name, spec, labels }], []);
  const made = bindApply(entry, spec.apply, row, names, taken);
  if ('reason' in made) return made;
  const { applied, scoresRow, isByClass } = made;
  if (scoresRow === null) {
    const values = { output: applied.name, row: made.row, name, spec, labels: isByClass ? labels : null };
    return bound(entry, [values], [applied]);
  }
  const base = spec.as ?? name;
  const lists = { spec: {}, labels: null, isList: true };
  const classes = { ...lists, output: applied.name, row: made.row, name: `${base}_${labels ? 'labels' : 'indices'}` };
  const scores = { ...lists, output: applied.scoresName!, row: scoresRow, name: `${base}_scores` };
  return bound(entry, [classes, scores], [applied]);
}

function bound(
  { name }: OutputEntry,
  requests: readonly ColumnsRequest[],
  applied: readonly AppliedOutput[],
): BoundEntry | Failure {
  const columns: ResultColumn[] = [];
  for (const request of requests) {
    const made = resultColumns(request);
    if (typeof made === 'string') return { reason: 'result-columns', output: name, message: made };
    columns.push(...made);
  }
  return { columns, applied };
}
