// Looks at the rows of a split that lie in the sample, as they come by: what the model took from them and what it gave. Rows that
// were not scored are left out, but for the nulls that they were rejected for.
import type { ColumnSketch } from '../core/column-sketch.ts';
import { float16Value } from '../core/float16.ts';
import type { TensorValues } from '../model/session.ts';
import { mostListValues } from '../stats/column-summary.ts';
import type { Batch, InputValues } from './batch.ts';
import type { Binding, ResultColumn } from './binding.ts';
import { isTaken, type RowSample } from './row-sample.ts';
import { SampledValues } from './sampled-values.ts';
import type { ScoredBatch } from './score-batch.ts';
import { isRead, summarisedColumns } from './summarised-columns.ts';

export class ColumnSampler {
  readonly #sample: RowSample;
  readonly #binding: Binding;
  /** By column, in the order of `summarisedColumns`; those that are left out at the end of each role have none. */
  readonly #features: readonly SampledValues[];
  readonly #results: readonly SampledValues[];
  /** The model's column that a result column is; null where it is made after scoring. */
  readonly #sources: readonly (ResultColumn | null)[];
  readonly #madeLater: readonly SampledValues[];
  readonly #labels: readonly string[];

  constructor(binding: Binding, sample: RowSample) {
    this.#binding = binding;
    this.#sample = sample;
    const { columns } = summarisedColumns(binding);
    const features = columns.filter(({ role }) => role === 'feature');
    this.#features = features.map((column) => new SampledValues(column));
    this.#labels = features.map(({ name }) => name);
    const results = columns.filter(({ role }) => role === 'result');
    this.#results = results.map((column) => new SampledValues(column));
    this.#sources = results.map(({ name, tensor }) =>
      tensor === null ? null : (binding.results.find((column) => column.name === name) ?? null),
    );
    this.#madeLater = this.#results.filter((_, index) => this.#sources[index] === null);
  }

  /** Looks at a batch whose results are there, if it lies in the sample. */
  observe(batch: Batch, scored: ScoredBatch): void {
    if (!isTaken(this.#sample, batch.shard, batch.grid)) return;
    const { everyRows } = this.#sample;
    const rows: number[] = [];
    for (let row = 0; row < batch.rows; row++) {
      if (batch.rowNumbers[row] % everyRows !== 0) continue;
      if (scored.callOf[row] !== -1) rows.push(row);
      else this.#observeNull(batch, row);
    }
    this.#observeFeatures(batch, rows);
    for (const [index, column] of this.#sources.entries()) {
      if (column !== null) observeResult(this.#results[index], column, scored, rows);
    }
  }

  /** A value of a column that is made after scoring, by the column's place among these. */
  observeMade(place: number, value: number | string | null): void {
    const values = this.#madeLater[place];
    values.addRows(1);
    if (value === null) values.addMissing();
    else if (typeof value === 'number') values.addNumber(value);
    else values.addText(value);
  }

  /** Of every column, in the order of `summarisedColumns`. */
  sketches(): readonly ColumnSketch[] {
    return [...this.#features, ...this.#results].map((values) => values.sketch(this.#sample.points));
  }

  #observeNull(batch: Batch, row: number): void {
    const fault = batch.faults.get(row);
    if (fault?.reason !== 'null') return;
    for (const [index, label] of this.#labels.entries()) {
      if (label !== fault.column) continue;
      this.#features[index].addRows(1);
      this.#features[index].addMissing();
    }
  }

  #observeFeatures(batch: Batch, rows: readonly number[]): void {
    let next = 0;
    for (const [index, { columns, isList }] of this.#binding.inputs.entries()) {
      const values = batch.inputs[index];
      for (let place = 0; place < columns.length; place++) {
        if (!isRead(columns[place])) continue;
        const target = this.#features[next++];
        if (target === undefined) return;
        target.addRows(rows.length);
        if (isList) for (const row of rows) addList(target, values, row);
        else addColumn(target, values, rows, place, columns.length);
      }
    }
    for (const columns of batch.raw) {
      for (const raw of columns) {
        const target = this.#features[next++];
        if (target === undefined) return;
        target.addRows(rows.length);
        for (const row of rows) {
          const value = raw[row];
          if (value === null || value === undefined) target.addMissing();
          else if (typeof value === 'string') target.addText(value);
          else target.addNumber(value.length);
        }
      }
    }
  }
}

/** A column of single values, which lie `width` apart. */
function addColumn(
  target: SampledValues,
  { even, input }: InputValues,
  rows: readonly number[],
  place: number,
  width: number,
): void {
  if (input.dtype === 'string') for (const row of rows) target.addText(even[row * width + place] as string);
  else if (input.dtype === 'float16')
    for (const row of rows) target.addNumber(float16Value(even[row * width + place] as number));
  else if (even instanceof BigInt64Array || even instanceof BigUint64Array)
    for (const row of rows) target.addNumber(Number(even[row * width + place]));
  else {
    const numbers = even as Float32Array;
    for (const row of rows) target.addNumber(numbers[row * width + place]);
  }
}

function addList(target: SampledValues, values: InputValues, row: number): void {
  const { input, even, uneven, rowValues } = values;
  const isHalf = input.dtype === 'float16';
  if (rowValues === null) addValues(target, uneven[row].values, 0, uneven[row].values.length, isHalf);
  else addValues(target, even, row * rowValues, rowValues, isHalf);
}

function observeResult(
  target: SampledValues,
  column: ResultColumn,
  { outputs, callOf, placeOf }: ScoredBatch,
  rows: readonly number[],
): void {
  target.addRows(rows.length);
  const isHalf = column.dtype === 'float16';
  for (const row of rows) {
    const { tensor, rowValues } = outputs[column.output][callOf[row]];
    const from = placeOf[row] * rowValues;
    if (column.index !== null) addValues(target, tensor.data, from + column.index, 1, isHalf);
    else addValues(target, tensor.data, from, rowValues, isHalf);
    if (column.index === null && rowValues > 1 && typeof tensor.data[0] !== 'string')
      target.addPlaces(tensor.data as Float64Array, from, rowValues);
  }
}

/** Values of one row: all of a short list, evenly spaced ones of a long one. */
function addValues(target: SampledValues, values: TensorValues, from: number, length: number, isHalf: boolean): void {
  const step = Math.max(1, Math.ceil(length / mostListValues));
  for (let i = from; i < from + length; i += step) {
    const value = values[i];
    if (typeof value === 'string') target.addText(value);
    else target.addNumber(isHalf ? float16Value(value as number) : Number(value));
  }
}
