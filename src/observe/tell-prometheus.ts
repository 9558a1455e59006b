// Where the metrics go: a file that is replaced as a whole, and a Pushgateway.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfPresent, writeFileDurably } from '../core/atomic-file.ts';
import { type Execution, metricsText } from './metrics.ts';
import { send, shown } from './send.ts';

/** The file that a path means: itself, or in a folder one for the job. */
async function metricsFile(path: string, job: string): Promise<string> {
  const isFolder = await stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  return isFolder || !path.endsWith('.prom') ? join(path, `scoremill-${job}.prom`) : path;
}

/** Replaces the file; figures of the last success stay in it until there is another one. */
export async function writeMetrics(path: string, execution: Execution): Promise<void> {
  const file = await metricsFile(path, execution.job);
  const previous = (await readIfPresent(file))?.toString() ?? '';
  await writeFileDurably(file, metricsText(execution, previous));
}

/** Null, or why the gateway did not take them. It keeps what was pushed before and is not pushed now. */
export async function pushMetrics(gateway: string, execution: Execution): Promise<string | null> {
  const url = new URL(gateway);
  const group = `metrics/job/scoremill/job_name/${encodeURIComponent(execution.job)}`;
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${group}`;
  const contentType = 'text/plain; version=0.0.4; charset=utf-8';
  const problem = await send({ url, method: 'POST', contentType, body: metricsText(execution) });
  return problem === null ? null : `${shown(url)}: ${problem}`;
}
