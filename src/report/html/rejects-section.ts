// Rows that were not scored: why, where, and the first of each kind as they came.
import { formatNumber } from '../format-number.ts';
import type { RejectsOfReason } from '../rejects-summary.ts';
import { wordBars } from './bars.ts';
import { formatPercent } from './format-value.ts';
import { Markup, markup } from './markup.ts';
import type { ReportContent } from './report-content.ts';
import { section } from './section.ts';

export function rejectsSection({ rejects, run, unpublished }: ReportContent): Markup | null {
  if (rejects.length === 0) return null;
  const { rows, rejected } = run;
  return section('rejects', 'Rejects', [
    markup`<p class="lead">${formatNumber(rejected)} of ${formatNumber(rows)} rows (${formatPercent(rejected, rows)}) were not scored. All of them stand in <code>_scoremill/${unpublished !== null && 'staging/'}rejects.parquet</code>; rows count from 0.</p>`,
    markup`<div class="chart">${wordBars(
      'Rejects by reason',
      ['reason', 'rows'],
      rejects.map(({ reason, rows: count }) => ({ word: reason, share: count, text: formatNumber(count) })),
    )}</div>`,
    rejects.map((reason, i) => ofReason(reason, i === 0)),
  ]);
}

function ofReason({ reason, rows, columns, examples }: RejectsOfReason, isOpen: boolean): Markup {
  const named = columns.filter(([column]) => column !== null);
  return markup`<details class="reason"${isOpen && new Markup(' open')}><summary>${reason} <small>${formatNumber(rows)}${
    rows > examples.length && `, the first ${formatNumber(examples.length)} of them`
  }</small></summary>${
    named.length > 0 &&
    markup`<p class="note">Columns: ${named.map(([column, count], i) => markup`${i > 0 && ', '}<b>${column}</b> ${formatNumber(count)}`)}</p>`
  }<ol class="examples">${examples.map(
    ({ shard, row, column, message, content }) =>
      markup`<li><p><b>row ${formatNumber(row)}</b> of <span class="path">${shard}</span>${column !== null && markup`, column <b>${column}</b>`}: ${message}</p>${content !== null && markup`<pre>${content}</pre>`}</li>`,
  )}</ol></details>`;
}
