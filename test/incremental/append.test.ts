// A dataset that grows, scored by the same command every night (`--if-exists append`): new and changed shards are scored, and
// every row stands in the result once. The nights are one story: each test begins where the one before it ended.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Row, readRows, resultOf } from '../end-to-end/result.ts';
import { buildModel, floats, input, node, output, tensorOf } from '../model/build-onnx.ts';
import { python } from '../python.ts';
import { runCli } from '../run-cli.ts';
import { notedOf, withFault } from '../safety/fault.ts';

let folder = '';
let out = '';
beforeAll(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'scoremill-'));
  out = join(folder, 'out');
  mkdirSync(join(folder, 'data'));
  const graph = [
    node('Mul', ['x', 'two'], ['y']),
    floats('two', [1], [2]),
    input('x', tensorOf(1, 'N')),
    output('y', tensorOf(1, 'N')),
  ];
  writeFileSync(join(folder, 'double.onnx'), buildModel({ graph }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const shardAt = (name: string): string => join(folder, 'data', `${name}.csv`);
/** x is id + 0.5; a row with an id of 1000 or more has no number and is rejected. */
function writeShard(name: string, ids: readonly number[]): void {
  const lines = ids.map((id) => `${id},${id < 1000 ? id + 0.5 : 'none'},${name}\n`);
  writeFileSync(shardAt(name), `id,x,note\n${lines.join('')}`);
}

const words = (command: 'run' | 'plan', ...more: readonly string[]): readonly string[] => [
  ...[command, '--model', join(folder, 'double.onnx'), '--dataset', join(folder, 'data'), '--output', out],
  ...['--if-exists', 'append', '--budget', '1', '--run-id', 'nightly', '--workers', '1', ...more],
];

async function night(...more: readonly string[]): Promise<object> {
  const { exitCode, stdout, stderr } = await runCli(words('run', '--json', ...more));
  expect(exitCode, stderr).toBe(0);
  return JSON.parse(stdout);
}

/** id -> y of all parts, and that no id is there twice. */
async function scores(): Promise<ReadonlyMap<number, number>> {
  const rows = await resultOf(out).rows();
  const found = new Map(rows.map(({ id, y }) => [Number(id), Number(y)]));
  expect(found.size).toBe(rows.length);
  return found;
}
const scored = (...ids: readonly number[]): ReadonlyMap<number, number> => new Map(ids.map((id) => [id, 2 * id + 1]));

const stateOfParts = (): readonly string[] =>
  resultOf(out)
    .partNames()
    .map((name) => `${name} ${statSync(join(out, name)).mtimeMs} ${statSync(join(out, name)).ino}`);

const tableOf = (name: string): Promise<Row[]> => readRows(join(out, '_scoremill', `${name}.parquet`));

describe('night by night', { timeout: 120_000 }, () => {
  test('the first night scores what is there', async () => {
    writeShard('a', [1, 2, 1003]);
    writeShard('b', [11, 12]);
    expect(await night()).toMatchObject({ verdict: 'complete', rows: 5, scored: 4, rejected: 1, total: null });
    expect(await scores()).toEqual(scored(1, 2, 11, 12));
  });

  test('the second night scores the new shard, and touches nothing else; rows count per night and in total', async () => {
    const before = stateOfParts();
    writeShard('c', [21, 1022, 23]);
    const result = await night();
    expect(result).toMatchObject({
      ...{
        runId: 'nightly-2',
        rows: 3,
        scored: 2,
        rejected: 1,
        parts: [{ name: 'part-00001-nightly-2.parquet', rows: 2 }],
      },
      total: { rows: 8, scored: 6, rejected: 2, filtered: 0, written: 6, parts: 2, runs: 2 },
    });
    expect(stateOfParts().slice(0, 1)).toEqual(before);
    expect(await scores()).toEqual(scored(1, 2, 11, 12, 21, 23));
    expect((await tableOf('run')).map((row) => [row.run_id, Number(row.rows), Number(row.rejected)])).toEqual([
      ['nightly', 5, 1],
      ['nightly-2', 3, 1],
    ]);
    expect((await tableOf('rejects')).map((row) => [row.run_id, row.shard, Number(row.row), row.replaced_by])).toEqual([
      ['nightly', shardAt('a'), 2, null],
      ['nightly-2', shardAt('c'), 1, null],
    ]);
  });

  test('a night without anything new does nothing, says so, and leaves with the code that was asked for', async () => {
    const names = resultOf(out).names();
    const { exitCode, stderr } = await runCli(words('run', '--nothing-to-do-code', '99'));
    expect([exitCode, stderr]).toEqual([
      99,
      expect.stringContaining('shards   3 shards, all scored before: nothing is new or changed'),
    ]);
    const planned = await runCli(words('plan', '--json'));
    expect(JSON.parse(planned.stdout)).toMatchObject({ decision: 'already-complete' });
    expect(resultOf(out).names()).toEqual(names);
  });

  test('a plan says of each shard why it is scored or not', async () => {
    rmSync(shardAt('c'));
    writeShard('b', [11, 13, 14]);
    writeShard('d', [31]);
    const { stdout } = await runCli(words('plan'));
    expect(stdout).toContain(`shard    ${shardAt('a')}: unchanged, in a part with one that changed`);
    expect(stdout).toContain(`shard    ${shardAt('b')}: changed since it was scored`);
    expect(stdout).toContain(`shard    ${shardAt('d')}: new`);
    expect(stdout).toContain(`gone     ${shardAt('c')}: its rows stay in the result`);
    expect(stdout).toContain('replace  part-00000-nightly.parquet');
    const json = JSON.parse((await runCli(words('plan', '--json'))).stdout);
    expect(json.growth).toEqual({
      shards: [
        { path: shardAt('a'), state: 'again' },
        { path: shardAt('b'), state: 'changed' },
        { path: shardAt('d'), state: 'new' },
      ],
      gone: [shardAt('c')],
      replaced: ['part-00000-nightly.parquet'],
    });
  });

  test('a changed shard takes the place of its old rows, rows of one that is gone stay, the history says what was replaced', async () => {
    // The engine is killed while it joins the statistics; another one does it.
    const fault = withFault(out, { action: 'SIGKILL', at: { role: 'engine', label: 'send reply' } });
    const { exitCode, stderr } = await runCli(words('run'), fault);
    expect(exitCode, stderr).toBe(0);
    expect(notedOf(out)).toEqual([expect.stringMatching(/^engine \d+ send reply: SIGKILL self$/)]);
    expect(stderr).toContain(`1 shard of the result is gone from the dataset, and the rows are kept: ${shardAt('c')}`);
    expect(await scores()).toEqual(scored(21, 23, 1, 2, 11, 13, 14, 31));
    expect(resultOf(out).partNames()).toEqual(['part-00001-nightly-2.parquet', 'part-00002-nightly-3.parquet']);
    expect((await tableOf('stats')).map((row) => [row.part, Number(row.rows), row.run_id, row.replaced_by])).toEqual([
      ['part-00000-nightly.parquet', 5, 'nightly', 'nightly-3'],
      ['part-00001-nightly-2.parquet', 3, 'nightly-2', null],
      ['part-00002-nightly-3.parquet', 7, 'nightly-3', null],
    ]);
    expect((await tableOf('rejects')).map((row) => [row.run_id, row.shard, row.replaced_by])).toEqual([
      ['nightly', shardAt('a'), 'nightly-3'],
      ['nightly-2', shardAt('c'), null],
      ['nightly-3', shardAt('a'), null],
    ]);
    expect(resultOf(out).manifest().counts).toMatchObject({
      rows: 10,
      scored: 8,
      rejected: 2,
      filtered: 0,
      written: 8,
    });
  });

  test('verify proves all nights from the files, and scores again what is still there', async () => {
    const { exitCode, stdout, stderr } = await runCli(['verify', out, '--rescore', '1000']);
    expect(exitCode, stderr + stdout).toBe(0);
    expect(stdout).toContain('3 runs, the last nightly-3, of job score: 10 rows in = 8 scored + 2 rejected');
    expect(stdout).toContain(
      '7 rows in 1 of 2 splits scored again: bit for bit the same; 1 part cannot be: shards are gone, or have changed',
    );
    const inspected = await runCli(['inspect', out]);
    expect(inspected.stdout).toMatch(/runs {6}\S+ \S+ UTC nightly-3: 7 rows of 3 shards in 1 part/);
  });

  test.skipIf(!python.available)('pyarrow reads the joined tables with one type a column', () => {
    const script = `
import sys, pyarrow.parquet as pq
for name in ('stats', 'run', 'rejects'):
    table = pq.read_table(sys.argv[1] + '/_scoremill/' + name + '.parquet')
    print(name, table.num_rows, [str(f.type) for f in table.schema if f.name.endswith('_at')])`;
    expect(python.run(script, out).trim().split('\n')).toEqual([
      "stats 3 ['timestamp[us, tz=UTC]']",
      "run 3 ['timestamp[us, tz=UTC]', 'timestamp[us, tz=UTC]']",
      'rejects 3 []',
    ]);
  });

  test('text that was guessed to be one type on the first night is that on every night', async () => {
    // Alone, these notes would be read as numbers.
    writeFileSync(shardAt('e'), 'id,x,note\n41,41.5,7\n');
    await night();
    const rows = await resultOf(out).rows();
    expect(rows.find(({ id }) => Number(id) === 41)).toMatchObject({ y: 83, note: '7' });
  });
});

describe('what does not belong together is refused, with the way out', { timeout: 120_000 }, () => {
  const refused = async (...more: readonly string[]): Promise<string> => {
    const before = stateOfParts();
    const { exitCode, stderr } = await runCli(words('run', ...more));
    expect(exitCode, stderr).toBe(73);
    expect(stateOfParts()).toEqual(before);
    expect(existsSync(join(out, '_SUCCESS'))).toBe(true);
    return stderr;
  };

  test('another job', async () => {
    const stderr = await refused('--where', 'id > 0', '--dataset', join(folder, 'double.onnx', '..', 'data/d.csv'));
    expect(stderr).toContain('dataset.where: "id > 0" (was not there)');
    expect(stderr).toMatch(/dataset\.path: .*\(was /);
    expect(stderr).toContain('use --if-exists replace to score everything anew');
    expect(stderr).toContain('one quoted pattern that covers every night');
  });

  test('a file that was renamed: its rows are there already', async () => {
    renameSync(shardAt('e'), shardAt('moved'));
    expect(await refused()).toContain(`${shardAt('moved')} already, from when it was ${shardAt('e')}`);
    renameSync(shardAt('moved'), shardAt('e'));
  });

  test('a changed shard whose part holds rows of one that is gone', async () => {
    renameSync(shardAt('a'), join(folder, 'a.csv'));
    utimesSync(shardAt('b'), new Date(), new Date(Date.now() + 5000));
    expect(await refused()).toContain(
      `part-00002-nightly-3.parquet holds rows of ${shardAt('b')}, ${shardAt('d')}, of which some changed, and of ${shardAt('a')}, which is gone`,
    );
    renameSync(join(folder, 'a.csv'), shardAt('a'));
  });

  test('new shards with other columns', async () => {
    rmSync(shardAt('d'));
    writeFileSync(shardAt('d'), 'id,x,note\n31,31.5,d\n');
    for (const name of ['a', 'b', 'd', 'e']) {
      const [head, ...rows] = readFileSync(shardAt(name), 'utf8').trim().split('\n');
      writeFileSync(shardAt(name), `${head},more\n${rows.map((row) => `${row},1\n`).join('')}`);
    }
    expect(await refused()).toContain('column more: new (BIGINT)');
  });

  test('statistics that are not the ones that were written', async () => {
    const copy = join(folder, 'copy');
    cpSync(out, copy, { recursive: true });
    writeFileSync(join(copy, '_scoremill/stats.parquet'), 'other');
    const { exitCode, stderr } = await runCli([...words('run'), '--output', copy]);
    expect([exitCode, stderr]).toEqual([73, expect.stringContaining('_scoremill/stats.parquet')]);
  });
});
