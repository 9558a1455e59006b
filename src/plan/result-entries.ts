// What the entries of the job's `outputs` stand for: values of a model output, or SQL over other columns of the result.
import { nearest } from '../core/edit-distance.ts';
import type { Failure } from '../core/failure.ts';
import type { OutputSpec } from '../job/output-schema.ts';
import type { Job } from '../job/schema.ts';
import type { ModelOutput, Signature } from '../model/signature.ts';

/** An entry that takes its values from a model output. */
export interface OutputEntry {
  /** The name in the job: that of the output, or one of the user's own. */
  readonly name: string;
  readonly spec: OutputSpec;
  readonly output: ModelOutput;
}

/** An entry that is an SQL expression. */
export interface SqlEntry {
  readonly name: string;
  readonly sql: string;
}

export interface ResultEntries {
  /** In the order of the model's outputs; those of one output in the order of the job. */
  readonly outputs: readonly OutputEntry[];
  /** In the order of the job. */
  readonly expressions: readonly SqlEntry[];
  readonly failures: readonly Failure[];
}

/** Every output stands for itself when the job names none. */
export function resultEntries(signature: Signature, outputs: Job['outputs'] = {}): ResultEntries {
  const known = signature.outputs.map(({ name }) => name);
  const failures: Failure[] = [];
  const expressions: SqlEntry[] = [];
  const named: { readonly name: string; readonly spec: OutputSpec; readonly from: string }[] = [];
  for (const [name, spec] of Object.entries(outputs)) {
    const { sql, from = name } = spec;
    const where = spec.from === undefined ? `outputs.${name}` : `outputs.${name}.from`;
    if (sql !== undefined) expressions.push({ name, sql });
    else if (known.includes(from)) named.push({ name, spec, from });
    else failures.push({ reason: 'output-unknown', where, output: from, known, suggestion: nearest(from, known) });
  }
  const isAll = named.length === 0 && failures.length === 0;
  const entries = isAll ? known.map((name) => ({ name, spec: {}, from: name })) : named;
  return {
    outputs: signature.outputs.flatMap((output) =>
      entries.filter(({ from }) => from === output.name).map(({ name, spec }) => ({ name, spec, output })),
    ),
    expressions,
    failures,
  };
}
