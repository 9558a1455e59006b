// Every borrowed model and dataset, scored by the command line and compared with Python's onnxruntime row by row.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { caseNames, readCase, writeCaseJob } from '../cases/case-job.ts';
import { type CaseJudge, startJudge } from '../cases/check-case.ts';
import { corpora } from '../corpora.ts';
import { makeLocale } from '../locale.ts';
import { python } from '../python.ts';
import { runCli } from '../run-cli.ts';
import { temporaryFolder } from '../temporary-folder.ts';

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

  async function score(name: string, files?: readonly string[]): Promise<void> {
    const caseFolder = corpora.path('cases', name);
    const folder = temporaryFolder();
    const output = join(folder, 'out');
    const job = writeCaseJob(caseFolder, join(folder, 'job.yaml'), {
      output,
      ...(files === undefined ? {} : { files, format: 'auto' }),
    });
    const environment = hasLocale ? { LOCPATH: localeFolder } : {};
    const { exitCode, stderr } = await runCli(['run', job, '--quiet'], { environment });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(await judge.judge(caseFolder, output)).toBe('right');
  }

  const cases = caseNames('cases').map((name) => ({ name, ...readCase(corpora.path('cases', name)) }));

  for (const { name, needs } of cases) test.skipIf(needs !== undefined && !hasLocale)(name, () => score(name));

  // Every format once, and the types that text formats spell differently.
  const alsoInOtherFormats = /^(iris|dtype-(bool|int64|string|uint64|uint8)|label|trees|vectorizer)/;
  for (const { name, dataset, needs } of cases.filter((one) => alsoInOtherFormats.test(one.name))) {
    for (const file of dataset.same_rows_in ?? []) {
      test.skipIf(needs !== undefined && !hasLocale)(`${name} in ${file}`, () => score(name, [file]));
    }
  }
});
