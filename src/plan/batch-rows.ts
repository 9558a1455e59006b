// How many rows go into one call when the job leaves it open: as many as keep one batch in a core's cache.
import type { Dtype } from '../core/dtype.ts';
import type { Job } from '../job/schema.ts';
import type { Signature } from '../model/signature.ts';
import type { TensorInput } from '../scoring/binding.ts';

const mostRows = 2048;
const batchBytes = 2 * 1024 * 1024;
const unevenRowValues = 64;
/** Of images whose size the model leaves open. */
const openSidePixels = 640;
/** Texts are sorted by length within the grid; a call takes a few of them (see scoring/length-calls.ts). */
const textRows = 512;
const mostTokens = 2048;

const bytesOf = (dtype: Dtype): number => (dtype === 'string' ? 32 : Number(/\d+/.exec(dtype)?.[0] ?? 8) / 8);

/**
 * The grid: the job's batch rows, or a power of two up to 2,048; never more than go into one part, unless one call of the model
 * takes more. A model with a fixed batch gets whole calls.
 */
export function autoBatchRows(
  job: Job,
  inputs: readonly TensorInput[],
  callRows: number | null,
  resultBytesPerRow: number,
): number {
  const perCall = callRows ?? 1;
  if (job.run.batchRows !== 'auto') return wholeCalls(givenRows(job.run.batchRows, job), perCall);
  const bytesPerRow = inputs.reduce((sum, { dtype, rowShape }) => {
    const values = rowShape.reduce<number>((product, size) => product * (size ?? openSizeOf(rowShape)), 1);
    return sum + values * bytesOf(dtype);
  }, resultBytesPerRow);
  const rows = Math.min(mostRowsOf(inputs), batchBytes / Math.max(1, bytesPerRow), job.output.rowsPerFile);
  return perCall * powerOfTwoUpTo(rows / perCall);
}

const openSizeOf = ({ length }: TensorInput['rowShape']): number => (length === 3 ? openSidePixels : unevenRowValues);

function mostRowsOf(inputs: readonly TensorInput[]): number {
  const filled = inputs.filter(({ padding }) => padding !== undefined);
  if (filled.length === 0) return mostRows;
  const lengths = filled.flatMap(({ rowShape }) => rowShape);
  // Rows of one length are not sorted: a batch is one call.
  return lengths.every((length) => length !== null) ? Math.max(1, mostTokens / Math.max(...lengths)) : textRows;
}

/** What text shards are cut on: a multiple of every batch size that autoBatchRows may choose. */
export function gridRowsFor(job: Job, { inputs }: Signature): number {
  const { batchRows } = job.run;
  const fixed = inputs.map(({ shape }) => shape[0]).filter((size) => typeof size === 'number' && size > 1) as number[];
  const possible = fixed.map((rows) =>
    batchRows === 'auto' ? rows * powerOfTwoUpTo(mostRows / rows) : wholeCalls(givenRows(batchRows, job), rows),
  );
  return possible.reduce(leastCommonMultiple, batchRows === 'auto' ? mostRows : givenRows(batchRows, job));
}

const givenRows = (batchRows: number, { output }: Job): number => Math.min(batchRows, output.rowsPerFile);
const wholeCalls = (rows: number, perCall: number): number => Math.max(1, Math.floor(rows / perCall)) * perCall;
const powerOfTwoUpTo = (rows: number): number => 2 ** Math.floor(Math.log2(Math.max(1, rows)));
const leastCommonMultiple = (a: number, b: number): number => (a / greatestCommonDivisor(a, b)) * b;

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
