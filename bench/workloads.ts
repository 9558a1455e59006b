// What is measured: a model on a dataset, each for one thing that costs time. To add one, add a line.

import type { DatasetName } from './make-data.ts';
import type { ModelName } from './make-models.ts';

export interface Workload {
  readonly name: string;
  readonly what: string;
  readonly model: ModelName;
  readonly dataset: DatasetName;
  /** The command is given again for an output that is complete. */
  readonly isAgain?: boolean;
}

export const workloads: readonly Workload[] = [
  { name: 'start', what: '1,000 rows', model: 'logistic', dataset: 'tiny' },
  { name: 'again', what: 'the same, already complete', model: 'logistic', dataset: 'tiny', isAgain: true },
  { name: 'parquet', what: '30 floats, logistic model', model: 'logistic', dataset: 'floats' },
  { name: 'types', what: '30 columns of four types, logistic model', model: 'logistic', dataset: 'types' },
  { name: 'network', what: '30 floats, network 30-64-32-1', model: 'network', dataset: 'floats' },
  { name: 'trees', what: '30 floats, 100 trees of depth 6', model: 'trees', dataset: 'sample' },
  { name: 'large-network', what: '30 floats, network 30-512-512-256-1', model: 'large-network', dataset: 'sample' },
  { name: 'csv', what: 'CSV, logistic model', model: 'logistic', dataset: 'csv' },
  { name: 'jsonl', what: 'JSON Lines, logistic model', model: 'logistic', dataset: 'jsonl' },
  { name: 'arrow', what: 'Arrow, logistic model', model: 'logistic', dataset: 'arrow' },
  { name: 'wide', what: '300 floats, logistic model', model: 'logistic-wide', dataset: 'wide' },
  { name: 'many-files', what: 'files of 500 rows, logistic model', model: 'logistic', dataset: 'many' },
  { name: 'one-row-group', what: 'one row group, logistic model', model: 'logistic', dataset: 'one-row-group' },
];
