// `scoremill verify` on a result that is right, and on copies of it that are spoilt in every way it must find.
import { mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { layoutOf } from '../../src/commit/layout.ts';
import { acquireLock } from '../../src/commit/lock.ts';
import { runCli } from '../run-cli.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { copyOf, type FinishedRun, finishedRun } from './finished-run.ts';
import { manifestOf, manifestText, rewriteManifest, rewritePart } from './spoil.ts';

let run: FinishedRun;
beforeAll(async () => {
  run = await finishedRun();
});
afterAll(() => run.remove());

const verify = (output: string, ...words: string[]) => runCli(['verify', output, ...words]);
const part = (index: number): string => `part-0000${index}-made-for-tests.parquet`;

/** The problems that verify finds in a copy once it is spoilt. */
async function problemsOf(spoil: (copy: string) => unknown): Promise<readonly string[]> {
  const copy = copyOf(run);
  await spoil(copy);
  const { exitCode, stderr } = await verify(copy);
  expect(exitCode).toBe(80);
  const prefix = `error: ${copy}: `;
  return stderr
    .trimEnd()
    .split('\n')
    .map((line) => (line.startsWith(prefix) ? line.slice(prefix.length).replaceAll(copy, 'COPY') : line));
}

describe('a result that is right', () => {
  test('has one line for each group of checks', async () => {
    const { exitCode, stdout, stderr } = await verify(run.output);
    expect([exitCode, stderr]).toEqual([0, '']);
    const size = /9 parts, ([\d.]+ kB)/.exec(stdout)?.[1];
    expect(stdout.split('\n')).toEqual([
      'ok      manifest   run made-for-tests of job score: 1,797 rows in = 1,797 scored + 0 rejected',
      'ok      folder     _SUCCESS is there, and no files that do not belong to the result',
      `ok      parts      9 parts, ${size}: size and sha256 are those of the manifest`,
      'ok      footers    1,797 rows in 9 parts, 4 columns: as the manifest says',
      'ok      statistics stats.parquet, run.parquet, columns.parquet: as written, and the counts are those of the manifest',
      'ok      report     _scoremill/report.html is of this run',
      `${run.output} is right`,
      '',
    ]);
  });

  test('prints nothing with --quiet, and the same as JSON with --json', async () => {
    expect(await verify(run.output, '--quiet')).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
    const { stdout } = await verify(run.output, '--json');
    const { checks, ...rest } = JSON.parse(stdout);
    expect(rest).toEqual({ output: run.output, runId: 'made-for-tests', right: true, failures: [] });
    expect(checks.map((check: { check: string; right: boolean }) => [check.check, check.right])).toEqual([
      ['manifest', true],
      ['folder', true],
      ['parts', true],
      ['footers', true],
      ['statistics', true],
      ['report', true],
    ]);
  });

  test('with rejects has them counted too', async () => {
    const output = join(temporaryFolder(), 'scored');
    await runCli(['run', 'jobs/recommendation.yaml', '--output', output, '--quiet']);
    const { exitCode, stdout } = await verify(output, '--rescore', '1');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('50,000 rows in = 49,997 scored + 3 rejected\n');
    expect(stdout).toContain('stats.parquet, run.parquet, columns.parquet, rejects.parquet: as written');
    expect(stdout).toContain('scored again: bit for bit the same\n');
  });
});

describe('files', () => {
  test('that are missing, changed, cut, replaced or too many are all named', async () => {
    const problems = await problemsOf((copy) => {
      rmSync(join(copy, part(0)));
      truncateSync(join(copy, part(1)), 100);
      rmSync(join(copy, part(3)));
      symlinkSync(join(run.output, part(3)), join(copy, part(3)));
      rmSync(join(copy, '_SUCCESS'));
      writeFileSync(join(copy, 'notes.csv'), 'a,b\n');
      rmSync(join(copy, '_scoremill/stats.parquet'));
    });
    expect(problems.map((problem) => problem.replace(/\d+ were written/, 'N were written'))).toEqual([
      'folder: _SUCCESS is missing: a reader that waits for it will wait forever',
      'folder: notes.csv does not belong to the result, and readers of the folder will take it for data',
      `parts: ${part(0)} is missing`,
      `parts: ${part(1)} has 100 bytes, and N were written`,
      `parts: ${part(3)} is a symbolic link, not a file`,
      expect.stringMatching(new RegExp(`^footers: ${part(1)} cannot be read: .*`)),
      'statistics: _scoremill/stats.parquet is missing',
    ]);
  });

  test('of the right size with other bytes are found by their hash', async () => {
    const [problem, ...others] = await problemsOf((copy) => {
      const { buffer } = new Uint8Array(8).fill(7);
      writeFileSync(join(copy, part(2)), new Uint8Array(buffer), { flag: 'r+' });
    });
    expect(problem).toMatch(
      new RegExp(
        `^parts: ${part(2)} was changed: its sha256 is [0-9a-f]{12}\\.\\.\\., and [0-9a-f]{12}\\.\\.\\. was written$`,
      ),
    );
    expect(others).toEqual([]);
  });

  test('that swapped their names are found', async () => {
    const problems = await problemsOf((copy) => {
      renameSync(join(copy, part(0)), join(copy, 'other'));
      renameSync(join(copy, part(1)), join(copy, part(0)));
      renameSync(join(copy, 'other'), join(copy, part(1)));
    });
    expect(problems).toHaveLength(2);
  });
});

describe('contents that agree with their hashes and not with the manifest', () => {
  test('are parts with fewer rows, other columns or of another run', async () => {
    const problems = await problemsOf(async (copy) => {
      await rewritePart(copy, 0, 'SELECT * FROM part LIMIT 200');
      await rewritePart(copy, 1, 'SELECT * EXCLUDE (written) FROM part');
      await rewritePart(copy, 2, 'SELECT * REPLACE (digit::VARCHAR AS digit) FROM part');
      await rewritePart(copy, 3, 'SELECT * FROM part', { 'scoremill.run': 'another' });
    });
    expect(problems).toEqual([
      `footers: ${part(0)} has 200 rows, and 256 were written`,
      `footers: ${part(1)} has the columns image_id, digit, probabilities, and the result has image_id, written, digit, probabilities`,
      `footers: ${part(2)} has the column "digit" as VARCHAR, unlike the first part`,
      `footers: ${part(3)} is a part of run another, not of made-for-tests`,
    ]);
  });

  test('are counts that do not add up', async () => {
    const problems = await problemsOf((copy) =>
      rewriteManifest(copy, (manifest) => ({ ...manifest, counts: { ...manifest.counts, rejected: 1 } })),
    );
    expect(problems).toEqual([
      'manifest: counts.rows is 1797 and must be 1798: scored + rejected + filtered',
      'manifest: rejected of run made-for-tests is 0 and must be 1: no other run made any of the result',
      'statistics: the manifest names no rejects.parquet',
      'statistics: the sum of rejected in stats.parquet is 0, and the manifest says 1',
      'statistics: rejected in run.parquet is 0, and the manifest says 1',
    ]);
  });

  test('are manifests that were edited or cut', async () => {
    const edited = await problemsOf((copy) =>
      writeFileSync(layoutOf(copy).manifest, manifestText(copy).replace('"scored": 1797', '"scored": 1796')),
    );
    const cut = await problemsOf((copy) => truncateSync(layoutOf(copy).manifest, 500));
    const problem = 'manifest: COPY/_scoremill/manifest.json cannot be trusted: its checksum does not fit its content';
    expect([edited, cut]).toEqual([[problem], [problem]]);
  });
});

describe('scoring again', () => {
  test('takes whole splits until enough rows are covered, and says how many', async () => {
    const { exitCode, stdout } = await verify(run.output, '--rescore', '300');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^ok {6}rescore {4}512 rows in 2 of 9 splits scored again: bit for bit the same$/m);
  });

  test('names the first row and column that differ, and how far values are apart', async () => {
    const copy = copyOf(run);
    const name = await rewritePart(
      copy,
      1,
      'SELECT * REPLACE (CASE WHEN image_id = (SELECT image_id FROM part LIMIT 1 OFFSET 17) THEN digit + 3 ELSE digit END AS digit) FROM part',
    );
    const { exitCode, stdout, stderr } = await verify(copy, '--rescore', '100000', '--quiet');
    expect([exitCode, stdout]).toEqual([80, '']);
    const [error, ...others] = stderr.trimEnd().split('\n');
    expect(others).toEqual([]);
    const pattern = `^error: ${copy}: rescore: ${name}: column "digit" differs in 1 row, at most 3 apart; the first is row 17 \\(from 0\\): (\\d+) in the file, (\\d+) when scored again$`;
    const [, inFile, again] = new RegExp(pattern).exec(error) ?? [];
    expect(Number(inFile)).toBe(Number(again) + 3);
  });

  test('tells bytes from values', async () => {
    const copy = copyOf(run);
    const name = await rewritePart(copy, 2, 'SELECT * FROM part');
    const { exitCode, stderr } = await verify(copy, '--rescore', '100000', '--quiet');
    expect([exitCode, stderr]).toEqual([
      80,
      `error: ${copy}: rescore: ${name}: every value is the same, but the bytes of the file are not\n`,
    ]);
    await rewriteManifest(copy, (manifest) => ({ ...manifest, versions: { ...manifest.versions, duckdb: '0.0.1' } }));
    const tolerant = await verify(copy, '--rescore', '100000');
    expect(tolerant.exitCode).toBe(0);
    expect(tolerant.stdout).toMatch(
      /1,797 rows in 9 of 9 splits scored again: every value is the same; made by other versions: duckdb \S+ \(was 0\.0\.1\)\n/,
    );
  });

  test('is skipped when the files are not right', async () => {
    const copy = copyOf(run);
    rmSync(join(copy, '_SUCCESS'));
    const { exitCode, stdout } = await verify(copy, '--rescore', '10');
    expect(exitCode).toBe(80);
    expect(stdout).toContain('SKIPPED rescore    not done: the files are not right\n');
    expect(stdout).toContain(`${copy} is NOT right: do not use it.`);
  });

  test('is refused when shards have changed, and all of them are named', async () => {
    const { dataset } = await manifestOf(run.output);
    const [first, second] = dataset.shards;
    const added = join(run.data, 'more.parquet');
    const away = join(run.data, '..', 'away');
    const seconds = first.modifiedMs / 1000;
    utimesSync(first.path, seconds, seconds + 60);
    renameSync(second.path, away);
    writeFileSync(added, 'x');
    try {
      const { exitCode, stdout, stderr } = await verify(run.output, '--rescore', '10');
      expect(exitCode).toBe(66);
      expect(stdout).toContain(`${run.output}: the files are right; its rows could not be scored again\n`);
      expect(stderr.replace(/modified \S+Z/g, 'modified T').split('\n')).toEqual([
        `error: ${run.output} cannot be scored again, because what it was made from has changed:`,
        `  shard ${first.path}: ${first.fileBytes} bytes, modified T (was ${first.fileBytes} bytes, modified T)`,
        `  shard ${added}: new`,
        `  shard ${second.path}: gone`,
        'put the files back as they were (sizes and times of modification included), or verify without --rescore',
        '',
      ]);
    } finally {
      utimesSync(first.path, seconds, seconds);
      renameSync(away, second.path);
      rmSync(added);
    }
  });

  test('is refused when the model has changed or is gone', async () => {
    const away = `${run.model}.away`;
    renameSync(run.model, away);
    try {
      const gone = await verify(run.output, '--rescore', '10', '--quiet');
      expect(gone).toMatchObject({ exitCode: 66, stderr: expect.stringContaining(`no model at ${run.model}`) });
      const other = join(import.meta.dirname, '../../sample-data/medical-diagnosis/model.onnx');
      symlinkSync(other, run.model);
      const changed = await verify(run.output, '--rescore', '10', '--quiet');
      expect(changed.exitCode).toBe(66);
      expect(changed.stderr).toMatch(
        /\n {2}model \S+model\.onnx: sha256 [0-9a-f]{12}\.\.\. \(was [0-9a-f]{12}\.\.\.\)\n/,
      );
    } finally {
      rmSync(run.model, { force: true });
      renameSync(away, run.model);
    }
  });
});

describe('a folder without a finished result', () => {
  test('is named for what it is', async () => {
    const folder = temporaryFolder();
    const next = 'give the folder that a run wrote to (output.path of the job, or --output)';
    const absent = await verify(join(folder, 'nothing'));
    expect(absent).toMatchObject({
      exitCode: 66,
      stderr: `error: ${folder}/nothing: there is no such folder; ${next}\n`,
    });
    const empty = await verify(folder);
    expect(empty).toMatchObject({ exitCode: 66, stderr: `error: ${folder}: the folder holds no result; ${next}\n` });
    mkdirSync(join(folder, 'data'));
    const foreign = await verify(folder, '--json');
    expect(foreign.exitCode).toBe(66);
    expect(JSON.parse(foreign.stdout)).toEqual({
      output: folder,
      runId: null,
      right: false,
      checks: [],
      failures: [
        {
          reason: 'output-absent',
          exitCode: 66,
          message: `${folder}: the folder holds no result of scoremill (no _scoremill/manifest.json); ${next}`,
        },
      ],
    });
  });

  test('may hold a run that has ended without being finished, or one that is going on', async () => {
    const output = join(temporaryFolder(), 'scored');
    const ended = await runCli([
      'run',
      'jobs/recommendation.yaml',
      '--output',
      output,
      '--budget',
      '0',
      '--run-id',
      'over',
    ]);
    expect(ended.exitCode).toBe(65);
    const left = await verify(output);
    expect(left.exitCode).toBe(80);
    expect(left.stderr).toMatch(
      /^error: \S+ is unfinished: run over ended with \d+ splits? done and published nothing; start the same run again to finish it\n$/,
    );
    await using _lock = await acquireLock(layoutOf(output));
    const held = await verify(output);
    expect(held.exitCode).toBe(80);
    expect(held.stderr).toMatch(
      new RegExp(`is being written by process ${process.pid} on host \\S+; wait until it is done\n$`),
    );
  });
});
