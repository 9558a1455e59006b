// How many rows go into one call, by measurement: a batch that is too large for a core's cache can take a third more time a row.
// Candidates are the grid's batch and its halves, timed in turns on the first real rows. Only sizes that give the same bits as
// the grid's on all of these rows may be chosen, so that what a row scores does not hang on how busy the machine was.
import type { NumberArray } from '../core/duckdb-vectors.ts';
import { FailureError } from '../core/failure.ts';
import type { Session } from '../model/session.ts';
import type { Batch } from '../scoring/batch.ts';
import type { Binding } from '../scoring/binding.ts';
import { feedsOf } from '../scoring/feeds.ts';
import type { Slots } from '../scoring/slots.ts';

export interface BatchTrial {
  readonly batchRows: number;
  /** The shortest of all rounds. */
  readonly microsecondsPerRow: number;
  /** Whether every row scored the same, bit for bit, as in batches of the grid. */
  readonly isSame: boolean;
}

export interface Calibration {
  /** The one that was chosen. */
  readonly batchRows: number;
  /** How many rows were tried. */
  readonly rows: number;
  /** The grid's batch first. */
  readonly trials: readonly BatchTrial[];
}

export interface CalibrationRequest {
  readonly session: Session;
  readonly binding: Binding;
  /** The most rows that a batch may have: a power of two. */
  readonly gridRows: number;
  /** Rows of the whole run. */
  readonly datasetRows: number;
}

/** Below so much time in the model, all rows together, there is little to win. */
const leastModelMs = 4000;
/** What a call costs beside the model's work on its rows, at most. */
const callOverheadMs = 0.05;
const leastBatchRows = 128;
const mostTrials = 4;
/** Of the time in the model. */
const mostShare = 0.02;
const mostMs = 5000;
const leastRounds = 2;
const mostRounds = 9;
/** A smaller batch must be faster than the grid's by this much. */
const leastGain = 0.04;

/** Whether so many rows may be worth a calibration at all, where a call of `callRows` takes `callMs`. */
export const isWorthCalibrating = (callMs: number | null, callRows: number, datasetRows: number): boolean =>
  callMs !== null && ((callMs - callOverheadMs) / callRows) * datasetRows >= leastModelMs;

/** Times batches of several sizes on the rows of a batch that have no fault; null where that decides nothing. */
export function calibrate(batch: Batch, request: CalibrationRequest): Calibration | null {
  const { session, binding, gridRows, datasetRows } = request;
  const good = Int32Array.from(goodRows(batch)).slice(0, gridRows);
  const sizes = candidates(gridRows);
  if (good.length < gridRows || sizes.length < 2) return null;
  try {
    const expected = runInCalls(batch, good, gridRows, { session, binding });
    const warm = runInCalls(batch, good, gridRows, { session, binding });
    const modelMs = (warm.elapsedMs / good.length) * datasetRows;
    if (modelMs < leastModelMs) return null;
    const shortestMs = new Map<number, number>();
    const isSame = new Map<number, boolean>();
    const untilMs = performance.now() + Math.min(mostMs, modelMs * mostShare);
    for (let round = 0; round < mostRounds && (round < leastRounds || performance.now() < untilMs); round++) {
      for (const size of sizes) {
        const { elapsedMs, outputs } = runInCalls(batch, good, size, { session, binding });
        shortestMs.set(size, Math.min(shortestMs.get(size) ?? Number.POSITIVE_INFINITY, elapsedMs));
        if (round === 0) isSame.set(size, areSameBits(outputs, expected.outputs));
      }
    }
    const trials = sizes.map((batchRows) => ({
      batchRows,
      microsecondsPerRow: Math.round((1e6 * shortestMs.get(batchRows)!) / good.length) / 1000,
      isSame: isSame.get(batchRows)!,
    }));
    return { batchRows: choose(trials), rows: good.length, trials };
  } catch (error) {
    // Rows that the model fails on are for scoring to find.
    if (!(error instanceof FailureError)) throw error;
    return null;
  }
}

/** The fastest of those that give the same; the grid's unless another is clearly faster. */
export function choose(trials: readonly BatchTrial[]): number {
  const [grid, ...others] = trials;
  const fastest = others
    .filter(({ isSame }) => isSame)
    .reduce((best, one) => (one.microsecondsPerRow < best.microsecondsPerRow ? one : best), grid);
  return fastest.microsecondsPerRow <= grid.microsecondsPerRow * (1 - leastGain) ? fastest.batchRows : grid.batchRows;
}

/** What is to be known of it: nothing where the grid's size was kept. */
export function calibrationNotices({ batchRows, trials }: Calibration): readonly string[] {
  const [grid] = trials;
  const chosen = trials.find((trial) => trial.batchRows === batchRows) ?? grid;
  if (chosen === grid) return [];
  const share = Math.round(100 * (1 - chosen.microsecondsPerRow / grid.microsecondsPerRow));
  return [
    `batches of ${batchRows} rows take ${share} % less time a row in the model than batches of ${grid.batchRows} (measured on the first rows, same results)`,
  ];
}

const candidates = (gridRows: number): readonly number[] =>
  Array.from({ length: mostTrials }, (_, halvings) => gridRows >> halvings).filter((size) => size >= leastBatchRows);

function* goodRows({ rows, faults }: Batch): Generator<number> {
  for (let row = 0; row < rows; row++) if (!faults.has(row)) yield row;
}

interface Calls {
  readonly elapsedMs: number;
  /** The values of each fetch, call after call. */
  readonly outputs: readonly (readonly (NumberArray | readonly string[])[])[];
}

function runInCalls(
  batch: Batch,
  rows: Slots,
  callRows: number,
  { session, binding }: Pick<CalibrationRequest, 'session' | 'binding'>,
): Calls {
  let elapsedMs = 0;
  const outputs: (NumberArray | readonly string[])[][] = binding.fetches.map(() => []);
  for (let from = 0; from < rows.length; from += callRows) {
    const feeds = feedsOf(batch, binding, rows.subarray(from, from + callRows));
    const startedMs = performance.now();
    const found = session.run(feeds, binding.fetches);
    elapsedMs += performance.now() - startedMs;
    for (const [index, name] of binding.fetches.entries()) outputs[index].push(found[name].data);
  }
  return { elapsedMs, outputs };
}

const areSameBits = (some: Calls['outputs'], others: Calls['outputs']): boolean =>
  some.every((values, index) => Buffer.compare(bytesOf(values), bytesOf(others[index])) === 0);

/** The values of all calls, as bytes. */
const bytesOf = (calls: Calls['outputs'][number]): Buffer =>
  Buffer.concat(
    calls.map((values) => {
      if (!ArrayBuffer.isView(values)) return Buffer.from(JSON.stringify(values).slice(1, -1).concat(','));
      return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
    }),
  );
