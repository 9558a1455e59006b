// What tells in the head of a report which run it is of.
import { markup } from './html/markup.ts';

export const runMark = (runId: string): string => markup`<meta name="scoremill-run" content="${runId}">`.text;
