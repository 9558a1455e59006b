// Every borrowed model and dataset, scored and compared with Python's onnxruntime row by row: every sixth by the command line, the
// others by the same code in this process, where each takes a fifth of the time. All by the command line in the full sweep.
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { caseNames, readCase, writeCaseJob } from '../cases/case-job.ts';
import { type CaseJudge, startJudge } from '../cases/check-case.ts';
import { corpora } from '../corpora.ts';
import { makeLocale } from '../locale.ts';
import { python } from '../python.ts';
import { runCli } from '../run-cli.ts';
import { isFull } from '../safety/sweep.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { partsHere } from '../trained/score-here.ts';

/** Where text operators find en_US.UTF-8. */
const localeFolder = mkdtempSync(join(realpathSync(tmpdir()), 'scoremill-locale-'));
const hasLocale = makeLocale(localeFolder);

describe.skipIf(!corpora.available || !python.available)('cases', () => {
  let judge: CaseJudge;
  beforeAll(() => {
    judge = startJudge();
  });
  afterAll(() => {
    judge.end();
    rmSync(localeFolder, { recursive: true });
  });

  async function score(
    name: string,
    {
      files,
      byCommand = true,
      needsLocale = false,
    }: { files?: readonly string[]; byCommand?: boolean; needsLocale?: boolean } = {},
  ): Promise<void> {
    const caseFolder = corpora.path('cases', name);
    const folder = temporaryFolder();
    const output = join(folder, 'out');
    const job = writeCaseJob(caseFolder, join(folder, 'job.yaml'), {
      output,
      ...(files === undefined ? {} : { files, format: 'auto' }),
    });
    if (!byCommand) {
      mkdirSync(output);
      await partsHere({ job }, output);
      expect(await judge.judge(caseFolder, output)).toBe('right');
      return;
    }
    const words = ['run', job, '--quiet'];
    const environment = { LOCPATH: localeFolder };
    const { exitCode, stderr } = await (needsLocale ? runCli(words, { environment }) : runCli(words));
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(await judge.judge(caseFolder, output)).toBe('right');
  }

  const cases = caseNames('cases').map((name) => ({ name, ...readCase(corpora.path('cases', name)) }));

  for (const [index, { name, needs }] of cases.entries()) {
    const byCommand = isFull || needs !== undefined || index % 6 === 0;
    test.skipIf(needs !== undefined && !hasLocale)(name, () =>
      score(name, { byCommand, needsLocale: needs !== undefined }),
    );
  }

  // Every format once, and the types that text formats spell differently.
  const alsoInOtherFormats = /^(iris|dtype-(bool|int64|string|uint64|uint8)|label|trees|vectorizer)/;
  for (const { name, dataset, needs } of cases.filter((one) => alsoInOtherFormats.test(one.name))) {
    for (const file of dataset.same_rows_in ?? []) {
      test.skipIf(needs !== undefined && !hasLocale)(`${name} in ${file}`, () =>
        score(name, { files: [file], byCommand: isFull || needs !== undefined, needsLocale: needs !== undefined }),
      );
    }
  }
});
