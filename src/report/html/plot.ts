// The frame of a chart: a drawing that is stretched to the width it gets, with its labels as text around it, which is not. So
// letters have one size on a phone and on a wide screen.
import { type Content, type Markup, markup } from './markup.ts';

/** Drawings have these units, whatever their size on the screen. */
export const plotWidth = 1000;
export const plotHeight = 100;

export interface Tick {
  /** 0: the left or lower end of the axis; 1: the other. */
  readonly at: number;
  readonly label: string;
}

export interface Plot {
  /** What is shown; read aloud in place of the drawing. */
  readonly title: string;
  readonly description: string;
  /** In pixels. */
  readonly height: number;
  readonly drawing: Content;
  readonly x?: readonly Tick[];
  readonly y?: readonly Tick[];
  /** Words instead of a scale, evenly spaced from top to bottom. */
  readonly lanes?: readonly string[];
}

let drawn = 0;

/** Begins to count the drawings of a page: their names are the same whenever it is made. */
export function beginPage(): void {
  drawn = 0;
}

export function plot({ title, description, height, drawing, x = [], y = [], lanes = [] }: Plot): Markup {
  const id = `g${drawn++}`;
  const isBare = y.length === 0 && lanes.length === 0;
  const grid = y.map(({ at }) => markup`<path class="grid" d="M0 ${round(plotHeight * (1 - at))}H${plotWidth}"/>`);
  return markup`<div class="plot${isBare ? ' bare' : ''}">${
    isBare
      ? null
      : markup`<div class="y" aria-hidden="true">${y.map(
          ({ at, label }) => markup`<span style="bottom:${round(100 * at)}%">${label}</span>`,
        )}${lanes.map(
          (label, i) => markup`<span style="bottom:${round(100 * (1 - (i + 0.5) / lanes.length))}%">${label}</span>`,
        )}</div>`
  }<svg viewBox="0 0 ${plotWidth} ${plotHeight}" preserveAspectRatio="none" style="height:${height}px" role="img" aria-labelledby="${id}t ${id}d"><title id="${id}t">${title}</title><desc id="${id}d">${description}</desc>${grid}${drawing}</svg>${
    x.length === 0
      ? null
      : markup`<div class="x" aria-hidden="true">${x.map(
          ({ at, label }) =>
            markup`<span class="${at < 0.04 ? 'first' : at > 0.96 ? 'last' : ''}" style="left:${round(100 * at)}%">${label}</span>`,
        )}</div>`
  }</div>`;
}

/** Coordinates with one digit: a tenth of a thousandth of the width. */
export const round = (value: number): number => Math.round(value * 10) / 10;
