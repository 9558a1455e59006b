// The size of a batch: that of the run which is repeated, what a calibration has found before or finds now, or the grid's.
import { runtimeVersion, type Session } from '../model/session.ts';
import type { Binding, WantedColumn } from '../scoring/binding.ts';
import { type Calibration, calibrate, isWorthCalibrating } from './calibrate.ts';
import { calibrationPath, rememberCalibration, rememberedCalibration } from './calibration-memory.ts';
import type { Preview } from './preview.ts';

export interface BatchRowsRequest {
  /** The most rows that a batch may have: a power of two, unless the job or the model say otherwise. */
  readonly gridRows: number;
  /** Of the run that this one repeats; null: none. */
  readonly repeated: number | null;
  /** Whether neither the job nor the model fix the size, and rows share calls as they come. */
  readonly isOpen: boolean;
  /** Whether the result may be kept for the next run. */
  readonly remembers: boolean;
  /** How long a call of the first few rows took; null: none was made. */
  readonly observedMs: number | null;
  readonly observedRows: number;
  readonly datasetRows: number;
  readonly modelSha256: string;
  readonly threads: number;
  readonly binding: Binding;
  readonly wanted: readonly WantedColumn[];
  readonly preview: Preview;
  readonly session: Session;
}

export interface ChosenBatchRows {
  readonly batchRows: number;
  /** Null where nothing was measured. */
  readonly calibration: Calibration | null;
}

export async function chooseBatchRows(request: BatchRowsRequest): Promise<ChosenBatchRows> {
  const { gridRows, repeated, isOpen, observedMs, observedRows, datasetRows, binding, threads } = request;
  const grid = { batchRows: gridRows, calibration: null };
  const isEven = binding.inputs.every(({ rowShape }) => rowShape.every((size) => size !== null));
  if (!isOpen || !isEven) return grid;
  if (repeated !== null) return gridRows % repeated === 0 ? { batchRows: repeated, calibration: null } : grid;
  if (!isWorthCalibrating(observedMs, observedRows, datasetRows)) return grid;
  const { modelSha256, session, preview, wanted, remembers } = request;
  const path = calibrationPath({ modelSha256, binding, gridRows, threads, runtime: await runtimeVersion() });
  const known = await rememberedCalibration(path);
  if (known !== null && gridRows % known.batchRows === 0) return { batchRows: known.batchRows, calibration: known };
  const calibration = await preview.withBatch(binding, wanted, gridRows, async (batch) =>
    calibrate(batch, { session, binding, gridRows, datasetRows }),
  );
  if (calibration === null) return grid;
  if (remembers) await rememberCalibration(path, calibration);
  return { batchRows: calibration.batchRows, calibration };
}
