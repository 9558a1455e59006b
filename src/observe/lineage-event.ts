// Events of the OpenLineage standard (https://openlineage.io), version 2-0-2, as plain values: that a run began, and how it ended,
// with which datasets and which columns. `_schemaURL` names the version of each facet's schema.
import { pathToFileURL } from 'node:url';
import type { SourceColumn } from '../core/split.ts';
import { version } from '../core/version.ts';
import type { DatasetMetrics } from './column-metrics.ts';

const producer = `urn:scoremill:${version}`;
const spec = 'https://openlineage.io/spec';

export type EventType = 'START' | 'COMPLETE' | 'FAIL' | 'ABORT';

export interface JobName {
  readonly namespace: string;
  readonly name: string;
}

/** The run of a scheduler that this one is a step of. */
export interface ParentRun extends JobName {
  readonly runId: string;
}

/** Files that are read under one path of the job. */
export interface LineageInput {
  readonly path: string;
  /** The columns that are read; null: not known yet. */
  readonly columns: readonly SourceColumn[] | null;
  /** Null: nothing was read to the end. */
  readonly counts: { readonly rows: number; readonly bytes: number; readonly files: number } | null;
  /** Of the columns that are read as they are; null: not known. */
  readonly metrics: DatasetMetrics | null;
}

export interface LineageOutput {
  readonly path: string;
  readonly columns: readonly LineageColumn[] | null;
  /** Null: nothing was published. */
  readonly counts: { readonly rows: number; readonly bytes: number; readonly files: number } | null;
  /** Of the results; null: not known of the rows that are there. */
  readonly metrics: DatasetMetrics | null;
  /** Columns that decide which rows are there. */
  readonly filteredBy: readonly string[];
}

export interface LineageColumn extends SourceColumn {
  /** Input columns that it is made of. */
  readonly from: readonly string[];
  /** It is one of these, unchanged. */
  readonly isKept: boolean;
}

export interface LineageRun {
  readonly type: EventType;
  readonly timeMs: number;
  /** A UUID. */
  readonly runId: string;
  readonly job: JobName;
  readonly parent: ParentRun | null;
  readonly root: ParentRun | null;
  readonly inputs: readonly LineageInput[];
  readonly output: LineageOutput;
  /** Sentences; of FAIL and ABORT. */
  readonly errors: readonly string[];
  /** Rejects against what the job admits; null: not known. */
  readonly rejects: { readonly rows: number; readonly budgetRows: number } | null;
}

const facet = (name: string, schema: string, content: object): Readonly<Record<string, object>> => ({
  [name]: {
    _producer: producer,
    _schemaURL: `${spec}/facets/${schema}#/$defs/${schema.replace(/^.*\//, '').replace('.json', '')}`,
    ...content,
  },
});

export function lineageEvent(run: LineageRun): object {
  const { type, timeMs, runId, job } = run;
  return {
    eventType: type,
    eventTime: new Date(timeMs).toISOString(),
    run: { runId, facets: runFacets(run) },
    job: {
      ...job,
      facets: facet('jobType', '2-0-4/JobTypeJobFacet.json', {
        processingType: 'BATCH',
        integration: 'SCOREMILL',
        jobType: 'JOB',
      }),
    },
    inputs: run.inputs.map((input) => inputDataset(input, run)),
    outputs: [outputDataset(run)],
    producer,
    schemaURL: `${spec}/2-0-2/OpenLineage.json#/$defs/RunEvent`,
  };
}

function runFacets({ parent, root, errors }: LineageRun): object {
  const reference = ({ runId, namespace, name }: ParentRun): object => ({ run: { runId }, job: { namespace, name } });
  return {
    ...facet('processing_engine', '1-1-1/ProcessingEngineRunFacet.json', {
      version,
      name: 'scoremill',
      openlineageAdapterVersion: version,
    }),
    ...(parent === null
      ? {}
      : facet('parent', '1-2-0/ParentRunFacet.json', {
          ...reference(parent),
          ...(root === null ? {} : { root: reference(root) }),
        })),
    ...(errors.length === 0
      ? {}
      : facet('errorMessage', '1-0-1/ErrorMessageRunFacet.json', {
          message: errors.join('\n'),
          programmingLanguage: 'JavaScript',
        })),
  };
}

function datasetFacets(path: string, columns: readonly SourceColumn[] | null): object {
  return {
    ...facet('dataSource', '1-0-1/DatasourceDatasetFacet.json', { name: path, uri: pathToFileURL(path).href }),
    ...(columns === null
      ? {}
      : facet('schema', '1-2-0/SchemaDatasetFacet.json', {
          fields: columns.map(({ name, type }) => ({ name, type })),
        })),
  };
}

function inputDataset({ path, columns, counts, metrics }: LineageInput, { rejects }: LineageRun): object {
  const assertion = (budgetRows: number, rows: number): object => ({
    assertion: 'rejects_within_budget',
    success: rows <= budgetRows,
    severity: 'error',
    expected: `at most ${budgetRows}`,
    actual: String(rows),
  });
  return {
    namespace: 'file',
    name: path,
    facets: datasetFacets(path, columns),
    inputFacets: {
      ...(rejects === null
        ? {}
        : facet('dataQualityAssertions', '1-1-0/DataQualityAssertionsDatasetFacet.json', {
            assertions: [assertion(rejects.budgetRows, rejects.rows)],
          })),
      ...(counts === null
        ? {}
        : {
            ...facet('inputStatistics', '1-0-0/InputStatisticsInputDatasetFacet.json', {
              rowCount: counts.rows,
              size: counts.bytes,
              fileCount: counts.files,
            }),
            ...facet('dataQualityMetrics', '1-0-3/DataQualityMetricsInputDatasetFacet.json', {
              // How many rows the figures of the columns are of; how many there are is said above.
              rowCount: metrics?.rows ?? counts.rows,
              ...(metrics === null || metrics.rows === counts.rows
                ? { bytes: counts.bytes, fileCount: counts.files }
                : {}),
              columnMetrics: metrics?.columns ?? {},
            }),
          }),
    },
  };
}

function outputDataset({ output, inputs }: LineageRun): object {
  const { path, columns, counts, metrics } = output;
  return {
    namespace: 'file',
    name: path,
    facets: {
      ...datasetFacets(path, columns),
      ...(columns === null ? {} : columnLineage(columns, output.filteredBy, inputs)),
      ...(metrics === null
        ? {}
        : facet('dataQualityMetrics', '1-0-1/DataQualityMetricsDatasetFacet.json', {
            rowCount: metrics.rows,
            columnMetrics: metrics.columns,
          })),
    },
    outputFacets:
      counts === null
        ? {}
        : facet('outputStatistics', '1-0-2/OutputStatisticsOutputDatasetFacet.json', {
            rowCount: counts.rows,
            size: counts.bytes,
            fileCount: counts.files,
          }),
  };
}

function columnLineage(
  columns: readonly LineageColumn[],
  filteredBy: readonly string[],
  inputs: readonly LineageInput[],
): Readonly<Record<string, object>> {
  const fieldsOf = (names: readonly string[], transformation: object): readonly object[] =>
    inputs.flatMap(({ path }) =>
      names.map((field) => ({ namespace: 'file', name: path, field, transformations: [transformation] })),
    );
  const identity = { type: 'DIRECT', subtype: 'IDENTITY', description: 'carried along', masking: false };
  const scored = { type: 'DIRECT', subtype: 'TRANSFORMATION', description: 'scored by the model', masking: false };
  const filter = {
    type: 'INDIRECT',
    subtype: 'FILTER',
    description: 'decides which rows are scored or written',
    masking: false,
  };
  return facet('columnLineage', '1-2-0/ColumnLineageDatasetFacet.json', {
    fields: Object.fromEntries(
      columns.map(({ name, from, isKept }) => [name, { inputFields: fieldsOf(from, isKept ? identity : scored) }]),
    ),
    dataset: fieldsOf(filteredBy, filter),
  });
}
