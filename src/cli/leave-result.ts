// What a scheduler finds after the process is gone: the result where Airflow's pod operator takes its XCom from, and a message
// where Kubernetes looks for the reason of an exit. Either is written only where its place is there already, and a failure to
// write it changes nothing.
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A volume that the pod operator shares with its sidecar. */
const xcomFolder = '/airflow/xcom';
/** A file that the kubelet mounts into each container. */
const terminationLog = '/dev/termination-log';
/** What of it Kubernetes keeps. */
const mostMessageBytes = 4096;

/** Leaves a value as the XCom of this task. */
export async function leaveXcom(value: object, folder = xcomFolder): Promise<void> {
  const isThere = await stat(folder).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  if (isThere) await writeFile(join(folder, 'return.json'), `${JSON.stringify(value)}\n`).catch(() => {});
}

/** Leaves the lines that say how the process ended, the most important first. */
export async function leaveMessage(lines: readonly string[], path = terminationLog): Promise<void> {
  const isThere = await stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
  if (isThere) await writeFile(path, shortened(lines.join('\n'))).catch(() => {});
}

/** At most so many bytes, without half a letter at the end. */
function shortened(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length <= mostMessageBytes) return bytes;
  let end = mostMessageBytes;
  while ((bytes[end] & 0b1100_0000) === 0b1000_0000) end--;
  return bytes.subarray(0, end);
}
