// How many rows the summaries of columns look at: about 10,000 of a run, fewer where rows have many values, and all of a small
// run. They are spread over at least 128 places of the dataset where it has so many.
import type { Binding } from '../scoring/binding.ts';
import type { RowSample } from '../scoring/row-sample.ts';
import { summarisedColumns } from '../scoring/summarised-columns.ts';
import { mostListValues } from '../stats/column-summary.ts';

const mostRows = 10_000;
const mostValues = 600_000;
const leastRows = 2000;
const spreadOver = 128;
/** Points of all columns in one split's line of the ledger, which stays below about 100 kB. */
const pointsPerSplit = 9000;
const pointsPerRun = 144_000;
const leastPoints = 33;
const mostPoints = 513;

export interface SampledInput {
  /** Rows of each shard. */
  readonly shardRows: readonly number[];
  readonly batchRows: number;
  readonly splits: number;
  readonly binding: Pick<Binding, 'inputs' | 'preparations' | 'results' | 'after' | 'computed'>;
}

export function sampleRows({ shardRows, batchRows, splits, binding }: SampledInput): RowSample {
  const firstPlaces: number[] = [];
  let places = 0;
  for (const rows of shardRows) {
    firstPlaces.push(places);
    places += Math.ceil(rows / batchRows);
  }
  const { columns } = summarisedColumns(binding);
  const valuesPerRow = columns.reduce((sum, { isList }) => sum + (isList ? mostListValues : 1), 0);
  const rows = shardRows.reduce((sum, count) => sum + count, 0);
  const wanted = Math.max(leastRows, Math.min(mostRows, Math.floor(mostValues / Math.max(1, valuesPerRow))));
  const everyPlaces =
    rows <= wanted ? 1 : Math.max(1, Math.min(Math.floor(places / spreadOver), Math.ceil(rows / wanted)));
  const everyRows = Math.max(1, Math.ceil(rows / everyPlaces / wanted));
  const allPoints = Math.max(pointsPerSplit, pointsPerRun / Math.max(1, splits));
  const points = Math.max(leastPoints, Math.min(mostPoints, Math.floor(allPoints / Math.max(1, columns.length))));
  return { everyPlaces, everyRows, firstPlaces, points };
}
