// A run of one slice writes below the output folder that the slices share, and never among anything else there.
import { basename } from 'node:path';
import { sliceFolder } from '../commit/layout.ts';
import { entryAt, namesIn } from '../core/atomic-file.ts';
import { FailureError } from '../core/failure.ts';
import type { LoadedJob } from '../job/load.ts';

/**
 * The job with the folder of its slice as its output; a job of the whole dataset as it is. Fails with `output-not-of-slices`
 * when the shared folder holds anything that a reader would take for more rows.
 */
export async function intoSliceFolder(loaded: LoadedJob): Promise<LoadedJob> {
  const { dataset, output } = loaded.job;
  if (dataset.slice === undefined) return loaded;
  const { count } = dataset.slice;
  const path = sliceFolder(output.path, dataset.slice);
  const slices = new Set(
    Array.from({ length: count }, (_, index) => basename(sliceFolder(output.path, { index, count }))),
  );
  const names = (await entryAt(output.path)).kind === 'file' ? [] : await namesIn(output.path);
  const others = names.filter((name) => !slices.has(name) && !/^\.|^lost\+found$/.test(name));
  if (others.length > 0)
    throw new FailureError({ reason: 'output-not-of-slices', output: output.path, count, names: others });
  return { ...loaded, job: { ...loaded.job, output: { ...output, path } } };
}
