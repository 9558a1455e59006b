import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { csvSource } from '../../src/source/csv.ts';
import { corpora } from '../corpora.ts';
import { csvOptions, failuresOf, shardAt, TextBench } from './text-fixtures.ts';

const bench = new TextBench(csvSource);
const rows = (shard: Parameters<typeof bench.read>[0], csv: object = {}): Promise<unknown[][]> =>
  bench.read(shard, undefined, csv).then((read) => read.rows);

describe('compressed shards', () => {
  const text = 'a,b\n1,x\n2,y\n';

  it('reads gzip, of several members too, from a plain copy', async () => {
    const shard = bench.write('a.csv.gz', Buffer.concat([gzipSync(text), gzipSync('3,z\n')]));
    const [profile] = await bench.profile(shard);
    expect(readFileSync(profile.plainPath!, 'utf8')).toBe(`${text}3,z\n`);
    expect(await rows(shard)).toEqual([
      [1n, 'x'],
      [2n, 'y'],
      [3n, 'z'],
    ]);
  });

  it('makes no copy where there is no folder for it', async () => {
    const shard = bench.write('b.csv.gz', gzipSync(text));
    const request = { connection: bench.connection, csv: csvOptions(), gridRows: 10, scratchFolder: null };
    const [profile] = await csvSource.profile([shard], request);
    expect(profile).toMatchObject({ rows: 2, endByte: 12 });
    expect(profile).not.toHaveProperty('plainPath');
  });

  it('refuses a stream that is cut at any byte, damaged, or followed by something else', async () => {
    const whole = gzipSync(text);
    for (let length = 1; length < whole.length; length++) {
      const shard = bench.write('cut.csv.gz', whole.subarray(0, length));
      expect(await failuresOf(bench.profile(shard))).toMatchObject([{ reason: 'shard-unreadable', path: shard.path }]);
    }
    const garbage = bench.write('garbage.csv.gz', Buffer.concat([whole, Buffer.from('garbage')]));
    expect(await failuresOf(bench.profile(garbage))).toMatchObject([{ reason: 'shard-unreadable' }]);
    const flipped = Buffer.from(whole);
    flipped[flipped.length - 6] ^= 1;
    expect(await failuresOf(bench.profile(bench.write('flipped.csv.gz', flipped)))).toMatchObject([
      { reason: 'shard-unreadable', message: expect.stringContaining('damaged or cut short') },
    ]);
  });

  it('refuses what is compressed in name only', async () => {
    for (const [name, expected] of [
      ['plain.csv.gz', 'gzip'],
      ['plain.csv.zst', 'zstd'],
    ]) {
      const shard = bench.write(name, text);
      expect(await failuresOf(bench.profile(shard))).toEqual([
        { reason: 'shard-unreadable', path: shard.path, message: `not ${expected}, as its name says` },
      ]);
    }
  });
});

describe('encodings', () => {
  it('names the byte and the line that are not UTF-8', async () => {
    const shard = bench.write('latin1.csv', Buffer.from('a,b\n1,x\n2,caf\xe9\n', 'latin1'));
    expect(await failuresOf(bench.profile(shard))).toEqual([
      {
        reason: 'text-not-utf8',
        path: shard.path,
        encoding: 'utf-8',
        byte: 13,
        line: 3,
        problem: 'not-utf8',
        guess: 'latin1',
      },
    ]);
    expect(await rows(shard, { encoding: 'latin1' })).toEqual([
      [1n, 'x'],
      [2n, 'café'],
    ]);
  });

  it('refuses a text that ends within a character', async () => {
    const shard = bench.write('within.csv', Buffer.from('a,b\n1,é').subarray(0, -1));
    expect(await failuresOf(bench.profile(shard))).toMatchObject([{ reason: 'text-not-utf8', byte: 6, line: 2 }]);
  });

  it('reads UTF-16 when told so, and says so when not', async () => {
    const little = bench.write('little.csv', Buffer.from('\ufeffa,b\n1,é\n', 'utf16le'));
    expect(await failuresOf(bench.profile(little))).toMatchObject([
      { reason: 'text-not-utf8', problem: 'nul', guess: 'utf-16le' },
    ]);
    expect(await rows(little, { encoding: 'utf-16le' })).toEqual([[1n, 'é']]);
    const big = bench.write('big.csv', Buffer.from('\ufeffa,b\n1,é\n', 'utf16le').swap16());
    expect(await failuresOf(bench.profile(big))).toMatchObject([{ problem: 'nul', guess: 'utf-16be' }]);
    expect(await failuresOf(bench.profile(big, { encoding: 'utf-16' }))).toEqual([
      { reason: 'text-encoding-mark', path: big.path, encoding: 'utf-16', found: 'utf-16be' },
    ]);
    expect(await rows(big, { encoding: 'utf-16be' })).toEqual([[1n, 'é']]);
  });

  it('refuses bytes that the given encoding does not have', async () => {
    const shard = bench.write('sjis.csv', Buffer.from([0x61, 0x0a, 0x62, 0x0a, 0xff, 0xff, 0x0a]));
    expect(await failuresOf(bench.profile(shard, { encoding: 'shift_jis' }))).toMatchObject([
      { reason: 'text-not-utf8', encoding: 'shift_jis', problem: 'not-utf8' },
    ]);
  });

  it('checks characters across the blocks in which a file is read', async () => {
    const shard = bench.write('blocks.csv', `a,b\n${'1,é€😀\n'.repeat(700_000)}`);
    const [profile] = await bench.profile(shard);
    expect(profile.rows).toBe(700_000);
    const bytes = readFileSync(shard.path);
    bytes[bytes.length - 3] = 0xff;
    expect(await failuresOf(bench.profile(bench.write('blocks.csv', bytes)))).toMatchObject([
      { reason: 'text-not-utf8', byte: bytes.length - 5, line: 700_001 },
    ]);
  });
});

describe('files that are no tables', () => {
  it('refuses an empty file, one that ends in a quote, and names that cannot be told apart', async () => {
    const empty = bench.write('empty.csv', '');
    const open = bench.write('open.csv', 'a,b\n1,2\n3,"4\n5,6\n');
    const twice = bench.write('twice.csv', 'a,b,a\n');
    const letterCase = bench.write('case.csv', 'id,ID\n');
    expect(await failuresOf(bench.profile([empty, open, twice, letterCase]))).toEqual([
      { reason: 'text-empty', path: empty.path },
      { reason: 'csv-quote-open', path: open.path, line: 3, byte: 10 },
      { reason: 'text-duplicate-column', path: twice.path, column: 'a', other: 'a' },
      { reason: 'text-duplicate-column', path: letterCase.path, column: 'ID', other: 'id' },
    ]);
  });

  it('refuses a header that does not end within the first megabytes', async () => {
    const shard = bench.write('long.csv', 'x'.repeat(5 * 1024 * 1024));
    expect(await failuresOf(bench.profile(shard))).toEqual([
      { reason: 'csv-header-too-long', path: shard.path, bytes: 4 * 1024 * 1024 },
    ]);
  });
});

describe.skipIf(!corpora.available)('broken files of the corpora', () => {
  it.each([
    ['csv-empty-file/input.csv', 'text-empty', 'input.csv'],
    ['csv-duplicate-header/input.csv', 'text-duplicate-column', '"b"'],
    ['csv-not-utf8/input.csv', 'text-not-utf8', 'encoding'],
    ['csv-nul-bytes/input.csv', 'text-not-utf8', 'utf-16le'],
    ['csv-unterminated-quote/input.csv', 'csv-quote-open', 'line 9'],
    ['gzip-cut/input.csv.gz', 'shard-unreadable', 'input.csv.gz'],
    ['gzip-in-name-only/input.csv.gz', 'shard-unreadable', 'not gzip'],
  ])('refuses %s', async (name, reason, words) => {
    const work = bench.profile(shardAt(corpora.path('refuse', name)));
    await expect(work).rejects.toThrow(words);
    expect(await failuresOf(work)).toMatchObject([{ reason }]);
  });

  it('reads Zstandard', async () => {
    const name = (suffix: string): string => corpora.path('cases', 'iris-formats', `input.csv${suffix}`);
    const plain = await rows(shardAt(name('')));
    expect(plain).toHaveLength(150);
    expect(await rows(shardAt(name('.zst')))).toEqual(plain);
    expect(await rows(shardAt(name('.gz')))).toEqual(plain);
    const bytes = readFileSync(name('.zst'));
    const cut = bench.write('cut.csv.zst', bytes.subarray(0, -1));
    expect(await failuresOf(bench.profile(cut))).toMatchObject([{ reason: 'shard-unreadable' }]);
  });
});
