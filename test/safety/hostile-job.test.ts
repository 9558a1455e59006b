// What a job file, a path or an output folder can try: SQL that reaches beyond the row, names that mean something to a shell, to
// SQL or to a glob, links that lead out of the output folder, YAML that explodes, secrets that come out again.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resultOf } from '../end-to-end/result.ts';
import { runCli } from '../run-cli.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { withFault } from './fault.ts';
import { writeFormatJob } from './format-job.ts';
import { sqlAttacks } from './sql-attacks.ts';
import { isFull } from './sweep.ts';
import { writeTinyJob } from './tiny-job.ts';

describe('SQL in a job that reaches beyond the row is refused before anything runs', () => {
  test.each(['where', 'inputs', 'outputs', 'output.where'] as const)('as %s', { timeout: 300_000 }, async (place) => {
    const here = temporaryFolder();
    const job = await writeFormatJob(join(here, 'data'), 'csv');
    const secret = join(here, 'secret.txt');
    const loot = join(here, 'loot');
    writeFileSync(secret, 'a,b\nclassified,2\n');
    for (const [i, sql] of sqlAttacks(secret, loot).entries()) {
      const out = join(here, `out-${i}`);
      const file = join(here, 'job.yaml');
      const text = JSON.stringify(sql);
      const part = {
        where: `dataset: { path: "data/*.csv", where: ${text} }\n`,
        inputs: `dataset: { path: "data/*.csv" }\ninputs: { x: ${text} }\n`,
        outputs: `dataset: { path: "data/*.csv" }\noutputs: { y: {}, more: { sql: ${text} } }\n`,
        'output.where': 'dataset: { path: "data/*.csv" }\n',
      }[place];
      const filter = place === 'output.where' ? `, where: ${text}` : '';
      writeFileSync(
        file,
        `name: attack\nmodel: { path: data/double.onnx }\n${part}output: { path: "${out}"${filter} }\n`,
      );
      // The parser of expressions is tested with all of them; here some go the whole way, others at each place.
      if (!isFull && i % 14 !== ['where', 'inputs', 'outputs', 'output.where'].indexOf(place)) continue;
      const { exitCode, stdout, stderr } = await runCli(['run', file]);
      expect({ sql, exitCode }, stderr).toEqual({ sql, exitCode: 78 });
      expect(stdout + stderr).not.toContain('classified');
      expect(existsSync(out)).toBe(false);
    }
    expect(existsSync(loot)).toBe(false);
    expect(job.shardPaths.every((path) => existsSync(path))).toBe(true);
  });
});

/** Names that a shell, SQL, a glob, a URL or a terminal would read as something else. */
const names = [
  "it's",
  'two words',
  'line\nbreak',
  'emoji 🦆 ж',
  '[a-z]*?{b,c}',
  '%41 #?&=+;$(touch loot)`x`',
  '"quoted"\\back',
  '..dots',
  '-dash',
  'x'.repeat(240),
  'tab\tand \u001b[31mred',
  "'); DROP TABLE x; --",
];

test.each(isFull ? names : names.slice(0, 8).filter((_, i) => i % 2 === 0))(
  'a dataset, model and output under %j are read and written there and nowhere else',
  async (name) => {
    const here = temporaryFolder();
    const folder = join(here, name);
    const job = await writeFormatJob(join(here, 'plain'), 'parquet', { shards: 2, rowsPerShard: 5 });
    renameSync(join(here, 'plain'), folder);
    const base = (path: string): string => join(folder, path.slice(join(here, 'plain').length));
    const out = join(here, `out ${name}`.slice(0, 250));
    const words = ['run', '--model', base(job.modelPath), '--dataset', folder, '--output', out, '--workers', '1'];
    const { exitCode, stderr } = await runCli(words, { folder: here });
    expect(exitCode, stderr).toBe(0);
    expect((await resultOf(out).rows()).map(({ y }) => y)).toEqual([1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
    expect(readdirSync(here).sort()).toEqual([name, `out ${name}`.slice(0, 250)].sort());
    expect((await runCli(['verify', out, '--rescore', '5'])).exitCode).toBe(0);
  },
);

test('a path with .. leads where it says', async () => {
  const here = temporaryFolder();
  const job = writeTinyJob(join(here, 'a/b'));
  const out = join(here, 'a/b/../../c/../out');
  expect(await runCli(job.words(`${here}/a/b/../../c/../out`))).toMatchObject({ exitCode: 0 });
  expect(resultOf(out).isPublished()).toBe(true);
  expect(readdirSync(here).sort()).toEqual(['a', 'out']);
});

describe('a symbolic link in the output folder is not followed out of it', () => {
  const places = {
    _scoremill: ['_scoremill'],
    'the staging folder': ['_scoremill', 'staging'],
    'the ledger': ['_scoremill', 'ledger.jsonl'],
    'the lock': ['_scoremill', 'lock'],
    'the manifest': ['_scoremill', 'manifest.json'],
    'the statistics': ['_scoremill', 'stats.parquet'],
    _SUCCESS: ['_SUCCESS'],
    'a part': ['part-00000-same.parquet'],
    'a file that is being written': ['_SUCCESS.writing'],
  } as const;

  test.each(Object.entries(places))('as %s', async (_, names) => {
    const here = temporaryFolder();
    const job = writeTinyJob(join(here, 'job'));
    const out = join(here, 'out');
    const outside = join(here, 'outside');
    mkdirSync(join(out, ...names.slice(0, -1)), { recursive: true });
    mkdirSync(outside);
    const target = names.at(-1)!.match(/^(_scoremill|staging)$/) ? outside : join(outside, 'precious');
    if (target !== outside) writeFileSync(target, 'precious');
    symlinkSync(target, join(out, ...names));
    const { exitCode, stderr } = await runCli(job.words(out));
    expect([0, 73], stderr).toContain(exitCode);
    if (exitCode === 73) expect(stderr).toContain(out);
    expect(readdirSync(outside)).toEqual(target === outside ? [] : ['precious']);
    if (target !== outside) expect(readFileSync(target, 'utf8')).toBe('precious');
  });

  test('that takes the place of the staging folder between two attempts', async () => {
    const here = temporaryFolder();
    const job = writeTinyJob(join(here, 'job'));
    const out = join(here, 'out');
    const at = { role: 'engine', label: 'send answer', times: 3 } as const;
    await runCli(job.words(out), withFault(out, { action: 'SIGKILL', at, victims: 'both' }));
    const staging = join(out, '_scoremill/staging');
    const outside = join(here, 'outside');
    renameSync(staging, outside);
    const before = readdirSync(outside).sort();
    symlinkSync(outside, staging);
    expect(await runCli(job.words(out))).toMatchObject({
      exitCode: 73,
      stderr: `error: ${staging} is a symbolic link, and scoremill writes nothing through one; remove it, or give another output folder\n`,
    });
    expect(readdirSync(outside).sort()).toEqual(before);
  });
});

describe('a job file that is a trap', () => {
  async function refusedJob(
    text: string | Buffer,
  ): Promise<{ readonly exitCode: number | null; readonly stderr: string }> {
    const file = join(temporaryFolder(), 'job.yaml');
    writeFileSync(file, text);
    const { exitCode, stderr } = await runCli(['plan', file], { timeoutMs: 10_000 });
    return { exitCode, stderr: stderr.replaceAll(file, 'job.yaml') };
  }

  test('with aliases of aliases of aliases is refused at once', async () => {
    const levels = Array.from(
      { length: 30 },
      (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(', ')}]`,
    );
    expect(await refusedJob(`a0: &a0 [lol]\n${levels.join('\n')}\n`)).toEqual({
      exitCode: 78,
      stderr: 'error: job.yaml: aliases (*name) repeat more than 100 values; write them out\n',
    });
  });

  test('nested ten thousand deep, or with a value inside itself, is refused', async () => {
    expect(await refusedJob(`name: ${'['.repeat(10_000)}${']'.repeat(10_000)}\n`)).toMatchObject({ exitCode: 78 });
    expect(await refusedJob('name: &a [*a]\n')).toMatchObject({ exitCode: 78 });
  });

  test('of 100 MB is not read', async () => {
    const file = join(temporaryFolder(), 'job.yaml');
    writeFileSync(file, '# ');
    truncateSync(file, 100_000_000);
    expect(await runCli(['plan', file], { timeoutMs: 10_000 })).toMatchObject({
      exitCode: 66,
      stderr: `error: ${file}: has more than 1 MiB, too much for a job file\n`,
    });
  });

  test('with keys of the language does not change how scoremill works', async () => {
    const { exitCode, stderr } = await refusedJob('__proto__: { name: x }\nconstructor: 1\nname: x\n');
    expect({ exitCode, isBug: stderr.includes('internal') }).toEqual({ exitCode: 78, isBug: false });
  });
});

/** Everything that a run left or said. */
const everythingSaid = (out: string): string =>
  readdirSync(out, { recursive: true, encoding: 'utf8' })
    .map((name) => join(out, name))
    .filter((path) => !readdirSyncOrNull(path))
    .map((path) => readFileSync(path, 'latin1'))
    .join('\n');

function readdirSyncOrNull(path: string): readonly string[] | null {
  try {
    return readdirSync(path);
  } catch {
    return null;
  }
}

test('values of the environment that the job does not name are nowhere in what a run says and leaves', async () => {
  const here = realpathSync(temporaryFolder());
  const job = writeTinyJob(join(here, 'job'));
  const out = join(here, 'out');
  const environment = { DB_PASSWORD: 'hunter2-in-the-clear', AWS_SECRET_ACCESS_KEY: 'hunter2-in-the-cloud' };
  const { exitCode, stdout, stderr } = await runCli([...job.words(out), '--json', '--log-format', 'json'], {
    environment,
  });
  expect(exitCode, stderr).toBe(0);
  expect(stdout + stderr + everythingSaid(out)).not.toContain('hunter2');
  const failed = await runCli([...job.words(join(here, 'other')), '--model', join(here, 'none')], { environment });
  expect(failed.exitCode).toBe(66);
  expect(failed.stderr).not.toContain('hunter2');
  rmSync(here, { recursive: true });
  mkdirSync(here);
});
