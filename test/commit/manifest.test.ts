import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Manifest, readManifest, writeManifest } from '../../src/commit/manifest.ts';
import { FailureError } from '../../src/core/failure.ts';
import { canonicalJson, sha256OfText } from '../../src/core/hash.ts';
import { freshPath, manifestOf } from './fixtures.ts';

const manifest = manifestOf(
  'scheduled__2024-01-01T00:00:00+00:00',
  [
    {
      name: 'part-00000-a.parquet',
      split: 0,
      rows: 9,
      bytes: 100,
      sha256: '0'.repeat(64),
      pieces: [{ shard: 0, startRow: 0, endRow: 9, startByte: 4, endByte: 80 }],
    },
  ],
  [{ name: 'run.parquet', bytes: 1, sha256: '1'.repeat(64) }],
);

describe('a manifest', () => {
  test('is read as it was written', async () => {
    const path = freshPath();
    await writeManifest(path, manifest);
    expect(await readManifest(path)).toEqual(manifest);
  });

  test('of format 1, which knew no written rows, is read as one that wrote all; of format 2 as one of one run', async () => {
    const path = freshPath();
    const { runs: _runs, ...single } = manifest;
    const parts = manifest.parts.map(({ run: _run, ...part }) => part);
    const { written: _written, ...counts } = manifest.counts;
    for (const old of [
      { ...single, parts, format: 1, counts },
      { ...single, parts, format: 2 },
    ]) {
      writeFileSync(path, JSON.stringify({ ...old, checksum: sha256OfText(canonicalJson(old)) }));
      expect(await readManifest(path)).toEqual(manifest);
    }
  });

  test('is null where there is none', async () => {
    expect(await readManifest(freshPath())).toBe(null);
  });

  test('is refused, or reads the same, when any byte has flipped', async () => {
    const path = freshPath();
    await writeManifest(path, manifest);
    const bytes = readFileSync(path);
    let refused = 0;
    for (let index = 0; index < bytes.length; index++) {
      const damaged = Buffer.from(bytes);
      damaged[index] ^= 1 << (index % 8);
      writeFileSync(path, damaged);
      const result = await readManifest(path).catch((error: unknown) => error);
      if (result instanceof FailureError) {
        expect(result.failures[0].reason).toBe('manifest-damaged');
        refused++;
      } else expect(result, `byte ${index}`).toEqual(manifest);
    }
    expect(refused).toBeGreaterThan(bytes.length / 2);
  });

  test('is refused when it is cut at any byte but the last line end', async () => {
    const path = freshPath();
    await writeManifest(path, manifest);
    const bytes = readFileSync(path);
    for (let length = 0; length < bytes.length - 1; length++) {
      writeFileSync(path, bytes.subarray(0, length));
      await expect(readManifest(path)).rejects.toMatchObject({ failures: [{ reason: 'manifest-damaged' }] });
    }
  });

  test.each([
    [
      'another format',
      { ...manifest, format: 4 },
      'its format is 4, and this version of scoremill reads formats 1 to 3',
    ],
    ['a part in another folder', { ...manifest, parts: [{ ...manifest.parts[0], name: '../a.parquet' }] }, 'parts'],
    ['a file that is not ours', { ...manifest, files: [{ ...manifest.files[0], name: '../x' }] }, 'files'],
    ['an unknown key', { ...manifest, extra: 1 }, 'extra'],
  ])('is refused with %s, though its checksum fits', async (_title, content, message) => {
    const path = freshPath();
    writeFileSync(path, JSON.stringify({ ...content, checksum: sha256OfText(canonicalJson(content)) }));
    await expect(readManifest(path)).rejects.toMatchObject({
      failures: [{ reason: 'manifest-damaged', path, message: expect.stringContaining(message) }],
    });
  });

  test('does not care in which order its keys are', async () => {
    const path = freshPath();
    const { format, ...rest } = manifest;
    const turned: Manifest = { ...rest, format };
    writeFileSync(path, JSON.stringify({ checksum: sha256OfText(canonicalJson(manifest)), ...turned }));
    expect(await readManifest(path)).toEqual(manifest);
  });
});
