// Runs that are stopped, killed, started twice or changed in between: nothing partial is visible, nothing is lost, and the
// same command finishes with the same bytes.
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildModel, input, integersAttribute, message, node, output, tensorOf, text } from '../model/build-onnx.ts';
import { runCli } from '../run-cli.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { resultOf } from './result.ts';
import { startRun } from './started-run.ts';

const isLinux = process.platform === 'linux';
const sample = resolve(import.meta.dirname, '../../sample-data/credit-risk');

// One shard in 8 splits, and one row a call to make them last.
const words = (out: string, ...more: string[]): string[] => [
  ...['run', 'jobs/credit-risk.yaml', '--dataset', join(sample, 'data/applications-0.parquet'), '--workers', '2'],
  ...['--output', out, '--run-id', 'same', '--rows-per-file', '2000', '--batch-rows', '1', ...more],
];
const splits = 8;

let folder = '';
let expected: readonly string[] = [];
beforeAll(async () => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'scoremill-'));
  expect((await runCli(words(join(folder, 'whole')))).exitCode).toBe(0);
  expected = resultOf(join(folder, 'whole')).partHashes();
  expect(expected).toHaveLength(splits);
});
afterAll(() => rmSync(folder, { recursive: true }));

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await sleep(10);
};
const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const inMeta = (out: string, name: string): string => join(out, '_scoremill', name);

describe.each([
  { signal: 'SIGINT', code: 130 },
  { signal: 'SIGTERM', code: 143 },
] as const)('$signal while scoring', ({ signal, code }) => {
  test(`ends with ${code} when the workers are done with their batches, and the same command finishes`, async () => {
    const out = join(temporaryFolder(), 'out');
    const run = startRun(words(out));
    await run.until('split-finished');
    run.process.kill(signal);
    const { exitCode, stderr } = await run.ended;

    const finished = run.events.filter(({ event }) => event === 'split-finished').length;
    expect(exitCode).toBe(code);
    expect(finished).toBeLessThan(splits);
    expect(stderr).toContain(`${signal}: stopping after the batches that are being scored; run the same command again`);
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(
      'error: the run was interrupted; run the same command again to finish it',
    );
    const result = resultOf(out);
    expect({ parts: result.partNames(), isPublished: result.isPublished() }).toEqual({ parts: [], isPublished: false });
    expect({ lock: existsSync(inMeta(out, 'lock')), ledger: existsSync(inMeta(out, 'ledger.jsonl')) }).toEqual({
      lock: false,
      ledger: true,
    });

    const again = startRun(words(out));
    expect((await again.ended).exitCode).toBe(0);
    expect(again.events[0]).toMatchObject({ event: 'run-started', resumedSplits: finished, splits });
    expect(result.partHashes()).toEqual(expected);
    expect(result.isPublished()).toBe(true);
    expect(result.names().filter((name) => !name.startsWith('part-'))).toEqual([
      '_SUCCESS',
      '_scoremill',
      '_scoremill/columns.parquet',
      '_scoremill/manifest.json',
      '_scoremill/rejects.parquet',
      '_scoremill/report.html',
      '_scoremill/run.parquet',
      '_scoremill/stats.parquet',
    ]);
  });
});

test.skipIf(!isLinux)('SIGINT in preflight ends the run at once and without a trace', async () => {
  const out = join(temporaryFolder(), 'out');
  const run = startRun(words(out));
  await until(() => existsSync(inMeta(out, 'lock')) && run.children().length > 0);
  // However long preflight may take.
  const [engine] = run.children();
  process.kill(engine, 'SIGSTOP');
  run.process.kill('SIGINT');
  const { exitCode, stderr } = await run.ended;
  expect({ exitCode, last: stderr.trimEnd().split('\n').at(-1) }).toEqual({
    exitCode: 130,
    last: 'error: the run was interrupted; run the same command again to finish it',
  });
  await until(() => !isRunning(engine));
  expect(existsSync(out)).toBe(false);
});

test.skipIf(!isLinux)(
  'a second SIGINT does not wait for the batches, and the next run finds the lock free',
  async () => {
    const here = temporaryFolder();
    const out = join(here, 'out');
    // One call of several seconds: 2,048 rows through 24 products with a matrix of 1,600 x 1,600.
    const weights = node('ConstantOfShape', ['shape'], ['weights']);
    const products = Array.from({ length: 24 }, (_, i) => node('MatMul', [`x${i}`, 'weights'], [`x${i + 1}`]));
    writeFileSync(
      join(here, 'slow.onnx'),
      buildModel({
        graph: [
          node('Constant', [], ['shape'], { attributes: [integersAttribute('value_ints', [1600, 1600])] }),
          node('Constant', [], ['widths'], { attributes: [integersAttribute('value_ints', [1, 1600])] }),
          weights,
          node('Tile', ['x', 'widths'], ['x0']),
          ...products,
          node('ReduceMax', ['x24'], ['y'], { attributes: [integersAttribute('axes', [1])] }),
          input('x', tensorOf(1, null, 1)),
          output('y', tensorOf(1, null, 1)),
        ],
      }),
    );
    writeFileSync(join(here, 'rows.csv'), `x\n${'1\n'.repeat(2048)}`);
    const slow = ['run', '--model', join(here, 'slow.onnx'), '--dataset', join(here, 'rows.csv'), '--output', out];
    const run = startRun([...slow, '--batch-rows', '2048', '--workers', '1']);
    await run.until('run-started');
    const engine = run.engine();
    run.process.kill('SIGINT');
    await run.untilSaid('once more to end at once');
    run.process.kill('SIGINT');
    expect(await run.ended).toMatchObject({ exitCode: 130, signal: null });
    expect(run.events.map(({ event }) => event)).not.toContain('split-finished');
    await until(() => !isRunning(engine));
    expect({ lock: existsSync(inMeta(out, 'lock')), ledger: existsSync(inMeta(out, 'ledger.jsonl')) }).toEqual({
      lock: false,
      ledger: true,
    });

    const { exitCode } = await runCli([...slow, '--batch-rows', '2048', '--workers', '1']);
    expect({ exitCode, names: resultOf(out).names().includes('_scoremill/lock') }).toEqual({
      exitCode: 0,
      names: false,
    });
  },
);

test.skipIf(!isLinux)('a second run of the same output leaves at once and names the first', async () => {
  const out = join(temporaryFolder(), 'out');
  const first = startRun(words(out));
  await first.until('run-started');
  first.process.kill('SIGSTOP');
  const { exitCode, stderr } = await runCli(words(out));
  first.process.kill('SIGCONT');

  expect(exitCode).toBe(75);
  const { createdMs } = JSON.parse(readFileSync(inMeta(out, 'lock'), 'utf8'));
  const since = new Date(createdMs).toISOString();
  expect(stderr).toBe(
    `error: output ${out} is in use by process ${first.process.pid} on host ${hostname()} since ${since}; wait until it is done, or stop it\n`,
  );
  expect((await first.ended).exitCode).toBe(0);
  expect(resultOf(out).partHashes()).toEqual(expected);
});

describe('an unfinished run', () => {
  let out = '';
  let own: string[] = [];
  const model = () => join(folder, 'model.onnx');
  const shard = () => join(folder, 'data/shard.parquet');
  const modified = new Date('2026-01-31T12:00:00Z');
  const restore = (): void => {
    cpSync(join(sample, 'model.onnx'), model());
    cpSync(join(sample, 'data/applications-0.parquet'), shard());
    utimesSync(shard(), modified, modified);
  };
  beforeAll(async () => {
    out = join(folder, 'unfinished');
    restore();
    own = [...words(out), '--model', model(), '--dataset', shard()];
    own.splice(own.indexOf('--dataset'), 2);
    const run = startRun(own);
    await run.until('split-finished', 2);
    run.process.kill('SIGKILL');
    await run.ended;
  });

  const refused = async (...more: string[]): Promise<string> => {
    const before = resultOf(out).names();
    const { exitCode, stderr } = await runCli([...own, ...more]);
    expect(exitCode).toBe(73);
    // The lock of the killed run is taken over and given back.
    expect(resultOf(out).names()).toEqual(before.filter((name) => name !== '_scoremill/lock'));
    return stderr;
  };
  const refusal = (...changes: string[]): string =>
    [
      `error: output ${out} holds an unfinished run that differs from this one:`,
      ...changes.map((change) => `  ${change}`),
      'undo the change to resume it, or run with --fresh to start over\n',
    ].join('\n');

  test('leaves its lock behind when it was killed', () => {
    expect(existsSync(inMeta(out, 'lock'))).toBe(true);
  });

  test('is not resumed by another job', async () => {
    expect(await refused('--keep', 'customer_id', '--compression', 'snappy')).toBe(
      refusal(
        'keep: ["customer_id"] (was ["customer_id","application_date","amount"])',
        'output.compression: "snappy" (was "zstd")',
      ),
    );
  });

  test('is not resumed with another model', async () => {
    appendFileSync(model(), message(14, text(1, 'trained'), text(2, 'again')));
    const found = await refused();
    restore();
    expect(found).toMatch(/^ {2}model file: \S+model\.onnx [0-9a-f]{12} \(was \S+model\.onnx [0-9a-f]{12}\)$/m);
    expect(found.split('\n')).toHaveLength(4);
  });

  test('is not resumed when a shard has changed', async () => {
    utimesSync(shard(), modified, new Date('2026-02-01T12:00:00Z'));
    const found = await refused();
    restore();
    const { length } = readFileSync(shard());
    expect(found).toBe(
      refusal(
        `shard ${shard()}: ${length} bytes, modified 2026-02-01T12:00:00.000Z (was ${length} bytes, modified 2026-01-31T12:00:00.000Z)`,
      ),
    );
  });

  test('is started over by a changed job when told so', async () => {
    const copy = join(folder, 'fresh');
    cpSync(out, copy, { recursive: true });
    const run = startRun([...own, '--output', copy, '--keep', 'customer_id', '--fresh']);
    expect((await run.ended).exitCode).toBe(0);
    expect(run.events[0]).toMatchObject({ event: 'run-started', resumedSplits: 0, splits });
    expect(Object.keys((await resultOf(copy).rows())[0])).toEqual(['customer_id', 'decision', 'p_good', 'p_bad']);
  });

  test('goes on by itself when all is as it was', async () => {
    const run = startRun(own);
    expect((await run.ended).exitCode).toBe(0);
    expect(run.events[0]).toMatchObject({ event: 'run-started', runId: 'same', splits });
    expect(run.events[0].resumedSplits).toBeGreaterThanOrEqual(2);
    expect(
      resultOf(out)
        .manifest()
        .parts.map(({ rows }) => rows),
    ).toEqual(
      resultOf(join(folder, 'whole'))
        .manifest()
        .parts.map(({ rows }) => rows),
    );
    expect(await resultOf(out).rows()).toEqual(await resultOf(join(folder, 'whole')).rows());
  });
});
