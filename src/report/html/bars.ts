// Bars side by side as one path, and bars of words with their counts.
import { area, curveStepAfter } from 'd3-shape';
import { type Markup, markup } from './markup.ts';
import { plotHeight, plotWidth } from './plot.ts';

/** Bars of one width from left to right, the highest as high as the drawing; a value of `most` would be. */
export function barsPath(values: readonly number[], most = Math.max(...values)): string {
  const width = plotWidth / values.length;
  const step = area<number>()
    .x((_, i) => i * width)
    .y0(plotHeight)
    .y1((value) => plotHeight - (most === 0 ? 0 : (value / most) * plotHeight))
    .curve(curveStepAfter)
    .digits(1);
  return step([...values, values.at(-1) ?? 0]) ?? '';
}

export interface WordBar {
  readonly word: string;
  readonly share: number;
  readonly text: string;
}

/** A table of words, a bar for each, and what it counts. */
export function wordBars(caption: string, head: readonly [string, string], bars: readonly WordBar[]): Markup {
  const most = bars.reduce((largest, { share }) => Math.max(largest, share), 0);
  return markup`<table class="words"><caption>${caption}</caption><thead><tr><th scope="col">${head[0]}</th><th scope="col" class="n">${head[1]}</th></tr></thead><tbody>${bars.map(
    ({ word, share, text }) =>
      markup`<tr><th scope="row"><span class="w">${word}</span><i style="width:${most === 0 ? 0 : Math.round((1000 * share) / most) / 10}%"></i></th><td class="n">${text}</td></tr>`,
  )}</tbody></table>`;
}
