// `scoremill inspect PATH`: what a model, a dataset or an output folder is, as a page or as JSON.
import { isAbsolute, relative, resolve } from 'node:path';
import { describeFailure, exitCodeOf, failuresOf } from '../core/failure.ts';
import { type Inspection, inspectPath } from '../run/inspect-path.ts';
import type { InspectArguments } from './arguments.ts';
import { datasetPage } from './dataset-page.ts';
import { failuresJson, inspectionJson } from './inspect-json.ts';
import { modelPage } from './model-page.ts';
import { complain, writeData } from './output.ts';
import { outputPage } from './output-page.ts';

export async function inspectCommand({ path, overrides, json }: InspectArguments): Promise<number> {
  const inspection = await inspectPath(resolve(path), overrides).catch((error: unknown) => {
    if (json) writeData(`${JSON.stringify({ kind: 'refused', failures: failuresJson(failuresOf(error)) }, null, 2)}\n`);
    throw error;
  });
  writeData(
    json ? `${JSON.stringify(inspectionJson(inspection), null, 2)}\n` : `${pageOf(inspection, path).join('\n')}\n`,
  );
  const failures = inspection.kind === 'output' ? [] : inspection.failures;
  for (const failure of failures) complain(describeFailure(failure));
  return failures.length === 0 ? 0 : exitCodeOf(failures[0]);
}

/** A page names paths as they were typed, so that its commands can be copied. */
function pageOf(inspection: Inspection, typed: string): readonly string[] {
  switch (inspection.kind) {
    case 'model':
      return modelPage(
        inspection,
        isAbsolute(typed) ? inspection.folder.path : relative(process.cwd(), inspection.folder.path) || '.',
      );
    case 'dataset':
      return datasetPage(inspection, typed);
    case 'output':
      return outputPage(inspection);
  }
}
