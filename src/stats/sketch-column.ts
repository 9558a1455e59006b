// What is told of a column's values when a split is done: moments, ranks, the most frequent values, and how many there are.
import type { ColumnSketch } from '../core/column-sketch.ts';
import { addNumber, addText, emptyRegisters, encodeRegisters } from './distinct-registers.ts';
import { encodePoints, takePoints } from './rank-points.ts';

/** The most values that a sketch names. */
export const mostTop = 24;

export interface Looked {
  readonly rows: number;
  readonly missing: number;
  readonly sums?: readonly number[];
}

/** Of numbers in any order, which are put in order in place; none is NaN. */
export function sketchNumbers(
  numbers: Float64Array,
  { rows, missing, sums = [] }: Looked,
  mostPoints: number,
): ColumnSketch {
  const all = numbers.sort();
  const from = all[0] === Number.NEGATIVE_INFINITY ? firstAbove(all, Number.NEGATIVE_INFINITY) : 0;
  const to = all.at(-1) === Number.POSITIVE_INFINITY ? all.indexOf(Number.POSITIVE_INFINITY) : all.length;
  const finite = all.subarray(from, to);
  const infinite = all.length - finite.length;
  return {
    rows,
    missing,
    values: finite.length,
    infinite,
    ...momentsOf(finite),
    points: encodePoints(takePoints(finite, mostPoints)),
    ...frequentNumbers(finite),
    sums,
  };
}

const firstAbove = (sorted: Float64Array, bound: number): number => {
  const index = sorted.findIndex((value) => value > bound);
  return index === -1 ? sorted.length : index;
};

export function momentsOf(numbers: Float64Array): { readonly mean: number; readonly squares: number } {
  if (numbers.length === 0) return { mean: 0, squares: 0 };
  let sum = 0;
  for (let i = 0; i < numbers.length; i++) sum += numbers[i] / numbers.length;
  let squares = 0;
  for (let i = 0; i < numbers.length; i++) squares += (numbers[i] - sum) ** 2;
  // Numbers near the largest that there are have no squares.
  return { mean: sum, squares: Number.isFinite(squares) ? squares : 0 };
}

type Frequent = Pick<ColumnSketch, 'top' | 'distinct' | 'isDistinctExact' | 'registers'>;

/** Of numbers in ascending order: equal ones stand side by side. */
function frequentNumbers(sorted: Float64Array): Frequent {
  const runs: (readonly [number, number])[] = [];
  let distinct = 0;
  let least = 1;
  for (let from = 0; from < sorted.length; ) {
    const value = sorted[from];
    let to = from + 1;
    while (to < sorted.length && sorted[to] === value) to++;
    distinct++;
    // Once there are too many, values that occur once are not among the most frequent.
    if (to - from > least || distinct <= mostTop) runs.push([value + 0, to - from]);
    if (runs.length > 4 * mostTop) {
      runs.splice(0, runs.length, ...mostFrequent(runs));
      least = runs[mostTop - 1][1];
    }
    from = to;
  }
  if (distinct <= mostTop) return { top: mostFrequent(runs), distinct, isDistinctExact: true, registers: '' };
  const registers = emptyRegisters();
  for (let i = 0; i < sorted.length; i++) if (i === 0 || sorted[i] !== sorted[i - 1]) addNumber(registers, sorted[i]);
  return {
    top: mostFrequent(runs).filter(([, count]) => count > 1),
    distinct,
    isDistinctExact: true,
    registers: encodeRegisters(registers),
  };
}

/** By count, then by value, so that one order comes out. */
export function mostFrequent<Value extends number | string>(
  counts: Iterable<readonly [Value, number]>,
): (readonly [Value, number])[] {
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : a > b ? 1 : 0)).slice(0, mostTop);
}

const mostCounted = 4096;
const mostShownLetters = 80;

/** Both ends of a long text: the paths of a folder begin alike. */
function shortened(text: string): string {
  const head = text.slice(0, mostShownLetters / 2 - 1).replace(/[\ud800-\udbff]$/, '');
  const tail = text.slice(-mostShownLetters / 2).replace(/^[\udc00-\udfff]/, '');
  return `${head}…${tail}`;
}

/** Counts texts as they come, and measures their letters. Of many or long ones the different are estimated. */
export class TextCounts {
  readonly #counts = new Map<string, number>();
  readonly #registers = emptyRegisters();
  #isExact = true;

  add(text: string): void {
    const isLong = text.length > mostShownLetters;
    const shown = isLong ? shortened(text) : text;
    if (isLong) this.#isExact = false;
    const count = this.#counts.get(shown);
    if (count !== undefined) this.#counts.set(shown, count + 1);
    else if (this.#counts.size < mostCounted) this.#counts.set(shown, 1);
    else this.#isExact = false;
    addText(this.#registers, text);
  }

  frequent(): Frequent {
    const distinct = this.#counts.size;
    const top = mostFrequent(this.#counts);
    if (distinct <= mostTop && this.#isExact) return { top, distinct, isDistinctExact: true, registers: '' };
    return {
      top: top.filter(([, count]) => count > 1),
      distinct,
      isDistinctExact: this.#isExact,
      registers: encodeRegisters(this.#registers),
    };
  }
}
