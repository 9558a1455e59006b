// `scoremill inspect`: tells what a path is and describes it. Nothing is written anywhere but to a temporary folder.
import { loadJob } from '../job/load.ts';
import type { Override } from '../job/overrides.ts';
import type { Job } from '../job/schema.ts';
import { type DatasetInspection, inspectDataset } from './inspect-dataset.ts';
import { inspectModel, type ModelInspection } from './inspect-model.ts';
import { inspectOutputFolder, type OutputInspection } from './inspect-output-folder.ts';
import { recognisePath } from './recognise-path.ts';

export type Inspection = ModelInspection | DatasetInspection | OutputInspection;

/**
 * Describes what is at an absolute path. `overrides` say how a job would read it: which version or variant of a model, the
 * format and the delimiter of a dataset. Throws a FailureError when there is nothing that can be described.
 */
export async function inspectPath(path: string, overrides: readonly Override[] = []): Promise<Inspection> {
  const { model, dataset } = await settingsFor(path, overrides);
  const recognised = await recognisePath(path, model, dataset.format);
  switch (recognised.kind) {
    case 'model':
      return inspectModel(recognised.path, recognised.folder);
    case 'dataset':
      return inspectDataset(recognised.path, { ...dataset, format: recognised.format });
    case 'output':
      return inspectOutputFolder(recognised.path);
  }
}

/** The checks of a job file hold for what is laid over it here, too. */
async function settingsFor(path: string, overrides: readonly Override[]): Promise<Pick<Job, 'model' | 'dataset'>> {
  const paths = [
    ['model', 'path'],
    ['dataset', 'path'],
    ['output', 'path'],
  ].map((place): Override => ({ source: 'path', path: place, value: path }));
  const request = { overrides: [...paths, ...overrides], environment: {}, params: {}, workingFolder: '/' };
  return (await loadJob(request)).job;
}
