// What the sketches of splits come to, held against plain computation over all values.
import { describe, expect, test } from 'vitest';
import { type SummarisedColumn, summariseColumn } from '../../src/stats/column-summary.ts';
import { sketchNumbers, TextCounts } from '../../src/stats/sketch-column.ts';

const column: SummarisedColumn = {
  role: 'feature',
  tensor: 'x',
  name: 'age',
  type: 'float64',
  measure: 'value',
  isList: false,
};

/** Repeatable numbers in [0, 1). */
function* chance(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

const take = (count: number, values: Iterator<number>, of = (value: number): number => value): number[] =>
  Array.from({ length: count }, () => of(values.next().value as number));

const sketchOf = (values: readonly number[], points = 257) =>
  sketchNumbers(Float64Array.from(values), { rows: values.length, missing: 0 }, points);

/** A split after so many values. */
const splitsOf = (values: readonly number[], size: number): number[][] =>
  Array.from({ length: Math.ceil(values.length / size) }, (_, i) => values.slice(i * size, (i + 1) * size));

describe('numbers', () => {
  test('few of them are told exactly, whatever the cut', () => {
    const values = [3, 1, 2, 2, 5, -4, 2, 8];
    const whole = summariseColumn(column, [sketchOf(values)]);
    expect(whole).toMatchObject({ rows: 8, missing: 0, values: 8, infinite: 0, distinct: 6, isDistinctExact: true });
    expect(whole).toMatchObject({ min: -4, p25: 1, p50: 2, p75: 3, max: 8 });
    expect(whole.mean).toBeCloseTo(19 / 8, 12);
    expect(whole.deviation).toBeCloseTo(Math.sqrt((127 - 8 * (19 / 8) ** 2) / 7), 12);
    expect(JSON.parse(whole.topValues)[0]).toEqual([2, 3]);
    const cut = summariseColumn(
      column,
      splitsOf(values, 3).map((split) => sketchOf(split)),
    );
    expect({ ...cut, mean: 0, deviation: 0 }).toEqual({ ...whole, mean: 0, deviation: 0 });
    expect(cut.mean).toBeCloseTo(whole.mean ?? 0, 12);
    expect(cut.deviation).toBeCloseTo(whole.deviation ?? 0, 12);
  });

  test.each([
    ['even', (value: number) => value * 100],
    ['skewed', (value: number) => Math.exp(8 * value)],
    ['far from zero', (value: number) => 1e6 + value],
  ])('quantiles of many %s ones lie within half a percent of the rank', (_name, of) => {
    const values = take(40_000, chance(7), of);
    const summary = summariseColumn(
      column,
      splitsOf(values, 9000).map((split) => sketchOf(split)),
    );
    const sorted = Float64Array.from(values).sort();
    const rankOf = (value: number | null): number => sorted.findIndex((one) => one >= (value ?? 0)) / sorted.length;
    expect([summary.min, summary.max]).toEqual([sorted[0], sorted.at(-1)]);
    for (const [share, value] of [
      [0.01, summary.p01],
      [0.05, summary.p05],
      [0.25, summary.p25],
      [0.5, summary.p50],
      [0.95, summary.p95],
      [0.99, summary.p99],
    ] as const) {
      expect(Math.abs(rankOf(value) - share)).toBeLessThan(0.005);
    }
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(Math.abs((summary.mean ?? 0) / mean - 1)).toBeLessThan(1e-9);
  });

  test('a histogram has every value once, and its bars are right', () => {
    const values = take(30_000, chance(3), (value) => value * value * 40);
    const summary = summariseColumn(
      column,
      splitsOf(values, 10_000).map((split) => sketchOf(split)),
    );
    const bars: [number, number, number][] = JSON.parse(summary.histogram);
    expect(bars.length).toBe(40);
    expect(Math.abs(bars.reduce((sum, [, , count]) => sum + count, 0) - 30_000)).toBeLessThan(40);
    for (const [from, to, count] of bars.slice(1)) {
      const exact = values.filter((value) => value >= from && value < to).length;
      expect(Math.abs(count - exact)).toBeLessThan(150);
    }
  });

  test('whole numbers have bars of whole numbers, each with equally many', () => {
    const values = take(5000, chance(5), (value) => Math.floor(18 + value * 66));
    const bars: [number, number, number][] = JSON.parse(summariseColumn(column, [sketchOf(values)]).histogram);
    expect(new Set(bars.map(([from, to]) => to - from))).toEqual(new Set([2]));
    expect(bars.every(([from]) => Number.isInteger(from))).toBe(true);
  });

  test('a few far out do not press the others into one bar', () => {
    const values = [...take(2000, chance(11)), 1e9, -1e9];
    const summary = summariseColumn(column, [sketchOf(values)]);
    const bars: [number, number, number][] = JSON.parse(summary.histogram);
    expect([bars[0][0], bars.at(-1)?.[1]].every((edge) => Math.abs(edge ?? 0) < 2)).toBe(true);
    expect(bars.filter(([, , count]) => count > 20).length).toBeGreaterThan(25);
    expect([summary.min, summary.max]).toEqual([-1e9, 1e9]);
  });

  test('infinite and huge ones, none at all, and one alone', () => {
    const wild = summariseColumn(column, [sketchOf([1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 3])]);
    expect(wild).toMatchObject({ values: 2, infinite: 2, min: 1, max: 3, mean: 2 });
    expect(summariseColumn(column, [sketchOf([1e308, -1e308, 1.7e308])])).toMatchObject({ max: 1.7e308, deviation: 0 });
    const none = summariseColumn(column, [sketchNumbers(new Float64Array(0), { rows: 4, missing: 4 }, 33)]);
    expect(none).toMatchObject({ rows: 4, missing: 4, values: 0, mean: null, min: null, histogram: '[]', distinct: 0 });
    expect(summariseColumn(column, [sketchOf([7])])).toMatchObject({ min: 7, p50: 7, max: 7, deviation: 0 });
    expect(JSON.parse(summariseColumn(column, [sketchOf([0.5, 0.5])]).histogram)).toEqual([[0.5, 0.5, 2]]);
  });

  test.each([100, 1000, 10_000, 40_000])('%d different ones over four splits are estimated within 15 %%', (count) => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const values = take(count, chance(seed));
      const splits = splitsOf([...values, ...values.slice(0, count / 2)], count / 2);
      const { distinct, isDistinctExact } = summariseColumn(
        column,
        splits.map((split) => sketchOf(split)),
      );
      expect(isDistinctExact).toBe(false);
      expect(Math.abs(distinct / count - 1)).toBeLessThan(0.15);
    }
  });

  test('of many the most frequent are named, with their counts', () => {
    const values = [...take(3000, chance(9)), ...new Array<number>(500).fill(0), ...new Array<number>(400).fill(-1)];
    const summary = summariseColumn(
      column,
      splitsOf(values, 3900).map((split) => sketchOf(split)),
    );
    expect(JSON.parse(summary.topValues)).toEqual([
      [0, 500],
      [-1, 400],
    ]);
  });
});

describe('texts', () => {
  const texts: SummarisedColumn = { ...column, type: 'string', measure: 'letters' };
  const sketchTexts = (values: readonly string[]) => {
    const counts = new TextCounts();
    for (const value of values) counts.add(value);
    const lengths = Float64Array.from(values, (value) => value.length);
    return { ...sketchNumbers(lengths, { rows: values.length, missing: 0 }, 65), ...counts.frequent() };
  };

  test('few are counted by name over all splits', () => {
    const summary = summariseColumn(texts, [sketchTexts(['a', 'bb', 'a']), sketchTexts(['bb', 'bb', 'c'])]);
    expect(JSON.parse(summary.topValues)).toEqual([
      ['bb', 3],
      ['a', 2],
      ['c', 1],
    ]);
    expect(summary).toMatchObject({ distinct: 3, isDistinctExact: true, min: 1, max: 2 });
  });

  test('many are estimated, long ones are cut, and memory stays bounded', () => {
    const ids = Array.from({ length: 20_000 }, (_, i) => `customer ${i}`);
    const sketch = sketchTexts([...ids, ...new Array<string>(50).fill('x'.repeat(500)), 'customer 3']);
    const summary = summariseColumn(texts, [sketch]);
    expect(summary.isDistinctExact).toBe(false);
    expect(Math.abs(summary.distinct / 20_001 - 1)).toBeLessThan(0.15);
    expect(JSON.parse(summary.topValues)).toEqual([['customer 3', 2]]);
    expect(JSON.stringify(sketch).length).toBeLessThan(3000);
  });

  test('long ones that begin alike are told apart by their ends, and no letter is cut in two', () => {
    const folder = `photos/${'a-folder-with-a-long-name/'.repeat(5)}`;
    const paths = ['1.jpg', '2.jpg', '2.jpg'].map((name) => folder + name);
    const odd = `${'x'.repeat(38)}😀${'y'.repeat(60)}😀${'z'.repeat(39)}`;
    const summary = summariseColumn(texts, [sketchTexts([...paths, odd, odd])]);
    const top: readonly (readonly [string, number])[] = JSON.parse(summary.topValues);
    expect(top.map(([text, count]) => [text.slice(-5), count])).toEqual([
      ['2.jpg', 2],
      ['zzzzz', 2],
    ]);
    expect(top[1][0]).toBe(`${'x'.repeat(38)}…${'z'.repeat(39)}`);
    expect(top.map(([text]) => text.length <= 80)).toEqual([true, true]);
  });
});

test('lists tell their mean at each place, unless their lengths differ', () => {
  const lists = (sums: readonly number[]) => sketchNumbers(new Float64Array(4), { rows: 2, missing: 0, sums }, 33);
  const list = { ...column, isList: true };
  expect(JSON.parse(summariseColumn(list, [lists([1, 3]), lists([3, 5])]).placeMeans)).toEqual([1, 2]);
  expect(JSON.parse(summariseColumn(list, [lists([1, 3]), lists([3, 5, 7])]).placeMeans)).toEqual([]);
});

test('what a split tells of a column stays small', () => {
  const sketch = sketchOf(take(50_000, chance(1)), 257);
  expect(JSON.stringify(sketch).length).toBeLessThan(4000);
});
