// Who did what when: a lane for each worker, a block for each split, and gaps where nothing was scored.
import { stages } from '../../core/outcome.ts';
import type { SplitStats } from '../../stats/split-stats.ts';
import { formatDuration } from '../format-duration.ts';
import { counted, formatNumber } from '../format-number.ts';
import { type Markup, markup } from './markup.ts';
import { plot, plotHeight, plotWidth, round, type Tick } from './plot.ts';

/** Up to so many splits tell what they are, and where their time went. */
const mostDetailed = 300;

export interface Timeline {
  readonly splits: readonly SplitStats[];
  readonly startMs: number;
  readonly spanMs: number;
  readonly x: readonly Tick[];
  readonly workers: number;
  readonly caption: string;
}

export function timeline({ splits, startMs, spanMs, x, workers, caption }: Timeline): Markup {
  const lanes = Math.max(workers, ...splits.map(({ worker }) => worker + 1));
  const laneHeight = plotHeight / lanes;
  const gap = laneHeight * 0.12;
  const block = (split: SplitStats) => ({
    x: ((Date.parse(split.startedAt) - startMs) / spanMs) * plotWidth,
    width: Math.max(1, (split.wallMs / spanMs) * plotWidth),
    y: split.worker * laneHeight + gap,
    height: laneHeight - 2 * gap,
  });
  const drawing =
    splits.length <= mostDetailed
      ? splits.map((split) => detailed(split, block(split)))
      : markup`<path class="split" d="${merged(splits.map(block))}"/>`;
  const retried = splits.filter(({ attempt }) => attempt > 1).length;
  const pixels = Math.max(34, Math.min(240, lanes * (lanes > 8 ? 14 : 34)));
  return markup`<div class="chart"><h3>${caption} <small>${counted(splits.length, 'split')} by ${counted(lanes, 'worker')}${
    retried > 0 ? `, ${retried} of them tried again` : ''
  }</small></h3>${plot({
    title: caption,
    description: `${counted(splits.length, 'split')} in ${counted(lanes, 'lane')}, one for each worker.`,
    height: pixels,
    drawing,
    x,
    lanes: lanes <= 16 ? Array.from({ length: lanes }, (_, worker) => `#${worker}`) : [],
  })}${
    splits.length > mostDetailed
      ? null
      : markup`<ul class="legend">${stages.map((stage) => markup`<li><i class="stage-${stage}"></i>${stage}</li>`)}${
          retried > 0 && markup`<li><i class="retried"></i>tried again</li>`
        }</ul><p class="note">The bands of a block show how the time of its split was shared, not what came first.</p>`
  }</div>`;
}

interface Block {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function detailed(split: SplitStats, { x, y, width, height }: Block): Markup {
  let top = y;
  const bands = stages.map((stage) => {
    const share = split.wallMs > 0 ? split[`${stage}Ms`] / split.wallMs : 0;
    if (share < 0.005) return null;
    const band = markup`<path class="stage-${stage}" d="M${round(x)} ${round(top)}h${round(width)}v${round(share * height)}h${round(-width)}z"/>`;
    top += share * height;
    return band;
  });
  const title = `split ${split.split}: ${counted(split.rows, 'row')} in ${formatDuration(split.wallMs)}, worker ${split.worker}${
    split.attempt > 1 ? `, attempt ${split.attempt}` : ''
  }${split.rejected > 0 ? `, ${formatNumber(split.rejected)} rejected` : ''}`;
  return markup`<g><title>${title}</title>${bands}<path class="frame${split.attempt > 1 ? ' retried' : ''}" d="M${round(x)} ${round(y)}h${round(width)}v${round(height)}h${round(-width)}z"/></g>`;
}

/** Blocks that touch are drawn as one. */
function merged(blocks: readonly Block[]): string {
  const byLane = [...blocks].sort((one, other) => one.y - other.y || one.x - other.x);
  const joined: Block[] = [];
  for (const block of byLane) {
    const last = joined.at(-1);
    if (last !== undefined && last.y === block.y && block.x - (last.x + last.width) < 0.3) {
      joined[joined.length - 1] = { ...last, width: Math.max(last.width, block.x + block.width - last.x) };
    } else joined.push(block);
  }
  return joined
    .map(({ x, y, width, height }) => `M${round(x)} ${round(y)}h${round(width)}v${round(height)}h${round(-width)}z`)
    .join('');
}
