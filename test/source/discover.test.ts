import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Failure, FailureError } from '../../src/core/failure.ts';
import type { Format } from '../../src/core/split.ts';
import { discoverShards } from '../../src/plan/discover.ts';

let root: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'discover-')));
});
afterEach(() => rmSync(root, { recursive: true }));

function files(...names: readonly string[]): void {
  for (const name of names) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), 'data');
  }
}

const shardsAt = (paths: readonly string[], format: 'auto' | Format = 'auto') =>
  discoverShards({ paths: paths.map((path) => join(root, path)), format });

const namesAt = async (paths: readonly string[], format: 'auto' | Format = 'auto'): Promise<string[]> =>
  (await shardsAt(paths, format)).map((shard) => relative(root, shard.path));

async function failuresAt(paths: readonly string[], format: 'auto' | Format = 'auto'): Promise<readonly Failure[]> {
  const error = await shardsAt(paths, format).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(FailureError);
  return (error as FailureError).failures;
}

describe('order', () => {
  test('follows the list, and inside a folder or glob the code units of the paths', async () => {
    files('b/10.csv', 'b/2.csv', 'b/B.csv', 'b/a/1.csv', 'a/z.csv', 'a/x.csv');
    expect(await namesAt(['b', 'a/*.csv'])).toEqual([
      'b/10.csv',
      'b/2.csv',
      'b/B.csv',
      'b/a/1.csv',
      'a/x.csv',
      'a/z.csv',
    ]);
  });

  test('a file listed twice is read once, at its first place', async () => {
    files('a.csv', 'b.csv');
    expect(await namesAt(['b.csv', '*.csv', './b.csv'])).toEqual(['b.csv', 'a.csv']);
  });

  test('numbers shards from 0 and tells size, format and compression', async () => {
    files('a.csv.gz', 'b.TSV');
    expect(await shardsAt(['.'])).toEqual([
      {
        index: 0,
        path: join(root, 'a.csv.gz'),
        format: 'csv',
        compression: 'gzip',
        fileBytes: 4,
        modifiedMs: expect.any(Number),
        partition: {},
      },
      {
        index: 1,
        path: join(root, 'b.TSV'),
        format: 'csv',
        compression: 'none',
        fileBytes: 4,
        modifiedMs: expect.any(Number),
        partition: {},
      },
    ]);
  });
});

describe('formats', () => {
  test.each([
    ['a.parquet', 'parquet', 'none'],
    ['a.pq', 'parquet', 'none'],
    ['a.parq', 'parquet', 'none'],
    ['a.tab', 'csv', 'none'],
    ['a.b.csv.zst', 'csv', 'zstd'],
    ['a.ndjson.gz', 'jsonl', 'gzip'],
    ['a.jsonl', 'jsonl', 'none'],
    ['a.feather', 'arrow', 'none'],
    ['a.arrows', 'arrow', 'none'],
    ['a.ipc', 'arrow', 'none'],
  ])('%s is %s, compression %s', async (name, format, compression) => {
    files(name);
    expect(await shardsAt([name])).toMatchObject([{ format, compression }]);
  });

  test('a given format holds for any suffix, and text keeps its compression', async () => {
    files('a.txt', 'b.dat.gz', 'c');
    expect(await shardsAt(['.'], 'csv')).toMatchObject([
      { format: 'csv', compression: 'none' },
      { format: 'csv', compression: 'gzip' },
      { format: 'csv', compression: 'none' },
    ]);
  });

  test('names without a known suffix are skipped beside names that have one', async () => {
    files('README.md', 'a.parquet', 'a.parquet.crc', 'a.parquet.gz');
    expect(await namesAt(['.'])).toEqual(['a.parquet']);
  });

  test('only unknown suffixes are refused', async () => {
    files('d/a.txt', 'd/b.txt');
    expect(await failuresAt(['d', 'd/a.txt'])).toEqual([
      { reason: 'format-unknown', path: join(root, 'd'), names: ['a.txt', 'b.txt'] },
      { reason: 'format-unknown', path: join(root, 'd/a.txt'), names: ['a.txt'] },
    ]);
  });

  test('two formats in one dataset are refused with an example of each', async () => {
    files('a.csv', 'b.csv', 'c.parquet');
    expect(await failuresAt(['.'])).toEqual([
      {
        reason: 'dataset-mixed-formats',
        formats: [
          { format: 'csv', files: 2, example: join(root, 'a.csv') },
          { format: 'parquet', files: 1, example: join(root, 'c.parquet') },
        ],
      },
    ]);
  });
});

describe('names', () => {
  test('that begin with _ or . are skipped inside folders and globs, and taken when given', async () => {
    files('_SUCCESS', '_scoremill/stats.csv', '.a.csv', '.b/c.csv', 'x/_y/z.csv', 'd.csv', '_e.csv');
    expect(await namesAt(['.', '**/*.csv'])).toEqual(['d.csv']);
    expect(await namesAt(['_e.csv', '_scoremill'])).toEqual(['_e.csv', '_scoremill/stats.csv']);
  });

  test('with brackets, braces and blanks that exist are taken literally', async () => {
    files('[a].csv', 'a.csv', '{b,c}.csv', 'data (1)/x.csv', 'data (1)/y.csv', 'k[1]/z.csv');
    expect(await namesAt(['[a].csv', '{b,c}.csv', 'data (1)', 'k[1]/*.csv'])).toEqual([
      '[a].csv',
      '{b,c}.csv',
      'data (1)/x.csv',
      'data (1)/y.csv',
      'k[1]/z.csv',
    ]);
  });

  test('are matched by ranges, alternatives and ** otherwise', async () => {
    files('a1.csv', 'a2.csv', 'a3.csv', 'x/b.csv', 'y/z/b.csv');
    expect(await namesAt(['a[12].csv'])).toEqual(['a1.csv', 'a2.csv']);
    expect(await namesAt(['{a3,x/b}.csv'])).toEqual(['a3.csv', 'x/b.csv']);
    expect(await namesAt(['**/b.csv'])).toEqual(['x/b.csv', 'y/z/b.csv']);
    expect(await namesAt(['?'])).toEqual(['x/b.csv', 'y/z/b.csv']);
  });

  test('of links are kept, whatever they lead to', async () => {
    files('..data/a.csv', 'other/b.csv', 'd/c.csv');
    symlinkSync('../..data/a.csv', join(root, 'd/a.csv'));
    symlinkSync('../other', join(root, 'd/linked'));
    symlinkSync('..', join(root, 'd/up'));
    expect(await namesAt(['d'])).toEqual(['d/a.csv', 'd/c.csv', 'd/linked/b.csv']);
  });
});

describe('partitions', () => {
  test('come from key=value folders below the given folder, decoded', async () => {
    files('p=0/day=2024-01-01/city=S%C3%A3o%20Paulo/a.csv', 'p=0/day=__HIVE_DEFAULT_PARTITION__/city=/a.csv');
    expect((await shardsAt(['p=0'])).map((shard) => shard.partition)).toEqual([
      { day: '2024-01-01', city: 'São Paulo' },
      { day: '__HIVE_DEFAULT_PARTITION__', city: '' },
    ]);
    expect((await shardsAt(['p=*/day=2024*'])).map((shard) => shard.partition)).toEqual([
      { p: '0', day: '2024-01-01', city: 'São Paulo' },
    ]);
  });

  test('with other keys in other shards are refused', async () => {
    files('a=1/x.csv', 'b=1/x.csv', 'b=2/x.csv');
    expect(await failuresAt(['.'])).toEqual([
      {
        reason: 'partition-keys-differ',
        path: join(root, 'a=1/x.csv'),
        keys: ['a'],
        otherPath: join(root, 'b=1/x.csv'),
        otherKeys: ['b'],
      },
    ]);
  });
});

describe('what is missing', () => {
  test('is reported all at once, with where it was looked for', async () => {
    mkdirSync(join(root, 'empty'));
    symlinkSync('nowhere', join(root, 'broken.csv'));
    mkdirSync(join(root, 'links'));
    symlinkSync('nowhere', join(root, 'links/x.csv'));
    expect(await failuresAt(['no/such.csv', 'empty', 'empty/*.csv', 'broken.csv', 'links'])).toEqual([
      { reason: 'dataset-missing', path: join(root, 'no/such.csv'), folder: root, lookedFor: 'file' },
      { reason: 'dataset-missing', path: join(root, 'empty'), folder: join(root, 'empty'), lookedFor: 'folder' },
      { reason: 'dataset-missing', path: join(root, 'empty/*.csv'), folder: join(root, 'empty'), lookedFor: 'glob' },
      { reason: 'dataset-missing', path: join(root, 'broken.csv'), folder: root, lookedFor: 'file' },
      { reason: 'dataset-missing', path: join(root, 'links/x.csv'), folder: join(root, 'links'), lookedFor: 'link' },
    ]);
  });

  test('a pipe is no file', async () => {
    execFileSync('mkfifo', [join(root, 'pipe.csv')]);
    expect(await failuresAt(['pipe.csv'])).toEqual([{ reason: 'dataset-not-a-file', path: join(root, 'pipe.csv') }]);
  });

  test.skipIf(process.getuid?.() === 0)('a folder that may not be read is never skipped', async () => {
    files('a.csv', 'closed/b.csv');
    execFileSync('chmod', ['000', join(root, 'closed')]);
    const failures = await failuresAt(['.']);
    execFileSync('chmod', ['700', join(root, 'closed')]);
    expect(failures).toEqual([
      { reason: 'permission-denied', operation: 'read', path: join(root, 'closed'), code: 'EACCES' },
    ]);
  });
});
