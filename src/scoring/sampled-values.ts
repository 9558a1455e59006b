// The values of one column that a split's sample has met so far, as they are measured: numbers, or texts and blobs by their length.
import type { ColumnSketch } from '../core/column-sketch.ts';
import type { SummarisedColumn } from '../stats/column-summary.ts';
import { sketchNumbers, TextCounts } from '../stats/sketch-column.ts';

/** Lists of up to so many values also tell the mean at each place. */
const mostPlaces = 128;

export class SampledValues {
  readonly #texts: TextCounts | null;
  readonly #isList: boolean;
  #numbers = new Float64Array(1024);
  #count = 0;
  #rows = 0;
  #missing = 0;
  /** Null once lists of more than one length were met. */
  #sums: Float64Array | null = null;
  #isEven = true;

  constructor({ measure, isList }: SummarisedColumn) {
    this.#texts = measure === 'letters' ? new TextCounts() : null;
    this.#isList = isList;
  }

  /** Rows looked at, whose values follow one by one. */
  addRows(rows: number): void {
    this.#rows += rows;
  }

  /** A row, or a value of a list, that has none. */
  addMissing(): void {
    this.#missing++;
  }

  addNumber(value: number): void {
    if (Number.isNaN(value)) {
      this.#missing++;
      return;
    }
    if (this.#count === this.#numbers.length) {
      const larger = new Float64Array(2 * this.#count);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers[this.#count++] = value;
  }

  addText(text: string): void {
    this.#texts?.add(text);
    this.addNumber(text.length);
  }

  /** Adds to the sums at each place of a list; lists of unlike length have none. */
  addPlaces(values: ArrayLike<number | bigint>, from: number, length: number): void {
    if (!this.#isEven) return;
    this.#sums ??= new Float64Array(length > mostPlaces ? 0 : length);
    if (this.#sums.length !== length) {
      this.#isEven = false;
      this.#sums = null;
      return;
    }
    for (let place = 0; place < length; place++) this.#sums[place] += Number(values[from + place]);
  }

  sketch(mostPoints: number): ColumnSketch {
    const sums = this.#isList && this.#sums?.every(Number.isFinite) ? [...this.#sums] : [];
    const looked = { rows: this.#rows, missing: this.#missing, sums };
    const sketch = sketchNumbers(this.#numbers.subarray(0, this.#count), looked, mostPoints);
    return this.#texts === null ? sketch : { ...sketch, ...this.#texts.frequent() };
  }
}
