// A job for several days needs an output folder for each: told from its first two days, since one day differs from another
// only in what `{{ ds }}` stands for.
import { FailureError } from '../core/failure.ts';
import { type JobRequest, loadJob } from './load.ts';

/** Warnings about a job that is to run for these days, or a FailureError of reason `days-share-output`, or whatever is wrong with the job. */
export async function checkDays(request: JobRequest, days: readonly string[]): Promise<readonly string[]> {
  const [one, other] = await Promise.all(days.slice(0, 2).map((date) => loadJob({ ...request, date })));
  if (other === undefined) return [];
  const output = one.job.output.path;
  if (output === other.job.output.path) {
    const isTyped = request.overrides.some(({ path }) => path[0] === 'output' && path[1] === 'path');
    throw new FailureError({ reason: 'days-share-output', output, jobPath: request.jobPath ?? null, isTyped });
  }
  if (one.fingerprint !== other.fingerprint) return [];
  return ['every day scores the same rows: {{ ds }} stands neither in dataset.path nor in dataset.where'];
}
