// Of a run that published nothing: why, what is kept, and what to do next, before any figure.
import { formatNumber } from '../format-number.ts';
import { notPublished } from '../not-published.ts';
import { type Markup, markup } from './markup.ts';
import type { ReportContent } from './report-content.ts';
import { section } from './section.ts';

/** A dataset of damaged files has a reason for each. */
const mostReasons = 20;

export function whyUnpublished({ run, unpublished }: ReportContent): Markup | null {
  if (unpublished === null) return null;
  const { verdict, reasons, budgetRows, olderRunId } = unpublished;
  const { kept, next } = notPublished(verdict, run, budgetRows);
  return section('why', 'Why nothing was published', [
    markup`<ul class="reasons${reasons.length === 1 && ' one'}">${reasons.slice(0, mostReasons).map((reason) => markup`<li>${reason}</li>`)}</ul>`,
    reasons.length > mostReasons && markup`<p class="note">and ${formatNumber(reasons.length - mostReasons)} more</p>`,
    markup`<p class="lead">${kept}. ${next}.</p>`,
    olderRunId !== null &&
      markup`<p class="note">The output folder still holds the complete result of run <b>${olderRunId}</b>.</p>`,
  ]);
}
