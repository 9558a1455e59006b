// The distribution of a column as bars: of numbers by size, of few values by name, of lists by place.
import type { ColumnSummary } from '../../stats/column-summary.ts';
import { barsPath, type WordBar, wordBars } from './bars.ts';
import { formatPercent, formatValue } from './format-value.ts';
import { type Markup, markup } from './markup.ts';
import { plot } from './plot.ts';

/** Columns with up to so many values are shown value by value. */
const mostNamed = 24;

type Top = readonly (readonly [value: number | string, count: number])[];
type Bars = readonly (readonly [from: number, to: number, values: number])[];

export const topOf = ({ topValues }: ColumnSummary): Top => JSON.parse(topValues);
export const barsOf = ({ histogram }: ColumnSummary): Bars => JSON.parse(histogram);
export const placesOf = ({ placeMeans }: ColumnSummary): readonly number[] => JSON.parse(placeMeans);

/** Whether its values are names or classes more than sizes: text, truth values, or a few whole numbers. */
export function isNamed(column: ColumnSummary): boolean {
  if (column.isList || !column.isDistinctExact || column.distinct > mostNamed || column.distinct === 0) return false;
  if (column.measure === 'letters' || isTruth(column)) return topOf(column).length === column.distinct;
  return /int/i.test(column.type) && column.measure === 'value' && topOf(column).length === column.distinct;
}

const isTruth = ({ type }: ColumnSummary): boolean => /^bool/i.test(type);

export function shownValue(value: number | string, column: ColumnSummary): string {
  if (typeof value === 'string') return value === '' ? '(empty)' : value;
  return isTruth(column) ? (value === 0 ? 'false' : 'true') : formatValue(value, 7);
}

/** The values by name, with their shares of all values that were looked at. */
export function valueBars(column: ColumnSummary, caption: string, most = mostNamed): Markup {
  const all = topOf(column);
  const shown = all.slice(0, most);
  const bars = shown.map(
    ([value, count]): WordBar => ({
      word: shownValue(value, column),
      share: count,
      text: formatPercent(count, column.values + column.infinite),
    }),
  );
  return wordBars(caption, ['value', 'share'], bars);
}

export function histogram(column: ColumnSummary, height: number, title: string): Markup | null {
  const bars = barsOf(column);
  if (bars.length === 0) return null;
  const last = bars.at(-1) ?? bars[0];
  const isCut = (column.min ?? 0) < bars[0][0] || (column.max ?? 0) > last[1];
  // Bars of whole numbers end before the next one.
  const end = last[1] > (column.max ?? 0) && Number.isInteger(last[1]) ? last[1] - 1 : last[1];
  return markup`${plot({
    title,
    description: `From ${formatValue(column.min)} to ${formatValue(column.max)}, half of them below ${formatValue(column.p50)}.`,
    height,
    drawing: markup`<path class="area" d="${barsPath(bars.map(([, , values]) => values))}"/>`,
    x: [
      { at: 0, label: formatValue(bars[0][0], 3) },
      { at: 1, label: formatValue(end, 3) },
    ],
  })}${isCut && markup`<p class="note">The outermost bars also hold what lies beyond, down to ${formatValue(column.min)} and up to ${formatValue(column.max)}.</p>`}`;
}

/** A distribution as small as a word; its title is left to the row that it stands in. Texts are told by the most frequent. */
export function spark(column: ColumnSummary): Markup | null {
  if (column.measure === 'letters') return frequentTexts(column);
  const bars = barsOf(column);
  if (bars.length === 0) return null;
  return markup`<svg class="spark" viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true"><path class="area" d="${barsPath(bars.map(([, , values]) => values)).replaceAll(/\.\d/g, '')}"/></svg>`;
}

function frequentTexts(column: ColumnSummary): Markup | null {
  const top = topOf(column);
  if (top.length === 0) return null;
  const share = (count: number): string => formatPercent(count, column.values);
  return markup`<span class="stack thin" aria-hidden="true">${top
    .slice(0, 12)
    .map(
      ([, count], i) =>
        markup`<i style="width:${Math.round((1000 * count) / column.values) / 10}%;opacity:${Math.max(0.25, 1 - i * 0.14).toFixed(2)}"></i>`,
    )}</span><span class="top">${top
    .slice(0, 3)
    .map(([value, count], i) => markup`${i > 0 && ', '}${shownValue(value, column)} ${share(count)}`)}</span>`;
}

/** The mean of a list at each of its places. */
export function placeBars(column: ColumnSummary, height: number): Markup | null {
  const means = placesOf(column);
  if (means.length < 2) return null;
  const low = Math.min(0, ...means);
  const high = Math.max(0, ...means);
  const largest = means.indexOf(Math.max(...means));
  return markup`<h4>Mean at each of its ${means.length} places</h4>${plot({
    title: `Mean of ${column.name} at each place`,
    description: `The largest, ${formatValue(means[largest])}, at place ${largest}.`,
    height,
    drawing: markup`<path class="area" d="${barsPath(
      means.map((mean) => mean - low),
      high - low,
    )}"/>`,
    x: [
      { at: 0, label: '0' },
      { at: 1, label: String(means.length - 1) },
    ],
    y: [
      { at: 0, label: formatValue(low, 2) },
      { at: 1, label: formatValue(high, 2) },
    ],
  })}`;
}
