// `scoremill report DIR`: makes the page of a finished result again, and says where it is.
import { resolve } from 'node:path';
import { failuresOf } from '../core/failure.ts';
import { formatBytes } from '../report/format-number.ts';
import { makeReport } from '../run/make-report.ts';
import type { ReportArguments } from './arguments.ts';
import { failuresJson } from './inspect-json.ts';
import { say, writeData } from './output.ts';

export async function reportCommand({ folder, to, json }: ReportArguments): Promise<number> {
  const isPrinted = to === '-';
  const path = to === undefined ? undefined : isPrinted ? null : resolve(to);
  const made = await makeReport(resolve(folder), path).catch((error: unknown) => {
    if (json) writeData(`${JSON.stringify({ report: null, failures: failuresJson(failuresOf(error)) }, null, 2)}\n`);
    throw error;
  });
  if (isPrinted) {
    writeData(made.html);
    return 0;
  }
  const { outputPath, runId } = made;
  const bytes = Buffer.byteLength(made.html);
  if (json)
    writeData(`${JSON.stringify({ output: outputPath, runId, report: made.path, bytes, failures: [] }, null, 2)}\n`);
  else say(`report of run ${runId}: ${made.path} (${formatBytes(bytes)}); open it in a browser`);
  return 0;
}
