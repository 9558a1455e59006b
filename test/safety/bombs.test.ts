// Files that are small and become large, and footers that lie about sizes: they meet the memory that a run was given, not the
// end of the machine. Every run here has an address space of its own limit, so that one which took more would die.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { Database } from '../../src/core/duckdb-database.ts';
import { quoteText } from '../../src/core/sql.ts';
import { UnpackLimit } from '../../src/source/unpack-limit.ts';
import { corpora } from '../corpora.ts';
import { resultOf } from '../end-to-end/result.ts';
import { type CliResult, runCli } from '../run-cli.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { writeDoubling } from './format-job.ts';
import { isFull } from './sweep.ts';

const limited = ['prlimit', `--as=${6 * 2 ** 30}`];
const canLimit = spawnSync(limited[0], [...limited.slice(1), 'true']).status === 0;
if (!canLimit) console.warn('skipped: tests of memory limits (no prlimit on this machine)');

const mebibyte = 2 ** 20;

/** Scores a dataset with 256 MiB for a worker, one worker, and every column kept. */
async function scoredUnderLimit(here: string, dataset: string, input = 'x'): Promise<CliResult> {
  writeDoubling(join(here, 'double.onnx'));
  const words = ['run', '--model', join(here, 'double.onnx'), '--dataset', dataset, '--output', join(here, 'out')];
  return runCli([...words, '--workers', '1', '--memory', '1GB', '--inputs', `x=${input}`], {
    through: limited,
    timeoutMs: 50_000,
  });
}

async function writeParquet(path: string, query: string, options: string): Promise<void> {
  const folder = join(path, '../duckdb');
  mkdirSync(folder);
  const database = await Database.open({ threads: 1, memoryBytes: 2 ** 31, temporaryFolder: folder });
  const connection = await database.connect();
  await connection.run(`COPY (${query}) TO ${quoteText(path)} (FORMAT parquet, ${options})`);
  connection.close();
  database.close();
}

describe.skipIf(!canLimit)('a file that is small and becomes large', () => {
  test('is scored in bounded memory when its rows are of a size', async () => {
    const here = temporaryFolder();
    const row = `0.5,${'a'.repeat(mebibyte)}\n`;
    const bytes = gzipSync(`x,padding\n${row.repeat(100)}`);
    expect(bytes.length).toBeLessThan(mebibyte);
    const path = join(here, 'rows.csv.gz');
    writeFileSync(path, bytes);
    const { exitCode, stderr } = await scoredUnderLimit(here, path);
    expect(exitCode, stderr).toBe(0);
    expect(resultOf(join(here, 'out')).manifest().counts).toMatchObject({ rows: 100, scored: 100 });
  });

  test('does not fill the disk that it is unpacked on', async ({ skip }) => {
    const here = temporaryFolder();
    const disk = join(here, 'disk');
    mkdirSync(disk);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=40m', 'tmpfs', disk]).status !== 0) skip();
    try {
      const path = join(here, 'rows.csv.gz');
      const row = `0.5,${'a'.repeat(mebibyte)}\n`;
      writeFileSync(path, gzipSync(`x,padding\n${row.repeat(60)}`, { level: 1 }));
      writeDoubling(join(here, 'double.onnx'));
      const out = join(disk, 'out');
      const words = [
        'run',
        '--model',
        join(here, 'double.onnx'),
        '--dataset',
        path,
        '--output',
        out,
        '--inputs',
        'x=x',
      ];
      const { exitCode, stderr } = await runCli(words);
      expect(exitCode, stderr).toBe(74);
      expect(stderr).toMatch(
        /^error: \S+rows\.csv\.gz unpacks to more than \d+ bytes, and the disk of \S+disk\/out\/_scoremill\/staging has only \d+ bytes left; free some space, give an output folder on a larger disk, or score the file unpacked\n$/m,
      );
      const { bavail, blocks } = statfsSync(disk);
      // What was copied is removed again: nothing of the run is left.
      expect([bavail, existsSync(out)]).toEqual([blocks, false]);
    } finally {
      spawnSync('umount', [disk]);
    }
  });

  test('is refused when it grows beyond reason', async () => {
    const limit = new UnpackLimit({ path: 'data/a.csv.zst', fileBytes: 2_000_000, copyFolder: null });
    await limit.take(1_999_999_999);
    await limit.take(1);
    await expect(limit.take(1)).rejects.toThrow(
      'data/a.csv.zst: unpacks to more than 1,000 times its 2000000 bytes, as files do that are made to fill disks; if it is right, unpack it and score the plain file; write the file anew or take it out of the dataset',
    );
    // A small file may become a gibibyte all the same.
    await new UnpackLimit({ path: 'data/b.csv.gz', fileBytes: 10, copyFolder: null }).take(2 ** 30);
  });

  test.each(isFull ? (['csv', 'jsonl'] as const) : (['csv'] as const))(
    'is refused by name or loses a row when one row is 400 MB (%s)',
    async (format) => {
      const here = temporaryFolder();
      const long = 'a'.repeat(400 * mebibyte);
      const path = join(here, `rows.${format}.gz`);
      const text =
        format === 'csv' ? `x,s\n1,b\n2,${long}\n3,c\n` : `{"x":1,"s":"b"}\n{"x":2,"s":"${long}"}\n{"x":3,"s":"c"}\n`;
      writeFileSync(path, gzipSync(text, { level: 1 }));
      const { exitCode, signal, stderr } = await scoredUnderLimit(here, path);
      expect(signal, stderr).toBe(null);
      expect([65, 66, 70, 78], stderr).toContain(exitCode);
      expect(stderr).toContain(path);
      expect(stderr).not.toMatch(/\n {4}at /);
    },
  );

  test('is refused by name when one page of Parquet is more than the memory of a worker', async () => {
    const here = temporaryFolder();
    const path = join(here, 'rows.parquet');
    const query = `SELECT 0.5::FLOAT AS x, repeat('a', ${200 * mebibyte}) AS s FROM range(4)`;
    await writeParquet(path, query, 'COMPRESSION zstd');
    expect(statSync(path).size).toBeLessThan(mebibyte);
    const { exitCode, stderr } = await scoredUnderLimit(here, path);
    expect(stderr).toContain(`error: ${path}: reading it takes more memory than a worker has (`);
    expect(exitCode).toBe(78);
  });

  test.skipIf(!corpora.available)('is refused by name when a map of texts is (brotli)', async () => {
    const path = corpora.path('parquet-testing', 'data', 'large_string_map.brotli.parquet');
    const { exitCode, stderr } = await scoredUnderLimit(temporaryFolder(), path, '0.5');
    expect(stderr).toContain(`error: ${path}: reading it takes more memory than a worker has (`);
    expect(exitCode).toBe(78);
  });
});

describe.skipIf(!canLimit)('a footer that lies about sizes', () => {
  const rows = 100;
  /** Zigzag varints of two bytes: what Parquet's footer holds counts as. */
  const honest = Buffer.from([0xc8, 0x01]);
  const lie = Buffer.from([0xfe, 0x7f]);

  test('is caught when all its counts agree on more rows than there are', async () => {
    const here = temporaryFolder();
    const path = join(here, 'rows.parquet');
    await writeParquet(path, `SELECT range::FLOAT AS x FROM range(${rows})`, 'COMPRESSION uncompressed');
    const bytes = readFileSync(path);
    const footerStart = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8);
    let lies = 0;
    for (let at = bytes.indexOf(honest, footerStart); at !== -1; at = bytes.indexOf(honest, at + 2), lies++)
      lie.copy(bytes, at);
    expect(lies).toBeGreaterThanOrEqual(3);
    writeFileSync(path, bytes);
    const { exitCode, stderr } = await scoredUnderLimit(here, path);
    expect(stderr).toContain(path);
    expect(stderr).not.toMatch(/\n {4}at |internal/);
    expect([66, 78, 80], stderr).toContain(exitCode);
  });

  test('is caught when it claims to be as large as the file, or larger', async () => {
    for (const claimed of [0x7fffffff, 0xffffffff, 12]) {
      const here = temporaryFolder();
      const path = join(here, 'rows.parquet');
      await writeParquet(path, `SELECT range::FLOAT AS x FROM range(${rows})`, 'COMPRESSION zstd');
      const bytes = readFileSync(path);
      bytes.writeUInt32LE(claimed, bytes.length - 8);
      writeFileSync(path, bytes);
      const { exitCode, stderr } = await scoredUnderLimit(here, path);
      expect(stderr).toContain(`error: ${path}: is a damaged Parquet file`);
      expect(exitCode).toBe(66);
    }
  });
});
