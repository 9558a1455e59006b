// The job of a run, with the output folder that it is to write, before model and data are looked at.
import { type JobRequest, type LoadedJob, loadJob } from '../job/load.ts';
import { intoSliceFolder } from './into-slice-folder.ts';

export async function loadRun(request: JobRequest): Promise<LoadedJob> {
  return intoSliceFolder(await loadJob(request));
}
