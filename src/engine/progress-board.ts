// Rows done by each worker, in shared memory: a worker never waits to say how far it is.
import type { SplitProgress } from './protocol.ts';

export interface ProgressBoard {
  /** [workers that have a number, 1 when they shall stop after their batch] */
  readonly flags: SharedArrayBuffer;
  /** For each worker: split + 1 (0: none), rows, rejected, beats. */
  readonly cells: SharedArrayBuffer;
}

const cellsPerWorker = 4;

const cellsOf = ({ cells }: ProgressBoard): Float64Array => new Float64Array(cells);

export const createProgressBoard = (workers: number): ProgressBoard => ({
  flags: new SharedArrayBuffer(8),
  cells: new SharedArrayBuffer(cellsPerWorker * 8 * Math.max(1, workers)),
});

const flagsOf = ({ flags }: ProgressBoard): Int32Array => new Int32Array(flags);

/** A number of its own for each worker that asks, from 0. */
export const takeNumber = (board: ProgressBoard): number => Atomics.add(flagsOf(board), 0, 1);

export const askToStop = (board: ProgressBoard): void => {
  Atomics.store(flagsOf(board), 1, 1);
};

export const mustStop = (board: ProgressBoard): boolean => Atomics.load(flagsOf(board), 1) === 1;

export function writeProgress(
  board: ProgressBoard,
  worker: number,
  progress: Omit<SplitProgress, 'beats'> | null,
): void {
  const cells = cellsOf(board);
  const at = (worker * cellsPerWorker) % cells.length;
  cells[at + 1] = progress?.rows ?? 0;
  cells[at + 2] = progress?.rejected ?? 0;
  cells[at] = progress === null ? 0 : progress.split + 1;
}

/** Counts a call of the model, or a split that begins: the worker's split moves. */
export function beat(board: ProgressBoard, worker: number): void {
  const cells = cellsOf(board);
  cells[((worker * cellsPerWorker) % cells.length) + 3]++;
}

/** The splits that are being scored now. */
export function readProgress(board: ProgressBoard): readonly SplitProgress[] {
  const cells = cellsOf(board);
  const inFlight: SplitProgress[] = [];
  for (let at = 0; at < cells.length; at += cellsPerWorker) {
    if (cells[at] === 0) continue;
    inFlight.push({ split: cells[at] - 1, rows: cells[at + 1], rejected: cells[at + 2], beats: cells[at + 3] });
  }
  return inFlight;
}
