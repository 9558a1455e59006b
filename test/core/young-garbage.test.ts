// The young objects of chunks are collected by themselves, in the process that makes them.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test, vi } from 'vitest';
import { startRun } from '../end-to-end/started-run.ts';
import { temporaryFolder } from '../temporary-folder.ts';

test('every 32nd chunk collects the young objects', async () => {
  const collected: unknown[] = [];
  vi.stubGlobal('gc', (options: unknown) => collected.push(options));
  const { forgetChunk } = await import('../../src/core/young-garbage.ts');
  for (let chunk = 0; chunk < 31; chunk++) forgetChunk();
  expect(collected).toEqual([]);
  for (let chunk = 0; chunk < 40; chunk++) forgetChunk();
  expect(collected).toEqual([{ type: 'minor' }, { type: 'minor' }]);
});

test('the engine process can be told to', async () => {
  const words = ['run', resolve(import.meta.dirname, '../../jobs/credit-risk.yaml'), '--output'];
  const run = startRun([...words, join(temporaryFolder(), 'out')]);
  await run.until('run-started');
  expect(readFileSync(`/proc/${run.engine()}/cmdline`, 'utf8').split('\0')).toContain('--expose-gc');
  expect((await run.ended).exitCode).toBe(0);
});
