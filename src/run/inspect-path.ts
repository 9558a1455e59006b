// `scoremill inspect`: tells what a path is and describes it. Nothing is written anywhere but to a temporary folder.
import { type DatasetInspection, inspectDataset } from './inspect-dataset.ts';
import { inspectModel, type ModelInspection } from './inspect-model.ts';
import { inspectOutputFolder, type OutputInspection } from './inspect-output-folder.ts';
import { recognisePath } from './recognise-path.ts';

export type Inspection = ModelInspection | DatasetInspection | OutputInspection;

/** Describes what is at an absolute path. Throws a FailureError when there is nothing that can be described. */
export async function inspectPath(path: string): Promise<Inspection> {
  const recognised = await recognisePath(path);
  switch (recognised.kind) {
    case 'model':
      return inspectModel(recognised.path);
    case 'dataset':
      return inspectDataset(recognised.path, recognised.format);
    case 'output':
      return inspectOutputFolder(recognised.path);
  }
}
