// How many rows go into one call when the job leaves it open: as many as keep one batch in a core's cache.
import type { Dtype } from '../core/dtype.ts';
import type { Job } from '../job/schema.ts';
import type { BoundInput } from '../model/binding.ts';
import type { Signature } from '../model/signature.ts';

const mostRows = 2048;
const batchBytes = 2 * 1024 * 1024;
const unevenRowValues = 64;

const bytesOf = (dtype: Dtype): number => (dtype === 'string' ? 32 : Number(/\d+/.exec(dtype)?.[0] ?? 8) / 8);

/** The grid: the job's batch rows, or a power of two up to 2,048; rounded up to whole calls of a model with a fixed batch. */
export function autoBatchRows(
  job: Job,
  inputs: readonly BoundInput[],
  callRows: number | null,
  resultBytesPerRow: number,
): number {
  const wholeCalls = (rows: number): number => (callRows === null ? rows : Math.ceil(rows / callRows) * callRows);
  if (job.run.batchRows !== 'auto') return wholeCalls(job.run.batchRows);
  const bytesPerRow = inputs.reduce((sum, { dtype, rowShape }) => {
    const values = rowShape.reduce<number>((product, size) => product * (size ?? unevenRowValues), 1);
    return sum + values * bytesOf(dtype);
  }, resultBytesPerRow);
  const rows = 2 ** Math.floor(Math.log2(Math.max(1, batchBytes / Math.max(1, bytesPerRow))));
  return wholeCalls(Math.max(1, Math.min(mostRows, rows, 2 ** Math.floor(Math.log2(job.output.rowsPerFile)))));
}

/** What text shards are cut on: a multiple of every batch size that autoBatchRows may choose. */
export function gridRowsFor({ run }: Job, { inputs }: Signature): number {
  const base = run.batchRows === 'auto' ? mostRows : run.batchRows;
  const fixed = inputs.map(({ shape }) => shape[0]).filter((size): size is number => typeof size === 'number' && size > 1);
  return fixed.reduce(leastCommonMultiple, base);
}

const leastCommonMultiple = (a: number, b: number): number => (a / greatestCommonDivisor(a, b)) * b;

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
