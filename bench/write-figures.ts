// Keeps the figures of a suite in the repository, and writes the page that shows them beside those of other programs.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PeerFigures } from './peer-figures.ts';
import { performancePage } from './performance-page.ts';
import type { SuiteFigures } from './run-suite.ts';

const suitePath = 'bench/figures/suite.json';
const peersPath = 'bench/figures/peers.json';
const pagePath = 'docs/performance.md';

export interface Figures {
  readonly suite: SuiteFigures;
  readonly peers: PeerFigures;
}

/** The figures that are kept below `root`. */
export function readFigures(root: string): Figures {
  const [suite, peers] = [suitePath, peersPath].map((path) => JSON.parse(readFileSync(join(root, path), 'utf8')));
  return { suite, peers };
}

export function writeFigures(root: string, suite: SuiteFigures): void {
  writeFileSync(join(root, suitePath), `${JSON.stringify(suite, null, 1)}\n`);
  mkdirSync(join(root, 'docs'), { recursive: true });
  const figures = readFigures(root);
  writeFileSync(join(root, pagePath), performancePage(figures.suite, figures.peers));
}
