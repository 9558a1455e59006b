// What happened when: rows a second, memory, and which worker had which split, over one axis of time. Only the execution that
// finished the run is drawn; splits that earlier ones finished have an axis of their own.
import { ticks } from 'd3-array';
import { area, curveStepAfter, line } from 'd3-shape';
import type { TracePoint } from '../../core/outcome.ts';
import type { SplitStats } from '../../stats/split-stats.ts';
import { formatDuration } from '../format-duration.ts';
import { counted, formatBytes, formatNumber } from '../format-number.ts';
import { barsPath } from './bars.ts';
import { formatMoment, formatShort } from './format-value.ts';
import { type Markup, markup } from './markup.ts';
import { plot, plotHeight, plotWidth, round, type Tick } from './plot.ts';
import type { ReportContent } from './report-content.ts';
import { section } from './section.ts';
import { timeline } from './timeline.ts';

const bins = 100;

/** A moment of a split on the clock of the run. */
interface Moment {
  readonly ms: number;
  readonly rows: number;
  readonly memoryBytes: number;
}

export function overTime({ run, splits, unpublished }: ReportContent): Markup | null {
  if (splits.length === 0) return null;
  const scored = splits.filter(({ resumed }) => !resumed);
  const earlier = splits.filter(({ resumed }) => resumed);
  const startMs = Date.parse(run.startedAt);
  const spanMs = Math.max(1, run.wallMs);
  const x = timeTicks(spanMs);
  const traces = scored.map((split) => momentsOf(split, startMs));
  return section('over-time', 'Over time', [
    scored.length === 0
      ? markup`<p class="note">${
          unpublished === null
            ? 'Every split was scored by an earlier execution; this one only published.'
            : 'Every finished split was scored by an earlier execution.'
        }</p>`
      : [
          phases(run),
          throughput(traces, spanMs, x),
          memory(traces, spanMs, x, run.peakMemoryBytes),
          timeline({ splits: scored, startMs, spanMs, x, workers: run.workers, caption: 'Workers and their splits' }),
        ],
    earlier.length === 0 ? null : earlierSplits(earlier),
  ]);
}

function momentsOf(split: SplitStats, startMs: number): readonly Moment[] {
  const offsetMs = Date.parse(split.startedAt) - startMs;
  const points: readonly TracePoint[] = JSON.parse(split.trace);
  return points.map(([elapsedMs, rows, memoryBytes]) => ({ ms: offsetMs + elapsedMs, rows, memoryBytes }));
}

export function timeTicks(spanMs: number): readonly Tick[] {
  const unit = spanMs > 7_200_000 ? 3_600_000 : spanMs > 120_000 ? 60_000 : spanMs > 1000 ? 1000 : 1;
  const all = ticks(0, spanMs / unit, 5).map((value) => value * unit);
  const stepMs = all.length > 1 ? all[1] - all[0] : spanMs;
  return all.map((ms) => ({ at: ms / spanMs, label: formatMoment(ms, stepMs) }));
}

function phases({ preflightMs, scoringMs, publishMs, wallMs }: ReportContent['run']): Markup {
  const parts = (
    [
      ['preflight', preflightMs],
      ['scoring', scoringMs],
      ['publishing', publishMs],
    ] as const
  ).filter(([, ms]) => ms > 0);
  return markup`<div class="chart"><h3>Phases</h3><div class="phases" role="list">${parts.map(
    ([name, ms]) =>
      markup`<div role="listitem" class="phase-${name}" style="width:${round((100 * ms) / Math.max(1, wallMs))}%"><span class="sr">${name} ${formatDuration(ms)}</span></div>`,
  )}</div><ul class="legend">${parts.map(
    ([name, ms]) => markup`<li><i class="phase-${name}"></i>${name} <b>${formatDuration(ms)}</b></li>`,
  )}</ul></div>`;
}

function throughput(traces: readonly (readonly Moment[])[], spanMs: number, x: readonly Tick[]): Markup {
  const binMs = spanMs / bins;
  const rows = new Array<number>(bins).fill(0);
  for (const moments of traces) {
    for (const [i, to] of moments.entries()) {
      if (i > 0) spread(rows, moments[i - 1].ms / binMs, to.ms / binMs, to.rows - moments[i - 1].rows);
    }
  }
  const rates = rows.map((count) => (1000 * count) / binMs);
  const { most, y } = valueTicks(Math.max(...rates), formatShort);
  const peak = Math.max(...rates);
  return markup`<div class="chart"><h3>Rows a second <small>at most ${formatShort(peak)}</small></h3>${plot({
    title: 'Rows a second over the time of the run',
    description: `Up to ${formatNumber(Math.round(peak))} rows a second.`,
    height: 110,
    drawing: markup`<path class="area" d="${barsPath(rates, most)}"/>`,
    x,
    y,
  })}</div>`;
}

/** Adds an amount to the bins that it was spread over evenly; positions count in bins. */
function spread(amounts: number[], from: number, to: number, amount: number): void {
  const last = amounts.length - 1;
  const width = to - from;
  if (width <= 0) {
    amounts[Math.max(0, Math.min(last, Math.floor(from)))] += amount;
    return;
  }
  for (let bin = Math.max(0, Math.floor(from)); bin <= Math.min(last, Math.floor(to)); bin++) {
    const covered = Math.min(to, bin + 1) - Math.max(from, bin);
    amounts[bin] += (amount * Math.max(0, covered)) / width;
  }
}

function memory(
  traces: readonly (readonly Moment[])[],
  spanMs: number,
  x: readonly Tick[],
  peakBytes: number,
): Markup | null {
  const moments = highest(traces.flat(), spanMs);
  if (moments.length === 0) return null;
  const largest = Math.max(...moments.map(({ memoryBytes }) => memoryBytes));
  const { most, y } = valueTicks(largest, (bytes) => (bytes === 0 ? '0' : formatBytes(bytes)));
  const at = ({ ms }: Moment): number => (ms / spanMs) * plotWidth;
  const height = ({ memoryBytes }: Moment): number => plotHeight - (memoryBytes / most) * plotHeight;
  const filled = area<Moment>().x(at).y0(plotHeight).y1(height).curve(curveStepAfter).digits(1);
  const edge = line<Moment>().x(at).y(height).curve(curveStepAfter).digits(1);
  return markup`<div class="chart"><h3>Memory of the engine process <small>at most ${formatBytes(peakBytes)}</small></h3>${plot(
    {
      title: 'Resident memory over the time of the run',
      description: `Between ${formatBytes(Math.min(...moments.map(({ memoryBytes }) => memoryBytes)))} and ${formatBytes(largest)}.`,
      height: 80,
      drawing: markup`<path class="soft" d="${filled(moments) ?? ''}"/><path class="edge" d="${edge(moments) ?? ''}"/>`,
      x,
      y,
    },
  )}</div>`;
}

/** In order of time, and of many moments the highest of each short while. */
function highest(moments: readonly Moment[], spanMs: number): readonly Moment[] {
  const whileMs = spanMs / (4 * bins);
  const found: Moment[] = [];
  for (const moment of [...moments].sort((one, other) => one.ms - other.ms)) {
    const last = found.at(-1);
    if (last === undefined || moment.ms - last.ms >= whileMs) found.push(moment);
    else if (moment.memoryBytes > last.memoryBytes)
      found[found.length - 1] = { ...last, memoryBytes: moment.memoryBytes };
  }
  return found;
}

/** An axis from 0 to a round number that is not below `largest`. */
export function valueTicks(
  largest: number,
  label: (value: number) => string,
): { readonly most: number; readonly y: readonly Tick[] } {
  const all = ticks(0, largest, 3);
  const step = all.length > 1 ? all[1] - all[0] : largest;
  const most = largest <= (all.at(-1) ?? 0) ? largest : (all.at(-1) ?? 0) + step;
  if (most === 0) return { most: 1, y: [{ at: 0, label: '0' }] };
  return {
    most,
    y: [...all, ...(most > (all.at(-1) ?? 0) ? [most] : [])].map((value) => ({
      at: value / most,
      label: label(value),
    })),
  };
}

function earlierSplits(splits: readonly SplitStats[]): Markup {
  const starts = splits.map(({ startedAt }) => Date.parse(startedAt));
  const startMs = Math.min(...starts);
  const endMs = Math.max(...splits.map(({ wallMs }, i) => starts[i] + wallMs));
  const spanMs = Math.max(1, endMs - startMs);
  const rows = splits.reduce((sum, split) => sum + split.rows, 0);
  const workers = Math.max(...splits.map(({ worker }) => worker)) + 1;
  return markup`<p class="note">${counted(splits.length, 'split')} with ${counted(rows, 'row')} came from earlier executions of this run, which began ${new Date(startMs).toISOString().replace('T', ' ').slice(0, 19)} UTC.</p>${timeline(
    { splits, startMs, spanMs, x: timeTicks(spanMs), workers, caption: 'Splits of earlier executions' },
  )}`;
}
