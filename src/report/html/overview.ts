// The top of the page: what came of the run, and whether it is any good, before any detail.
import { formatDuration } from '../format-duration.ts';
import { counted, formatBytes, formatNumber } from '../format-number.ts';
import { type Content, type Markup, markup } from './markup.ts';
import type { ReportContent } from './report-content.ts';
import { whyUnpublished } from './why-unpublished.ts';

export function overview(content: ReportContent): Markup {
  const { manifest, run, unpublished } = content;
  const { runs, runId } = manifest;
  const parts = manifest.parts.filter((part) => part.run === runId);
  const heldBack = run.scored - run.written;
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  const [tone, verdict] = unpublished === null ? verdictOf(run.rejected) : ['bad', 'Not published'];
  return markup`<header><p class="verdict ${tone}">${verdict}</p><h1>${manifest.job.name}</h1><p class="sub">Run <b>${manifest.runId}</b>, ${unpublished === null ? 'finished' : 'ended'} ${timeOf(manifest.finishedMs)}${
    manifest.attempts > 1 && `, after ${counted(manifest.attempts, 'execution')}`
  }</p>${
    runs.length > 1 &&
    markup`<p class="sub">This run added to the result, which holds ${counted(manifest.counts.written, 'row')} of ${counted(runs.length, 'run')} in ${counted(manifest.parts.length, 'part')}.</p>`
  }</header>
${whyUnpublished(content)}
<section id="counts" aria-label="Counts"><p class="sum"><span><b>${formatNumber(run.rows)}</b> ${unpublished === null ? 'rows in' : `of ${formatNumber(run.plannedRows)} rows so far`}</span><span>= <b>${formatNumber(run.scored)}</b> scored</span><span>+ <b class="${run.rejected > 0 ? 'bad' : ''}">${formatNumber(run.rejected)}</b> rejected</span>${
    run.filtered > 0 && markup`<span>+ <b>${formatNumber(run.filtered)}</b> left out by the filter</span>`
  }</p>${
    heldBack > 0 &&
    markup`<p class="note">${formatNumber(run.written)} written, ${formatNumber(heldBack)} held back by output.where</p>`
  }<dl class="tiles">${[
    tile('time', formatDuration(run.wallMs), `scoring ${formatDuration(run.scoringMs)}`),
    tile(
      'rows a second',
      run.rowsPerSecond === null ? '–' : formatNumber(Math.round(run.rowsPerSecond)),
      run.scoringRowsPerSecond === null ? '' : `${formatNumber(Math.round(run.scoringRowsPerSecond))} while scoring`,
    ),
    tile(
      'workers',
      formatNumber(run.workers),
      `${counted(run.threadsPerWorker, 'thread')} each, of ${counted(run.usableCores, 'core')}`,
    ),
    tile('memory', formatBytes(run.peakMemoryBytes), `of ${formatBytes(run.usableMemoryBytes)}`),
    tile('read', formatBytes(run.inputBytes), counted(run.shards, 'file')),
    tile(unpublished === null ? 'written' : 'staged', formatBytes(bytes), counted(parts.length, 'part')),
  ]}</dl></section>`;
}

const verdictOf = (rejected: number): readonly [tone: string, verdict: string] =>
  rejected === 0 ? ['good', 'Complete'] : ['warn', `Complete, with ${counted(rejected, 'reject')} within the budget`];

const tile = (name: string, value: Content, detail: string): Markup =>
  markup`<div><dt>${name}</dt><dd><b>${value}</b><small>${detail}</small></dd></div>`;

/** `2026-01-31 03:00:05 UTC`. */
export const timeOf = (ms: number): string => `${new Date(ms).toISOString().replace('T', ' ').slice(0, 19)} UTC`;
