// Results that are computed, and rows that are held back, through the whole program: run, repeat, verify, JSON.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli } from '../run-cli.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { resultOf } from './result.ts';

const words = (output: string, ...more: readonly string[]) => [
  ...['--model', 'sample-data/digits/model.onnx', '--dataset', 'sample-data/digits/images/*.arrow', '--output', output],
  ...['--keep', 'image_id', '--run-id', 'r', '--rows-per-file', '500', '--batch-rows', '128', ...more],
];
const set = (...settings: readonly string[]) => settings.flatMap((setting) => ['--set', setting]);

const computed = set(
  'outputs.best.from=probabilities',
  'outputs.best.apply=argmax',
  'outputs.best.labels=[zero, one, two, three, four, five, six, seven, eight, nine]',
  'outputs.p.from=probabilities',
  'outputs.p.pick={ p_three: 3 }',
  'outputs.digit={}',
  "outputs.band.sql=case when p_three > 0.9 then 'sure' else best end",
);

describe('a run that writes some of its rows', () => {
  test('accounts for all of them, and its result is verified and scored again', async () => {
    const output = join(temporaryFolder(), 'out');
    const ran = await runCli(['run', ...words(output, ...computed, '--write-where', "band = 'sure'", '--json')]);
    expect([ran.exitCode, ran.stderr]).toEqual([0, expect.stringContaining('held back by output.where')]);
    const { rows, scored, written } = JSON.parse(ran.stdout);
    const result = resultOf(output);
    const found = await result.rows();
    expect([rows, scored, written]).toEqual([1797, 1797, found.length]);
    expect(found.length).toBeGreaterThan(100);
    expect(found.length).toBeLessThan(300);
    expect(
      found.every(
        ({ digit, best, band, p_three: p }) => digit === 3n && best === 'three' && band === 'sure' && Number(p) > 0.9,
      ),
    ).toBe(true);
    expect(result.manifest().counts).toMatchObject({ rows: 1797, scored: 1797, rejected: 0, filtered: 0, written });
    expect((await result.stats()).reduce((sum, split) => sum + Number(split.written), 0)).toBe(written);
    expect(await result.run()).toMatchObject({ written: BigInt(written) });
    const verified = await runCli(['verify', output, '--rescore', '2000']);
    expect([verified.exitCode, verified.stdout]).toEqual([0, expect.stringContaining('bit for bit the same')]);
    const again = await runCli(['run', ...words(output, ...computed, '--write-where', "band = 'sure'")]);
    expect([again.exitCode, again.stderr]).toEqual([0, expect.stringContaining(`holds ${written} scored rows`)]);
    const other = await runCli(['run', ...words(output, ...computed, '--write-where', 'true')]);
    expect([other.exitCode, other.stderr]).toEqual([73, expect.stringContaining('output.where')]);
  });

  test('is refused before the first row when the condition names what is not there', async () => {
    const output = join(temporaryFolder(), 'out');
    const { exitCode, stderr } = await runCli(['run', ...words(output, ...computed, '--write-where', 'p_thre > 0.9')]);
    expect([exitCode, stderr]).toEqual([78, expect.stringContaining('output.where: no column "p_thre" in the result')]);
    expect(stderr).toContain('Did you mean "p_three"?');
  });
});
