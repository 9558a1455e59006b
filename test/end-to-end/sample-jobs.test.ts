// The jobs that come with the project, run as their README says: predictions equal those of Python's onnxruntime.
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../run-cli.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { type Row, readRows, resultOf } from './result.ts';

const root = resolve(import.meta.dirname, '../..');
const tolerance = 1e-6;

interface Expected {
  readonly rows: number;
  readonly scored: number;
  readonly rejected: number;
  readonly rejectedRows: readonly number[];
}
const expected: Readonly<Record<string, Expected>> = JSON.parse(
  readFileSync(join(root, 'sample-data/expected.json'), 'utf8'),
);

interface SampleJob {
  readonly job: string;
  readonly sample: string;
  readonly columns: readonly string[];
  /** The reasons of the rejects, in row order. */
  readonly reasons: readonly string[];
}
const jobs: readonly SampleJob[] = [
  {
    job: 'credit-risk',
    sample: 'credit-risk',
    columns: ['customer_id', 'application_date', 'amount', 'decision', 'p_good', 'p_bad'],
    reasons: 'age purpose age age age amount amount amount purpose purpose age purpose'
      .split(' ')
      .map((column) => `null: column ${column}`),
  },
  {
    job: 'medical-diagnosis',
    sample: 'medical-diagnosis',
    columns: ['patient_id', 'biopsy', 'output_label', 'output_probability_benign', 'output_probability_malignant'],
    reasons: [],
  },
  { job: 'digits', sample: 'digits', columns: ['image_id', 'written', 'digit', 'probabilities'], reasons: [] },
  { job: 'digits-pixels', sample: 'digits', columns: ['image_id', 'written', 'digit', 'probabilities'], reasons: [] },
  {
    job: 'text-classification',
    sample: 'text-classification',
    columns: ['ticket_id', 'received_at', 'team', 'topic', 'p_billing', 'p_technical'],
    reasons: ['null: column lower(text)', 'null: column lower(text)', 'malformed-line: column null'],
  },
  {
    job: 'recommendation',
    sample: 'recommendation',
    columns: ['user_id', 'item_id', 'source', 'score'],
    reasons: Array(3).fill('inference-failed: column null'),
  },
];

const jobPath = (job: string): string => join('jobs', `${job}.yaml`);

describe.each(jobs)('job $job', ({ job, sample, columns, reasons }) => {
  test('scores every row as onnxruntime does, and gives the listed rows as rejects', async () => {
    const output = join(temporaryFolder(), 'out');
    const { exitCode, stdout } = await runCli(['run', jobPath(job), '--output', output, '--json']);

    const { rows, scored, rejected, rejectedRows } = expected[sample];
    expect({ exitCode, ...pick(JSON.parse(stdout), ['verdict', 'rows', 'scored', 'rejected', 'filtered']) }).toEqual({
      exitCode: 0,
      verdict: 'complete',
      rows,
      scored,
      rejected,
      filtered: 0,
    });
    const result = resultOf(output);
    const found = await result.rows();
    expect(Object.keys(found[0])).toEqual(columns);
    expect(differences(await readRows(join(root, 'sample-data', sample, 'expected.parquet')), found)).toEqual([]);

    const rejects = await result.rejects();
    const firstRows = firstRowOfShards(result.manifest().dataset.shards);
    expect(rejects.map(({ shard, row }) => firstRows[String(shard)] + Number(row))).toEqual(rejectedRows);
    expect(rejects.map(({ reason, column }) => `${reason}: column ${column}`)).toEqual(reasons);
  });
});

test('kept columns stand beside the predictions of their own rows', async () => {
  const output = join(temporaryFolder(), 'out');
  await runCli(['run', jobPath('credit-risk'), '--output', output]);

  const result = resultOf(output);
  const rejected = new Set(expected['credit-risk'].rejectedRows);
  const given: Row[] = [];
  for (const { path } of result.manifest().dataset.shards) given.push(...(await readRows(path)));
  const kept = ['customer_id', 'application_date', 'amount'];
  const wanted = given.filter((_, row) => !rejected.has(row)).map((row) => pick(row, kept));
  const found = (await result.rows()).map((row) => pick(row, kept));
  expect(found).toEqual(wanted);
});

describe('a result that is complete', () => {
  let folder = '';
  let output = '';
  const words = (...more: string[]) => ['run', jobPath('digits'), '--output', output, ...more];
  beforeAll(async () => {
    folder = mkdtempSync(join(realpathSync(tmpdir()), 'scoremill-'));
    output = join(folder, 'out');
    await runCli(words('--run-id', 'first'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('is left alone in less than a second', async () => {
    const before = resultOf(output).partHashes();
    const durationsMs: number[] = [];
    for (let attempt = 0; attempt < 3; attempt++) {
      const startedMs = performance.now();
      const { exitCode, stderr } = await runCli(words());
      durationsMs.push(performance.now() - startedMs);
      expect({ exitCode, first: stderr.split('\n')[0] }).toEqual({
        exitCode: 0,
        first: `already complete: ${output} holds 1,797 scored rows in 1 part; nothing was done`,
      });
    }
    // The best of three, since other tests use the machine too.
    expect(Math.min(...durationsMs)).toBeLessThan(1000);
    expect(resultOf(output).partHashes()).toEqual(before);
  });

  test('ends with the code that the scheduler wants for nothing to do', async () => {
    const { exitCode, stdout } = await runCli(words('--nothing-to-do-code', '99', '--json'));
    expect({ exitCode, ...pick(JSON.parse(stdout), ['verdict', 'rows', 'scored', 'rejected']) }).toEqual({
      exitCode: 99,
      verdict: 'already-complete',
      rows: 1797,
      scored: 1797,
      rejected: 0,
    });
  });

  test('makes the run fail when told so', async () => {
    const before = resultOf(output).names();
    const { exitCode, stderr } = await runCli(words('--if-exists', 'fail'));
    expect(exitCode).toBe(73);
    expect(stderr).toMatch(
      /^error: output .*out already holds a complete result \(run first, finished [-\dT:.]+Z\); use --if-exists replace to replace it, or give another output folder\n$/,
    );
    expect(resultOf(output).names()).toEqual(before);
  });

  test('of another job is not mistaken for this one', async () => {
    const { exitCode, stderr } = await runCli(words('--keep', 'image_id'));
    expect({ exitCode, stderr }).toEqual({
      exitCode: 73,
      stderr:
        `error: output ${output} holds a complete result of another job, model or input:\n` +
        '  keep: ["image_id"] (was ["image_id","written"])\n' +
        'use --if-exists replace to replace it, or give another output folder\n',
    });
  });

  test('is replaced by a new run when told so', async () => {
    const { exitCode } = await runCli(words('--run-id', 'second', '--if-exists', 'replace'));
    const { partNames, manifest, isPublished } = resultOf(output);
    expect({ exitCode, parts: partNames(), runId: manifest().runId, isPublished: isPublished() }).toEqual({
      exitCode: 0,
      parts: ['part-00000-second.parquet'],
      runId: 'second',
      isPublished: true,
    });
  });
});

/** The first differences between expected rows, which name only the result columns, and the rows of a result. */
function differences(wanted: readonly Row[], found: readonly Row[]): readonly string[] {
  if (wanted.length !== found.length) return [`${wanted.length} rows expected, ${found.length} found`];
  return wanted
    .flatMap((row, index) =>
      Object.entries(row)
        .filter(([name, value]) => name !== 'row' && !isSame(value, found[index][name]))
        .map(([name, value]) => `row ${row.row}: ${name} is ${found[index][name]}, expected ${value}`),
    )
    .slice(0, 10);
}

function isSame(wanted: unknown, found: unknown): boolean {
  if (Array.isArray(wanted)) {
    return Array.isArray(found) && wanted.length === found.length && wanted.every((one, i) => isSame(one, found[i]));
  }
  if (typeof wanted === 'number') return typeof found === 'number' && Math.abs(wanted - found) <= tolerance;
  return wanted === found;
}

function firstRowOfShards(shards: readonly { readonly path: string; readonly rows: number }[]): Record<string, number> {
  const first: Record<string, number> = {};
  let row = 0;
  for (const { path, rows } of shards) {
    first[path] = row;
    row += rows;
  }
  return first;
}

const pick = (row: Row, names: readonly string[]): Row => Object.fromEntries(names.map((name) => [name, row[name]]));
