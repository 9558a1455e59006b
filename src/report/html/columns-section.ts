// What went into the model and what came out, column by column. All of it is of the sample, and the page says so first.
import { type ColumnSummary, mostListValues } from '../../stats/column-summary.ts';
import { formatNumber } from '../format-number.ts';
import { histogram, isNamed, placeBars, placesOf, shownValue, spark, topOf, valueBars } from './column-charts.ts';
import { formatPercent, formatValue } from './format-value.ts';
import { type Content, type Markup, markup } from './markup.ts';
import type { ReportContent } from './report-content.ts';
import { section } from './section.ts';

/** Beyond so many columns of a role, the page has their figures and no pictures of their details. */
const mostDetailed = 120;

export function resultsSection(content: ReportContent): Markup | null {
  const results = content.columns.filter(({ role }) => role === 'result');
  if (results.length === 0) return null;
  return section('results', 'Results', [
    sampleNote(content, results.length, content.run.resultColumns, 'result column'),
    markup`<div class="cards">${results.map((column) => card(column, lengthOf(column, content)))}</div>`,
  ]);
}

export function featuresSection(content: ReportContent): Markup | null {
  const features = content.columns.filter(({ role }) => role === 'feature');
  if (features.length === 0) return null;
  const inputs = new Set(features.map(({ tensor }) => tensor));
  return section('features', 'Features', [
    sampleNote(content, features.length, content.run.features, 'feature'),
    markup`<table class="features"><thead><tr><th scope="col">feature</th><th scope="col">distribution</th><th scope="col" class="n">missing</th><th scope="col" class="n">distinct</th><th scope="col" class="n">min</th><th scope="col" class="n">median</th><th scope="col" class="n">mean</th><th scope="col" class="n">max</th></tr></thead><tbody>${features.map(
      (column) => featureRow(column, inputs.size > 1, features.length <= mostDetailed),
    )}</tbody></table>`,
  ]);
}

function sampleNote({ run }: ReportContent, shown: number, all: number, noun: string): Markup {
  const rows = run.sampledRows;
  const whole = rows >= run.scored;
  return markup`<p class="note">${
    whole
      ? `Of all ${formatNumber(run.scored)} scored rows.`
      : `Of a sample of ${formatNumber(rows)} of ${formatNumber(run.scored)} scored rows (${formatPercent(rows, run.scored)}), spread evenly over the dataset: shares, means and quantiles are estimates, and rare values may be missing.`
  }${shown < all && ` The first ${formatNumber(shown)} of ${formatNumber(all)} ${noun}s are shown.`}</p>`;
}

/** How many values a row of a list has; null where rows differ. */
function lengthOf({ name }: ColumnSummary, { manifest }: ReportContent): number | null {
  const declared = manifest.columns.find((column) => column.name === name)?.type ?? '';
  const sizes = [...declared.matchAll(/\[(\d*)\]/g)].map(([, size]) => Number(size));
  return sizes.length === 0 || sizes.includes(0) ? null : sizes.reduce((product, size) => product * size, 1);
}

function card(column: ColumnSummary, length: number | null): Markup {
  const named = isNamed(column);
  return markup`<article class="card"><h3>${column.name}</h3><p class="type">${typeOf(column, length)}${
    column.tensor !== null && column.tensor !== column.name && ` of ${column.tensor}`
  }${column.tensor === null && ', made after scoring'}${lookedText(length)}</p>${
    named ? valueBars(column, `Balance of ${column.name}`, 12) : histogram(column, 90, `Distribution of ${column.name}`)
  }${placeBars(column, 60)}${named && column.distinct > 12 && markup`<p class="note">and ${column.distinct - 12} more values</p>`}<dl class="facts">${facts(column, named)}</dl></article>`;
}

function facts(column: ColumnSummary, named: boolean): Content {
  const all: [string, string][] = [];
  if (column.missing > 0) all.push(['missing', formatPercent(column.missing, lookedAt(column))]);
  if (column.infinite > 0) all.push(['infinite', formatPercent(column.infinite, lookedAt(column))]);
  all.push(['distinct', distinctText(column)]);
  if (!named) {
    const unit = unitOf(column);
    all.push(['mean', `${formatValue(column.mean)}${unit}`], ['deviation', formatValue(column.deviation)]);
    all.push(['min', formatValue(column.min)], ['5 %', formatValue(column.p05)], ['median', formatValue(column.p50)]);
    all.push(['95 %', formatValue(column.p95)], ['max', formatValue(column.max)]);
  }
  return all.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`);
}

const lookedAt = (column: ColumnSummary): number => column.values + column.infinite + column.missing;

const distinctText = ({ distinct, isDistinctExact }: ColumnSummary): string =>
  `${isDistinctExact ? '' : '≈ '}${formatNumber(isDistinctExact ? distinct : Number(distinct.toPrecision(2)))}`;

const unitOf = ({ measure }: ColumnSummary): string => (measure === 'value' ? '' : ` ${measure}`);

function typeOf({ type, isList }: ColumnSummary, length: number | null = null): string {
  if (!isList) return type;
  return length === null ? `list of ${type}` : `list of ${formatNumber(length)} ${type}`;
}

/** Of a long list the figures are of a part. */
function lookedText(length: number | null): string {
  if (length === null || length <= mostListValues) return '';
  return `, ${Math.ceil(length / Math.ceil(length / mostListValues))} looked at in each row`;
}

function featureRow(column: ColumnSummary, hasInputs: boolean, isDetailed: boolean): Markup {
  const missing = formatPercent(column.missing, lookedAt(column));
  const cell = (label: string, value: string): Markup => markup`<td class="n" data-l="${label}">${value}</td>`;
  const lengths =
    column.measure !== 'letters'
      ? ''
      : `, ${column.min === column.max ? '' : `${formatValue(column.min)} to `}${formatValue(column.max)} letters`;
  const target = hasInputs && column.tensor !== column.name ? ` → ${column.tensor}` : '';
  const type = `${typeOf(column)}${column.measure === 'bytes' ? ', bytes' : lengths}${target}`;
  const sizes =
    column.measure === 'letters' ? [null, null, null, null] : [column.min, column.p50, column.mean, column.max];
  return markup`<tr><th scope="row"><span class="w">${column.name}</span><small>${type}</small>${isDetailed && details(column)}</th><td class="s">${spark(column)}</td><td class="n${column.missing > 0 ? ' has' : ''}" data-l="missing">${missing}</td>${cell('distinct', distinctText(column))}${['min', 'median', 'mean', 'max'].map((name, i) => cell(name, formatValue(sizes[i])))}</tr>`;
}

/** Quantiles and frequent values, for those who ask. */
function details(column: ColumnSummary): Markup | null {
  const quantiles = [
    ['1 %', column.p01],
    ['5 %', column.p05],
    ['25 %', column.p25],
    ['75 %', column.p75],
    ['95 %', column.p95],
    ['99 %', column.p99],
    ['deviation', column.deviation],
  ] as const;
  const top = topOf(column).slice(0, 8);
  if (column.values === 0) return null;
  return markup`<details><summary>more</summary>${
    column.measure !== 'value' && markup`<p class="top">Quantiles of the ${column.measure}:</p>`
  }<dl class="facts">${quantiles.map(
    ([name, value]) => markup`<div><dt>${name}</dt><dd>${formatValue(value)}</dd></div>`,
  )}</dl>${
    top.length > 0 &&
    markup`<p class="top">Most frequent: ${top.map(
      ([value, count], i) =>
        markup`${i > 0 && ', '}<b>${shownValue(value, column)}</b> ${formatPercent(count, column.values + column.infinite)}`,
    )}</p>`
  }${placesOf(column).length > 1 && placeBars(column, 50)}</details>`;
}
