// Signatures, jobs and columns for the tests of binding.
import type { Connection } from '../../src/core/duckdb.ts';
import { Database } from '../../src/core/duckdb-database.ts';
import { type Failure, FailureError } from '../../src/core/failure.ts';
import { type Job, jobSchema } from '../../src/job/schema.ts';
import type { ModelInput, ModelOutput, Signature } from '../../src/model/signature.ts';
import { bindInputs } from '../../src/plan/bind.ts';
import type { BindRequest } from '../../src/plan/bind-request.ts';
import type { DatasetColumn } from '../../src/plan/dataset-columns.ts';

let opened: Promise<Connection> | undefined;

/** One connection for all tests of a file: binding leaves nothing in it. */
export function openConnection(): Promise<Connection> {
  opened ??= Database.open({ threads: 1, memoryBytes: 2 ** 28, temporaryFolder: '/nowhere' }).then((database) =>
    database.connect(),
  );
  return opened;
}

export const modelInput = (
  name: string,
  dtype: ModelInput['dtype'],
  shape: ModelInput['shape'],
  optional = false,
): ModelInput => ({ name, dtype, shape, optional });
export const modelOutput = (
  name: string,
  dtype: ModelOutput['dtype'],
  shape: ModelOutput['shape'],
  labels?: readonly string[],
): ModelOutput => (labels === undefined ? { name, dtype, shape } : { name, dtype, shape, labels });

export const signatureOf = (inputs: readonly ModelInput[], more: Partial<Signature> = {}): Signature => ({
  inputs,
  outputs: [],
  ...more,
});

type JobParts = { readonly [Key in 'inputs' | 'outputs' | 'keep' | 'rejects']?: unknown } & {
  readonly where?: string;
  readonly types?: Readonly<Record<string, string>>;
};

export const jobOf = ({ where, types, ...parts }: JobParts = {}): Job =>
  jobSchema.parse({ model: { path: 'm' }, dataset: { path: 'd', where, types }, output: { path: 'o' }, ...parts });

/** Columns of a typed format. */
export const typed = (columns: Readonly<Record<string, string>>): readonly DatasetColumn[] =>
  Object.entries(columns).map(([name, type]) => ({ name, type, isGuess: false, samples: [] }));

/** Columns of a text format, with the types that its first values look like. */
export const guessed = (
  columns: Readonly<Record<string, string | readonly [string, ...string[]]>>,
): readonly DatasetColumn[] =>
  Object.entries(columns).map(([name, type]) => ({
    name,
    type: typeof type === 'string' ? type : type[0],
    isGuess: true,
    samples: typeof type === 'string' ? [] : type.slice(1),
  }));

export interface BindParts {
  readonly inputs: readonly ModelInput[];
  readonly columns: readonly DatasetColumn[];
  readonly job?: Job;
  readonly featureNames?: readonly string[];
  readonly firstList?: readonly number[];
}

export async function bind({ inputs, columns, job = jobOf(), featureNames, firstList }: BindParts) {
  const request: BindRequest = {
    connection: await openConnection(),
    signature: signatureOf(inputs, featureNames === undefined ? {} : { featureNames }),
    job,
    columns,
    shardPath: 'a.parquet',
    folder: { tokenizerPath: null, tokenizerConfigPath: null, preprocessorPath: null },
    firstListOf: async () => firstList ?? null,
  };
  return bindInputs(request);
}

export async function refusalOf(parts: BindParts): Promise<readonly Failure[]> {
  try {
    await bind(parts);
    return [];
  } catch (error) {
    if (error instanceof FailureError) return error.failures;
    throw error;
  }
}
