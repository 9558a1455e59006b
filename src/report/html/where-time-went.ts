// Where the time of the workers went, in shares that add up to all of it, and what held the run back; then the stages that
// the shares are made of, and how long calls of the model took.
import { stages } from '../../core/outcome.ts';
import type { RunStats } from '../../stats/run-stats.ts';
import type { HeldBackBy } from '../../stats/time-shares.ts';
import { formatDuration } from '../format-duration.ts';
import { formatNumber, formatShare } from '../format-number.ts';
import { barsPath } from './bars.ts';
import { formatShort } from './format-value.ts';
import { type Markup, markup } from './markup.ts';
import { valueTicks } from './over-time.ts';
import { plot, plotWidth, round, type Tick } from './plot.ts';
import type { ReportContent } from './report-content.ts';
import { section } from './section.ts';

const heldBackTexts: Readonly<Record<HeldBackBy, string>> = {
  model: 'The model held the run back: more cores or a smaller model would help, faster disks would not.',
  reading:
    'Reading held the run back: Parquet instead of text, or fewer kept columns, would help; a faster model would not.',
  writing: 'Writing held the run back: fewer kept columns, a lighter compression or a faster disk would help.',
  'start-up': 'Start-up took longest: preflight and loading the model. More rows in one run would spread it.',
  'too-few-splits':
    'Workers were idle for want of splits: fewer workers would do as well, or a smaller output.rowsPerFile.',
  retries: 'Splits that were scored again, or time between splits, held the run back.',
};

export function whereTimeWent({ run }: ReportContent): Markup | null {
  if (run.splits === run.resumedSplits) return null;
  return section('time', 'Where the time went', [
    run.heldBackBy === null ? null : markup`<p class="lead">${heldBackTexts[run.heldBackBy]}</p>`,
    shares(run),
    markup`<div class="two">${[stageTable(run), latency(run)]}</div>`,
  ]);
}

function shares(run: RunStats): Markup {
  const parts = [
    ['model', run.modelShare],
    ['reading', run.readingShare],
    ['writing', run.writingShare],
    ['start-up', run.startUpShare],
    ['between splits', run.betweenSplitsShare],
    ['idle', run.idleShare],
  ] as const;
  const shown = parts.filter(([, share]) => share > 0);
  return markup`<div class="chart"><div class="stack" role="img" aria-label="${shown.map(([name, share]) => `${name} ${formatShare(share)}`).join(', ')}">${shown.map(
    ([name, share]) => markup`<div class="share-${name.replace(' ', '-')}" style="width:${round(100 * share)}%"></div>`,
  )}</div><ul class="legend">${shown.map(
    ([name, share]) =>
      markup`<li><i class="share-${name.replace(' ', '-')}"></i>${name} <b>${formatShare(share)}</b></li>`,
  )}</ul></div>`;
}

const stageTexts = {
  open: 'opening files',
  read: 'reading and decoding rows',
  bind: 'columns into tensors, results into columns',
  infer: 'the model',
  write: 'writing parts',
  commit: 'syncing and hashing parts',
} as const;

function stageTable(run: RunStats): Markup {
  const total = stages.reduce((sum, stage) => sum + run[`${stage}Ms`], 0);
  const most = Math.max(...stages.map((stage) => run[`${stage}Ms`]));
  return markup`<div class="chart"><h3>Time by stage <small>of all workers together</small></h3><table class="words"><thead><tr><th scope="col">stage</th><th scope="col" class="n">time</th><th scope="col" class="n">share</th></tr></thead><tbody>${stages.map(
    (stage) => {
      const ms = run[`${stage}Ms`];
      return markup`<tr><th scope="row"><span class="w">${stage} <small>${stageTexts[stage]}</small></span><i class="stage-${stage}" style="width:${round((100 * ms) / Math.max(most, 1e-9))}%"></i></th><td class="n">${formatDuration(ms)}</td><td class="n">${formatShare(ms / Math.max(total, 1e-9))}</td></tr>`;
    },
  )}</tbody></table></div>`;
}

const mostBars = 48;

function latency(run: RunStats): Markup {
  const buckets: readonly (readonly [number, number])[] = JSON.parse(run.batchLatency);
  if (buckets.length === 0)
    return markup`<div class="chart"><h3>Calls of the model</h3><p class="note">None.</p></div>`;
  // Buckets grow by 5 %: their logarithms are evenly spaced.
  const low = Math.log10(buckets[0][0] / 1.05);
  const high = Math.log10((buckets.at(-1) ?? buckets[0])[0]);
  const steps = Math.max(1, Math.round((high - low) / Math.log10(1.05)));
  const perBar = Math.ceil(steps / mostBars);
  const bars = new Array<number>(Math.ceil(steps / perBar)).fill(0);
  for (const [upToMs, calls] of buckets) {
    const step = Math.round((Math.log10(upToMs) - low) / Math.log10(1.05)) - 1;
    bars[Math.min(bars.length - 1, Math.max(0, Math.floor(step / perBar)))] += calls;
  }
  const width = bars.length * perBar * Math.log10(1.05);
  const at = (ms: number): number => (Math.log10(ms) - low) / width;
  const marks = [
    ['half', run.batchP50Ms],
    ['95 %', run.batchP95Ms],
    ['99 %', run.batchP99Ms],
    ['all', run.batchMaxMs],
  ] as const;
  const { most, y } = valueTicks(Math.max(...bars), formatShort);
  return markup`<div class="chart"><h3>Calls of the model <small>${formatNumber(run.batches)} of up to ${formatNumber(run.batchRows)} rows</small></h3>${plot(
    {
      title: 'How long calls of the model took',
      description: marks.map(([name, ms]) => `${name} within ${ms === null ? '?' : formatDuration(ms)}`).join(', '),
      height: 120,
      drawing: [
        markup`<path class="area" d="${barsPath(bars, most)}"/>`,
        marks.map(([, ms]) => ms !== null && markup`<path class="mark" d="M${round(at(ms) * plotWidth)} 0v100"/>`),
      ],
      x: logTicks(low, width),
      y,
    },
  )}<ul class="legend">${marks.map(([name, ms]) => ms !== null && markup`<li>${name} within <b>${formatDuration(ms)}</b></li>`)}</ul></div>`;
}

/** The roundest first, so that these stay where there is no room for all. */
const roundDigits = [1, 5, 2, 3, 1.5, 7, 4, 2.5, 6, 8, 9, 1.2];

/** Labels of an axis on a phone lie over each other when they are nearer than this share of it. */
const leastGap = 0.19;

/** Durations tell tenths of a millisecond at the least, which would give neighbours one label. */
const momentText = (ms: number): string =>
  ms < 1 ? `${formatNumber(Math.round(1e6 * ms) / 1000)} µs` : formatDuration(ms);

/** Round moments on an axis of logarithms, as many as there is room for. */
export function logTicks(low: number, width: number): readonly Tick[] {
  const chosen: { readonly ms: number; readonly at: number }[] = [];
  for (const digit of roundDigits) {
    for (let power = Math.floor(low); power <= low + width; power++) {
      const ms = Number(`${digit}e${power}`);
      const at = (Math.log10(ms) - low) / width;
      if (at < 0 || at > 1 || chosen.some((one) => Math.abs(one.at - at) < leastGap)) continue;
      chosen.push({ ms, at });
    }
  }
  return chosen.sort((one, other) => one.at - other.at).map(({ ms, at }) => ({ at, label: momentText(ms) }));
}
