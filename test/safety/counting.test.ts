// Every row is accounted for: what a run counts is checked before it publishes, a finished result is proved again from its
// files alone, and no byte of it can change unnoticed.
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { layoutOf } from '../../src/commit/layout.ts';
import { readManifest } from '../../src/commit/manifest.ts';
import { FailureError } from '../../src/core/failure.ts';
import type { SplitOutcome } from '../../src/core/outcome.ts';
import { type CountedPlan, mustBeWhole } from '../../src/run/must-be-whole.ts';
import { requireWholePart } from '../../src/scoring/require-whole-part.ts';
import { plain, png } from '../image/pictures.ts';
import { buildModel, input, node, output, tensorOf } from '../model/build-onnx.ts';
import { runCli } from '../run-cli.ts';
import { random } from './random.ts';
import { eachOf, isFull, sampled, sweep } from './sweep.ts';
import { writeTinyJob } from './tiny-job.ts';

const root = resolve(import.meta.dirname, '../..');
let folder = '';
let out = '';
beforeAll(async () => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'scoremill-'));
  out = join(folder, 'out');
  const { exitCode, stderr } = await runCli(writeTinyJob(join(folder, 'job')).words(out));
  if (exitCode !== 0) throw new Error(stderr);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Another byte at a place that the sequence decides. */
function flip(bytes: Buffer, next: () => number): Buffer {
  const copy = Buffer.from(bytes);
  copy[Math.floor(next() * bytes.length)] ^= 1 + Math.floor(next() * 255);
  return copy;
}

describe('a byte that is flipped', () => {
  sweep('A byte that is flipped in any file of a result is found by verify, which names the file', async (counts) => {
    const files = readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.parquet'));
    expect(files.filter((name) => name.startsWith('_scoremill/')).sort()).toEqual([
      '_scoremill/columns.parquet',
      '_scoremill/rejects.parquet',
      '_scoremill/run.parquet',
      '_scoremill/stats.parquet',
    ]);
    Object.assign(counts, { files: files.length, flips: 0 });
    await eachOf([...Array(isFull ? 100 : 3).keys()], async (round) => {
      const copy = join(folder, `flip-${round}`);
      cpSync(out, copy, { recursive: true });
      const next = random(`flip ${round}`);
      for (const name of files) writeFileSync(join(copy, name), flip(readFileSync(join(copy, name)), next));
      const { exitCode, stderr } = await runCli(['verify', copy]);
      expect(exitCode, stderr).toBe(80);
      for (const name of files) expect(stderr).toContain(`${name} was changed: its sha256 is`);
      expect(stderr).not.toContain('internal error');
      counts.flips += files.length;
      rmSync(copy, { recursive: true });
    });
  });

  sweep(
    'A byte that is flipped in a manifest is found, unless it is white space between two values',
    async (counts) => {
      Object.assign(counts, { flips: 0, harmless: 0 });
      const { manifest: path } = layoutOf(out);
      const written = await readManifest(path);
      const bytes = readFileSync(path);
      const copy = join(folder, 'manifest.json');
      const next = random('manifest');
      for (let i = 0; i < (isFull ? 20_000 : 1000); i++) {
        writeFileSync(copy, flip(bytes, next));
        const found = await readManifest(copy).catch((error: unknown) => error);
        counts.flips++;
        if (found instanceof FailureError)
          expect(found.failures.map(({ reason }) => reason)).toEqual(['manifest-damaged']);
        else {
          // JSON means the same with a tab for a blank: nothing that is said has changed.
          expect(found).toEqual(written);
          counts.harmless++;
        }
      }
      expect(counts.harmless / counts.flips).toBeLessThan(0.02);
    },
  );

  test('in the manifest is told by the command, with the path', async () => {
    const copy = join(folder, 'edited');
    cpSync(out, copy, { recursive: true });
    const path = layoutOf(copy).manifest;
    writeFileSync(path, readFileSync(path, 'utf8').replace('"scored": ', '"scored":1'));
    const { exitCode, stderr } = await runCli(['verify', copy]);
    expect([exitCode, stderr]).toEqual([
      80,
      expect.stringContaining(`${path} cannot be trusted: its checksum does not fit`),
    ]);
  });
});

describe('scored again', () => {
  interface Example {
    readonly title: string;
    readonly words: (here: string) => Promise<readonly string[]> | readonly string[];
  }
  const digits = ['--model', 'sample-data/digits/model.onnx', '--dataset', 'sample-data/digits/images/*.arrow'];
  const examples: readonly Example[] = [
    { title: 'strings', words: () => ['jobs/text-classification.yaml'] },
    { title: 'pictures', words: pictures },
    { title: 'texts for a tokenizer', words: texts },
    {
      title: 'rows that results leave out',
      words: () => [
        ...[...digits, '--keep', 'image_id', '--where', 'image_id % 3 = 0', '--write-where', 'best <> 4'],
        ...['--set', 'outputs.best.from=probabilities', '--set', 'outputs.best.apply=argmax'],
      ],
    },
    { title: 'numbers with rejects', words: () => ['jobs/credit-risk.yaml'] },
    { title: 'maps', words: () => ['jobs/medical-diagnosis.yaml'] },
    { title: 'compressed text with rejects', words: () => ['jobs/recommendation.yaml'] },
  ];

  sweep(
    'Rows that are scored again are the same bit for bit: text, pictures, applied and computed results',
    async (counts) => {
      Object.assign(counts, { results: 0, rows: 0 });
      await eachOf(sampled(examples, 2), async ({ title, words }) => {
        const here = join(folder, title);
        mkdirSync(here);
        const scored = join(here, 'out');
        const ran = await runCli([
          'run',
          ...(await words(here)),
          '--output',
          scored,
          '--rows-per-file',
          '300',
          '--json',
        ]);
        expect(ran.exitCode, ran.stderr).toBe(0);
        const { rows } = JSON.parse(ran.stdout);
        const { exitCode, stdout, stderr } = await runCli(['verify', scored, '--rescore', String(rows)]);
        expect([exitCode, stdout], stderr).toEqual([0, expect.stringContaining('scored again: bit for bit the same')]);
        counts.results++;
        counts.rows += rows;
      });
    },
  );

  async function pictures(here: string): Promise<readonly string[]> {
    const graph = [
      node('GlobalAveragePool', ['pixels'], ['color']),
      input('pixels', tensorOf(1, 'N', 3, 8, 8)),
      output('color', tensorOf(1, 'N', 3, 1, 1)),
    ];
    writeFileSync(join(here, 'model.onnx'), buildModel({ graph }));
    const names = Array.from({ length: 20 }, (_, i) => `${i}.png`);
    for (const [i, name] of names.entries())
      writeFileSync(join(here, name), await png(plain(9 + i, 30 - i, [i, 2 * i, 3 * i])));
    writeFileSync(join(here, 'list.csv'), `file\n${names.map((name) => `${name}\n`).join('')}`);
    const job = { model: { path: 'model.onnx' }, dataset: { path: 'list.csv' }, output: { path: 'out' } };
    const inputs = { pixels: { column: 'file', image: 'raw' } };
    writeFileSync(join(here, 'job.json'), JSON.stringify({ ...job, inputs }));
    return [join(here, 'job.json'), '--batch-rows', '7'];
  }

  function texts(here: string): readonly string[] {
    const rows = Array.from({ length: 200 }, (_, id) => ({ id, review: 'great and late '.repeat(1 + ((id * 7) % 9)) }));
    writeFileSync(join(here, 'rows.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    cpSync(join(root, 'test/text/review-model'), join(here, 'model'), { recursive: true });
    return ['--model', join(here, 'model'), '--dataset', join(here, 'rows.jsonl'), '--batch-rows', '64'];
  }
});

describe('before anything is published', () => {
  const split = (index: number, startRow: number, endRow: number) => ({
    index,
    pieces: [{ shard: 0, startRow, endRow }],
    rows: endRow - startRow,
  });
  const plan: CountedPlan = {
    shards: [{ path: '/data/a.parquet', rows: 30 }],
    splits: [split(0, 0, 20), split(1, 20, 30)],
    rows: 30,
    binding: { writeWhere: null },
  };
  const staged = (rows: number) => ({ name: 'staged', rows, bytes: 1, sha256: '' });
  const outcome = (index: number, scored: number, rejected: number, filtered: number) =>
    ({
      split: index,
      rows: scored + rejected + filtered,
      scored,
      rejected,
      filtered,
      written: scored,
      part: staged(scored),
      rejects: rejected === 0 ? null : staged(rejected),
    }) as SplitOutcome;
  const right = [outcome(0, 15, 2, 3), outcome(1, 10, 0, 0)];

  test('a run whose rows are all accounted for passes', () => {
    expect(() => mustBeWhole(plan, right)).not.toThrow();
  });

  test.for<[string, CountedPlan, readonly SplitOutcome[], string]>([
    ['a split too few', plan, [right[0]], '2 splits were planned and 1 are done'],
    ['a split twice', plan, [right[0], right[0]], 'split 0 is done twice'],
    ['a lost row', plan, [outcome(0, 14, 2, 3), right[1]], 'split 0: 20 rows planned, 19 in'],
    [
      'a part that is short of a row',
      plan,
      [{ ...right[0], part: staged(14) }, right[1]],
      '15 written, 14 in the part',
    ],
    ['a reject that is not listed', plan, [{ ...right[0], rejects: staged(1) }, right[1]], '2 rejected and 1 listed'],
    [
      'a scored row that is not written',
      plan,
      [{ ...right[0], written: 14, part: staged(14) }, right[1]],
      '14 written',
    ],
    [
      'a shard with more rows than its splits',
      { ...plan, shards: [{ path: 'a', rows: 31 }], rows: 31 },
      right,
      'the splits end at row 30 of a, in which the reader counted 31',
    ],
    [
      'splits that overlap',
      { ...plan, splits: [split(0, 0, 20), split(1, 19, 30)] },
      right,
      'split 1 takes rows 19 to 30',
    ],
    [
      'splits with a gap',
      { ...plan, splits: [split(0, 0, 20), split(1, 21, 30)] },
      right,
      'split 1 takes rows 21 to 30',
    ],
    ['a total of its own', { ...plan, rows: 29 }, right, '29 rows were planned, and the shards have 30'],
  ])('%s ends the run', ([, counted, outcomes, message]) => {
    expect(() => mustBeWhole(counted, outcomes)).toThrow(message);
  });

  test('a part whose footer has other rows than were written is refused, and so is a part that was cut', async () => {
    const part = join(folder, 'part.parquet');
    copyFileSync(join(out, readdirSync(out).filter((name) => name.startsWith('part-'))[1]), part);
    await requireWholePart(part, 40);
    await expect(requireWholePart(part, 41)).rejects.toThrow('41 rows were written, and its footer has 40');
    writeFileSync(part, readFileSync(part).subarray(0, -9));
    await expect(requireWholePart(part, 40)).rejects.toThrow(
      '40 rows were written, and it is a Parquet file without its end',
    );
  });
});
