// A borrowed scoring case as a job file: what its case.json says, in scoremill's own words.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { corpora } from '../corpora.ts';

export interface ScoringCase {
  readonly case: string;
  readonly model: { readonly file: string };
  readonly dataset: {
    readonly files: readonly string[];
    readonly format: string;
    readonly csv?: Readonly<Record<string, unknown>>;
    readonly same_rows_in?: readonly string[];
    readonly rows?: number;
  };
  readonly inputs?: Readonly<Record<string, string | readonly string[]>>;
  readonly row_shapes?: Readonly<Record<string, readonly number[]>>;
  readonly rejects?: {
    readonly nulls?: string;
    readonly fill?: object;
    readonly count: number;
    readonly rows: readonly { readonly row: number; readonly reason: string }[];
  };
  readonly run?: { readonly batchRows?: number };
  readonly needs?: readonly string[];
  readonly optional_rows?: readonly number[];
  readonly refuse?: { readonly what: string; readonly message_has?: readonly string[] };
}

/** The names of all cases of a kind; none when the corpora are absent. */
export const caseNames = (kind: 'cases' | 'refuse'): readonly string[] =>
  corpora.available
    ? readdirSync(corpora.path(kind), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name)
        .sort()
    : [];

export const readCase = (folder: string): ScoringCase =>
  JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')) as ScoringCase;

export interface CaseJobOptions {
  readonly output: string;
  /** Other files that hold the same rows. */
  readonly files?: readonly string[];
  readonly format?: string;
  readonly budget?: number;
  /** Omitted: no column is kept. */
  readonly keep?: 'default';
}

/** Writes the job file of a case and returns its path. */
export function writeCaseJob(folder: string, jobPath: string, options: CaseJobOptions): string {
  const { model, dataset, inputs, row_shapes: rowShapes, rejects, run } = readCase(folder);
  const bound = Object.entries(inputs ?? {}).map(([name, columns]) => {
    const shape = rowShapes?.[name];
    const spec = typeof columns === 'string' ? { column: columns } : { columns };
    return [name, shape === undefined ? spec : { ...spec, shape }];
  });
  const job = {
    name: 'case',
    model: { path: resolve(folder, model.file) },
    dataset: {
      path: (options.files ?? dataset.files).map((file) => resolve(folder, file)),
      format: options.format ?? dataset.format,
      ...(dataset.csv === undefined ? {} : { csv: dataset.csv }),
    },
    ...(inputs === undefined ? {} : { inputs: Object.fromEntries(bound) }),
    ...(options.keep === undefined ? { keep: [] } : {}),
    rejects: {
      budget: options.budget ?? rejects?.count ?? 0,
      ...(rejects?.nulls === undefined ? {} : { nulls: rejects.nulls }),
      ...(rejects?.fill === undefined ? {} : { fill: rejects.fill }),
    },
    output: { path: options.output },
    ...(run === undefined ? {} : { run }),
  };
  // Letters that templates would read are escaped as the job file wants them.
  writeFileSync(jobPath, stringify(job).replaceAll('$', '$$$$'));
  return jobPath;
}
