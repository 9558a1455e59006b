// Whether two ways of scoring the same rows give the same: labels, integers and texts exactly, floats within a few units in the
// last place of the largest value of their row, because a matrix product of many rows may add in another order than one of a
// single row. Trees, linear models and convolutional networks gave the same bits in calls of 1 and of up to 2,048 rows; a model
// that mixes rows is off by millions of units.
import { isFloat } from '../core/dtype.ts';
import { FailureError } from '../core/failure.ts';
import { float16Value } from '../core/float16.ts';
import type { TensorData } from '../model/session.ts';
import type { Batch } from '../scoring/batch.ts';
import { type CallOutput, type ScoredBatch, type Scorer, scoreBatch } from '../scoring/score-batch.ts';

export interface Agreement {
  readonly rows: number;
  /** The largest difference, in units in the last place of the largest value of its row. */
  readonly largestUnits: number;
}

/** What is allowed, in units in the last place. */
const mostUnits = 16;

/** How well two scorers agree on the rows of a batch, or where they do not. Rows that the first fails on are left out. */
export function sameResults(batch: Batch, one: Scorer, other: Scorer): Agreement | string {
  try {
    const expected = scoreBatch(batch, one);
    const failed = batch.faults.size;
    const found = scoreBatch(batch, other);
    if (batch.faults.size !== failed) return 'it fails on rows that it should score';
    return compareRows(batch, one.binding.fetches, expected, found);
  } catch (error) {
    if (!(error instanceof FailureError)) throw error;
    return error.message;
  }
}

function compareRows(
  batch: Batch,
  fetches: readonly string[],
  expected: ScoredBatch,
  found: ScoredBatch,
): Agreement | string {
  let rows = 0;
  let largestUnits = 0;
  for (let row = 0; row < batch.rows; row++) {
    if (expected.callOf[row] === -1) continue;
    rows++;
    for (const name of fetches) {
      const [wanted, got] = [expected, found].map((scored) => scored.outputs[name][scored.callOf[row]]);
      if (wanted.rowShape.join() !== got.rowShape.join())
        return `row ${row} of output "${name}" has the shape [${got.rowShape.join(', ')}] in place of [${wanted.rowShape.join(', ')}]`;
      const units = largestDifference(
        valuesAt(wanted, expected.placeOf[row]),
        valuesAt(got, found.placeOf[row]),
        wanted.tensor,
      );
      if (units > mostUnits) return `row ${row} of output "${name}" is not the same`;
      largestUnits = Math.max(largestUnits, units);
    }
  }
  return { rows, largestUnits };
}

type Values = readonly (number | bigint | string)[];

function valuesAt({ tensor, rowValues }: CallOutput, place: number): Values {
  const values = tensor.data.slice(place * rowValues, (place + 1) * rowValues) as Iterable<number | bigint | string>;
  return tensor.dtype === 'float16' ? Array.from(values as Iterable<number>, float16Value) : [...values];
}

const units: Readonly<Record<string, number>> = { float16: 2 ** -10, float32: 2 ** -23, float64: 2 ** -52 };

/** In units in the last place of the largest value of the row; infinite where values that must be equal are not. */
function largestDifference(expected: Values, found: Values, { dtype }: TensorData): number {
  const differing = [...expected.keys()].filter((i) => !Object.is(expected[i], found[i]) && expected[i] !== found[i]);
  if (differing.length === 0) return 0;
  if (!isFloat(dtype)) return Number.POSITIVE_INFINITY;
  const finite = (expected as readonly number[]).filter(Number.isFinite).map(Math.abs);
  const unit = Math.max(...finite, Number.MIN_VALUE) * units[dtype];
  const differences = differing.map((i) => Math.abs((expected[i] as number) - (found[i] as number)) / unit);
  return Math.max(...differences.map((one) => (Number.isNaN(one) ? Number.POSITIVE_INFINITY : one)));
}
