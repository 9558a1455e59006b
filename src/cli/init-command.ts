// `scoremill init`: writes a job file for a model and a dataset, or prints it.
import { basename, dirname, resolve } from 'node:path';
import { entryAt, writeFileDurably } from '../core/atomic-file.ts';
import { FailureError } from '../core/failure.ts';
import { proposeJob } from '../run/propose-job.ts';
import type { InitArguments } from './arguments.ts';
import { jobPage } from './job-page.ts';
import { say, writeData } from './output.ts';
import { shellWord } from './page.ts';

export async function initCommand({ overrides, output, force }: InitArguments): Promise<number> {
  const workingFolder = process.cwd();
  const path = output === '-' ? null : resolve(output);
  if (path !== null) await requireFree(path, output, force);
  const proposal = await proposeJob({ overrides, workingFolder });
  const named = path === null ? 'job.yaml' : shellWord(output);
  const page = jobPage(proposal, path === null ? workingFolder : dirname(path), named);
  const text = `${page.join('\n')}\n`;
  if (path === null) writeData(text);
  else {
    await writeFileDurably(path, text);
    const next = proposal.plan === null ? 'complete its inputs, then check it' : 'check it';
    say(`wrote ${output}; ${next} with: scoremill plan ${named}`);
  }
  if (proposal.plan === null) say('the inputs are left open; the file says why');
  return 0;
}

/** Before anything is read: the answer may take a while. */
async function requireFree(path: string, typed: string, force: boolean): Promise<void> {
  const { kind } = await entryAt(path);
  if (kind === 'folder') throw new FailureError({ reason: 'job-file-folder', path: typed, problem: 'is a folder' });
  if (kind !== 'absent' && !force) throw new FailureError({ reason: 'job-file-exists', path: typed });
  const parent = dirname(path);
  if ((await entryAt(parent)).kind === 'absent') {
    const problem = `cannot be written: there is no folder ${basename(parent)}`;
    throw new FailureError({ reason: 'job-file-folder', path: typed, problem });
  }
}
