// Borrowed models and datasets that cannot be scored as asked: refused before anything is written, with a message that says
// what and where; or, where single rows are to blame, scored but for these rows.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exitCodeOf, FailureError } from '../../src/core/failure.ts';
import { caseNames, readCase, writeCaseJob } from '../cases/case-job.ts';
import { type CaseJudge, startJudge } from '../cases/check-case.ts';
import { corpora } from '../corpora.ts';
import { python } from '../python.ts';
import { runCli } from '../run-cli.ts';
import { isFull } from '../safety/sweep.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { partsHere } from '../trained/score-here.ts';
import { resultOf } from './result.ts';

const cases = caseNames('refuse').map((name) => {
  const folder = corpora.path('refuse', name);
  return { name, folder, ...readCase(folder) };
});

/** Files under a folder that is not there, or not left behind, are none. */
const filesIn = (folder: string): readonly string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
        entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
      )
    : [];

describe.skipIf(!corpora.available)('refused as a whole', () => {
  // More is done than the corpus asks for: the tensors of a sequence are outputs.
  const adapted = ['sequence-output-only'];
  const whole = cases.filter(({ name, refuse }) => refuse?.what !== 'rows' && !adapted.includes(name));

  // Every fourth by the command line, the others by the code behind it in this process: what it prints is their description.
  const byCommand = new Set(whole.filter((_, index) => isFull || index % 4 === 0));

  test.for(whole.filter((one) => !byCommand.has(one)))('$name', async ({ folder, refuse }) => {
    const output = temporaryFolder();
    const job = writeCaseJob(folder, join(temporaryFolder(), 'job.yaml'), { output, keep: 'default' });
    const thrown = await partsHere({ job }, output).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(FailureError);
    const { failures, message } = thrown as FailureError;
    expect([65, 66, 78, 80]).toContain(exitCodeOf(failures[0]));
    expect((refuse?.message_has ?? []).filter((word) => !message.includes(word))).toEqual([]);
  });

  test.for([...byCommand])('$name', async ({ folder, refuse }) => {
    const output = join(temporaryFolder(), 'out');
    const job = writeCaseJob(folder, join(temporaryFolder(), 'job.yaml'), { output, keep: 'default' });
    const { exitCode, signal, stderr } = await runCli(['run', job, '--quiet']);

    expect({ signal, stderr: stderr.slice(0, 7) }).toEqual({ signal: null, stderr: 'error: ' });
    expect([65, 66, 78, 80]).toContain(exitCode);
    expect((refuse?.message_has ?? []).filter((word) => !stderr.includes(word))).toEqual([]);
    // What costs each row its place in the result is found while scoring: a budget may allow for it, so splits are kept.
    if (exitCode === 65) expect(filesIn(output).filter((path) => !path.includes('_scoremill'))).toEqual([]);
    else expect(existsSync(output)).toBe(false);
  });
});

describe.skipIf(!corpora.available || !python.available)('refused row by row', () => {
  const byRows = cases.filter(({ refuse }) => refuse?.what === 'rows');
  let judge: CaseJudge;
  beforeAll(() => {
    judge = startJudge();
  });
  afterAll(() => judge.end());

  test.for(byRows)('$name', async ({ folder, rejects }) => {
    const output = join(temporaryFolder(), 'out');
    const job = writeCaseJob(folder, join(temporaryFolder(), 'job.yaml'), { output });
    const { exitCode, stderr } = await runCli(['run', job, '--quiet']);

    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(await judge.judge(folder, output)).toBe('right');
    const found = await resultOf(output).rejects();
    expect(found.map(({ row }) => Number(row))).toEqual(rejects?.rows.map(({ row }) => row));
    // Where the corpus names the column at fault, so do we.
    const named = rejects?.rows.flatMap(({ reason }, index) => {
      const column = /^(\w+): /.exec(reason)?.[1];
      return column === undefined || column === 'onnxruntime' ? [] : [{ index, column }];
    });
    expect(named?.map(({ index }) => found[index].column)).toEqual(named?.map(({ column }) => column));
  });

  test.for(byRows)('$name, with no budget', async ({ folder, rejects, dataset }) => {
    const output = join(temporaryFolder(), 'out');
    const job = writeCaseJob(folder, join(temporaryFolder(), 'job.yaml'), { output, budget: 0 });
    const { exitCode, stderr } = await runCli(['run', job, '--quiet']);

    expect(exitCode).toBe(65);
    const first = rejects?.rows[0];
    expect(stderr).toContain(
      `error: ${rejects?.count} rows were rejected and the budget is 0: ${join(folder, dataset.files[0])} row ${first?.row}`,
    );
    expect(resultOf(output).isPublished()).toBe(false);
    expect(resultOf(output).partNames()).toEqual([]);
  });
});
