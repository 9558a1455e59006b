// A finished result of nine splits, made once by the built command line, and copies of it to spoil.
import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runCli } from '../run-cli.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const root = resolve(import.meta.dirname, '../..');

export interface FinishedRun {
  /** The result; never to be changed. */
  readonly output: string;
  /** Copies of the model and the shards it was made from; changed only by tests that put them back. */
  readonly model: string;
  readonly data: string;
  readonly remove: () => void;
}

/** Scores the images of digits as pixels, in splits of 256 rows. */
export async function finishedRun(): Promise<FinishedRun> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'scoremill-'));
  const [model, data, output] = [join(folder, 'model.onnx'), join(folder, 'data'), join(folder, 'scored')];
  cpSync(join(root, 'sample-data/digits/model.onnx'), model);
  cpSync(join(root, 'sample-data/digits/pixels'), data, { recursive: true });
  const settings = [
    '--rows-per-file',
    '256',
    '--batch-rows',
    '64',
    '--keep',
    'image_id,written',
    '--run-id',
    'made-for-tests',
  ];
  const words = [
    'run',
    '--model',
    model,
    '--dataset',
    data,
    '--output',
    output,
    '--inputs',
    'image=pixel_*',
    ...settings,
  ];
  const { exitCode, stderr } = await runCli(words);
  if (exitCode !== 0) throw new Error(stderr);
  return { output, model, data, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A copy of a result, gone when the test is over. */
export function copyOf({ output }: FinishedRun): string {
  const copy = join(temporaryFolder(), 'copy');
  cpSync(output, copy, { recursive: true });
  return copy;
}
