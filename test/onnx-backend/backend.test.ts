// The conformance suite of the ONNX project: every case comes out as published, or stands in exceptions.tsv with what becomes of it
// and why. A case that is not on the list and fails is an error, and so is one that is on the list and passes.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { corpora } from '../corpora.ts';
import { makeLocale } from '../locale.ts';
import { openWorkbench, type Workbench } from '../types/score-shard.ts';
import { backendCases } from './backend-cases.ts';
import { readExceptions } from './exceptions.ts';
import { runBackendCase } from './run-backend-case.ts';

const folder = mkdtempSync(join(realpathSync(tmpdir()), 'scoremill-backend-'));
const hasLocale = corpora.available && makeLocale(folder);
if (hasLocale) process.env.LOCPATH = folder;

const cases = backendCases();
const exceptions = readExceptions();

describe.skipIf(!corpora.available)('a conformance case', () => {
  let bench: Workbench;
  const ways = { rows: 0, session: 0 };
  beforeAll(async () => {
    bench = await openWorkbench(folder);
  });
  afterAll(() => {
    bench.close();
    rmSync(folder, { recursive: true });
  });

  for (const one of cases) {
    test(one.name, async ({ skip }) => {
      const { way, result, detail } = await runBackendCase(one, bench);
      if (result === 'model-locale' && !hasLocale) skip('needs the locale en_US.UTF-8');
      if (way !== null && result === 'equal') ways[way]++;
      expect(result, detail).toBe(exceptions.get(one.name) ?? 'equal');
    });
  }

  test('goes as rows of a dataset, nearly always', () => {
    expect(ways.rows).toBeGreaterThan(20 * ways.session);
  });

  test('on the list of exceptions is a case', () => {
    const names = new Set(cases.map(({ name }) => name));
    expect([...exceptions.keys()].filter((name) => !names.has(name))).toEqual([]);
  });
});
