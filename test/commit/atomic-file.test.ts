import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { layoutOf, partName } from '../../src/commit/layout.ts';
import { prepareOutput } from '../../src/commit/prepare-output.ts';
import { linkIfFree, makeFolder, readIfPresent, writeFileDurably } from '../../src/core/atomic-file.ts';
import { exitCodeOf, FailureError } from '../../src/core/failure.ts';
import { canonicalJson, sha256OfFile, sha256OfText } from '../../src/core/hash.ts';
import { arm, disarm, type Fault, restoreDurable } from './failing-disk.ts';
import { freshPath } from './fixtures.ts';

vi.mock('node:fs/promises', async (importOriginal) => {
  const { wrap } = await import('./failing-disk.ts');
  return wrap(await importOriginal());
});

async function failureAt(path: string, at: number, fault: Fault): Promise<FailureError> {
  arm(dirname(path), at, fault);
  const error = await writeFileDurably(path, 'new content').catch((reason: unknown) => reason);
  disarm();
  expect(error).toBeInstanceOf(FailureError);
  return error as FailureError;
}

describe('a file that is written durably', () => {
  test('is the old one or the new one when the power fails at any operation', async () => {
    const seen = new Set<string>();
    for (let at = 1; at <= 6; at++) {
      const path = freshPath();
      writeFileSync(path, 'old');
      arm(dirname(path), at, 'killed');
      await expect(writeFileDurably(path, 'new content')).rejects.toThrow('killed');
      disarm();
      seen.add(readFileSync(path, 'utf8'));
      const restored = freshPath();
      restoreDurable(dirname(path), restored);
      expect(readFileSync(join(restored, 'out'), 'utf8')).toBe('old');
      await writeFileDurably(path, 'new content');
      expect([readFileSync(path, 'utf8'), readdirSync(dirname(path))]).toEqual(['new content', ['out']]);
    }
    expect(seen).toEqual(new Set(['old', 'new content']));
  });

  test('is there after a power cut', async () => {
    const path = freshPath();
    arm(dirname(path), Number.POSITIVE_INFINITY, 'killed');
    await writeFileDurably(path, 'new content');
    expect(disarm()).toBe(6);
    const restored = freshPath();
    restoreDurable(dirname(path), restored);
    expect(readFileSync(join(restored, 'out'), 'utf8')).toBe('new content');
  });

  test('takes the place of a link instead of going through it', async () => {
    const path = freshPath();
    const outside = freshPath();
    writeFileSync(outside, 'untouched');
    symlinkSync(outside, path);
    symlinkSync(outside, `${path}.writing`);
    await writeFileDurably(path, 'new content');
    expect([readFileSync(path, 'utf8'), readFileSync(outside, 'utf8')]).toEqual(['new content', 'untouched']);
  });

  test('is reported with what, where and the next step when the disk is full', async () => {
    const path = freshPath();
    const error = await failureAt(path, 3, 'ENOSPC');
    expect(error.failures).toEqual([
      { reason: 'io', operation: 'write', path: `${path}.writing`, code: 'ENOSPC', message: 'ENOSPC: injected' },
    ]);
    expect(error.message).toBe(
      `cannot write ${path}.writing: ENOSPC: injected; the disk is full: free some space, then run the same command again: finished splits are kept`,
    );
    expect(exitCodeOf(error.failures[0])).toBe(74);
  });

  test('is reported with another exit code when it is not allowed', async () => {
    const error = await failureAt(freshPath(), 2, 'EACCES');
    expect([error.failures[0].reason, exitCodeOf(error.failures[0])]).toEqual(['permission-denied', 77]);
  });
});

test('a new folder and those above it are there after a power cut', async () => {
  const layout = layoutOf(join(freshPath(), 'a/b'));
  const above = dirname(dirname(dirname(layout.root)));
  arm(above, Number.POSITIVE_INFINITY, 'killed');
  await prepareOutput(layout);
  disarm();
  const restored = freshPath();
  restoreDurable(above, restored);
  expect(readdirSync(restored, { recursive: true }).sort()).toEqual([
    'out',
    'out/a',
    'out/a/b',
    'out/a/b/_scoremill',
    'out/a/b/_scoremill/staging',
  ]);
  await makeFolder(layout.staging);
});

test('a link is made only to a name that is free', async () => {
  const path = freshPath();
  writeFileSync(path, 'content');
  expect([await linkIfFree(path, `${path}2`), await linkIfFree(path, `${path}2`)]).toEqual([true, false]);
  expect(await readIfPresent(`${path}2`)).toEqual(Buffer.from('content'));
  expect(await readIfPresent(`${path}3`)).toBe(null);
});

describe('a hash', () => {
  test('of a file is that of its bytes', async () => {
    const path = freshPath();
    writeFileSync(path, 'abc');
    const known = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    expect([await sha256OfFile(path), sha256OfText('abc')]).toEqual([known, known]);
  });

  test('of a file that is gone or a folder is a failure', async () => {
    const path = freshPath();
    await expect(sha256OfFile(path)).rejects.toMatchObject({ failures: [{ reason: 'io', code: 'ENOENT', path }] });
    mkdirSync(path);
    await expect(sha256OfFile(path)).rejects.toMatchObject({ failures: [{ reason: 'io', code: 'EISDIR', path }] });
  });

  test('is taken of JSON that does not depend on the order of keys', () => {
    const value = { b: [{ d: 1, c: null }], a: 'ü', 10: 1, 9: 2, gone: undefined };
    expect(canonicalJson(value)).toBe('{"9":2,"10":1,"a":"ü","b":[{"c":null,"d":1}]}');
    expect(canonicalJson({ a: 'ü', 9: 2, b: [{ c: null, d: 1 }], 10: 1 })).toBe(canonicalJson(value));
  });
});

describe('a part name', () => {
  test('holds the run id in letters that every file system takes', () => {
    expect(partName(3, 'scheduled__2024-01-01T00:00:00+00:00', 10)).toBe(
      'part-00003-scheduled__2024-01-01T00-00-00-00-00.parquet',
    );
    expect(partName(0, '../../ü', 1)).toBe('part-00000-..-..-.parquet');
  });

  test('sorts by index however many parts there are', () => {
    const names = [0, 9, 99_999, 100_000, 123_456].map((index) => partName(index, 'r', 123_457));
    expect(names).toEqual([...names].sort());
    expect(names[0]).toBe('part-000000-r.parquet');
  });
});
