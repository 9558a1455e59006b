// A part of the page with its heading.
import { type Content, type Markup, markup } from './markup.ts';

export const section = (id: string, title: string, content: Content): Markup =>
  markup`<section id="${id}" aria-labelledby="${id}-h"><h2 id="${id}-h">${title}</h2>${content}</section>`;
