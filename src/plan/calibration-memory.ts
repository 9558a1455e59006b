// What calibrations have found, by model and machine, so that the next run need not measure and scores in the same batches:
// one small file each in the user's cache folder (XDG_CACHE_HOME, else ~/.cache). Nothing depends on it being there.
import { readFile } from 'node:fs/promises';
import { cpus, homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { makeFolder, writeFileDurably } from '../core/atomic-file.ts';
import { canonicalJson, sha256OfText } from '../core/hash.ts';
import { usableCores } from '../core/resources.ts';
import type { Binding } from '../scoring/binding.ts';
import type { BatchTrial, Calibration } from './calibrate.ts';

export interface CalibrationKey {
  readonly modelSha256: string;
  readonly binding: Pick<Binding, 'inputs' | 'fetches'>;
  readonly gridRows: number;
  readonly threads: number;
  /** Of ONNX Runtime. */
  readonly runtime: string;
}

const folder = (): string => join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'scoremill', 'calibration');

/** Where the calibration of a model on this machine is kept. */
export function calibrationPath({ binding, ...rest }: CalibrationKey): string {
  const inputs = binding.inputs.map(({ name, dtype, rowShape }) => [name, dtype, rowShape]);
  const machine = [cpus()[0]?.model ?? '', usableCores()];
  return join(folder(), `${sha256OfText(canonicalJson([rest, inputs, binding.fetches, machine])).slice(0, 32)}.json`);
}

/** What was found before; null when nothing was, or when it cannot be read. */
export async function rememberedCalibration(path: string): Promise<Calibration | null> {
  try {
    const { batchRows, rows, trials } = JSON.parse(await readFile(path, 'utf8')) as Calibration;
    const isWhole = isCount(batchRows) && isCount(rows) && trials.every(isTrial);
    return isWhole ? { batchRows, rows, trials } : null;
  } catch {
    return null;
  }
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) > 0;

const isTrial = ({ batchRows, microsecondsPerRow, isSame }: BatchTrial): boolean =>
  isCount(batchRows) && Number.isFinite(microsecondsPerRow) && typeof isSame === 'boolean';

/** Keeps a calibration for the next run, where that is allowed. */
export async function rememberCalibration(path: string, calibration: Calibration): Promise<void> {
  try {
    await makeFolder(dirname(path));
    await writeFileDurably(path, `${JSON.stringify(calibration)}\n`);
  } catch {
    // A home that is not there or not to be written to costs a measurement, nothing else.
  }
}
