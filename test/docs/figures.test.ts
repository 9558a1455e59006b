// Figures in the docs are those of bench/figures/. `make docs` runs this with --update, which writes them.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { peerConditions, peerTable } from '../../bench/peer-figures.ts';
import { performancePage } from '../../bench/performance-page.ts';
import { workloads } from '../../bench/workloads.ts';
import { readFigures } from '../../bench/write-figures.ts';

const root = resolve(import.meta.dirname, '../..');
const { suite, peers } = readFigures(root);

it('docs/performance.md shows the figures that are kept', async () => {
  await expect(performancePage(suite, peers)).toMatchFileSnapshot(join(root, 'docs/performance.md'));
});

it('the README shows those of other programs', async () => {
  const path = join(root, 'README.md');
  const block = /(<!-- Written by make docs from bench\/figures\/peers.json. -->\n)[\s\S]*(<!-- The end of it. -->)/;
  const readme = readFileSync(path, 'utf8');
  expect(readme).toMatch(block);
  const text = `${peerConditions(peers)}\n\n${peerTable(peers)}\n\n`;
  await expect(readme.replace(block, (_, begin, end) => `${begin}\n${text}${end}`)).toMatchFileSnapshot(path);
});

it('the figures are of all workloads, every one right', () => {
  expect(suite.workloads.map(({ name, what, problems }) => ({ name, what, problems }))).toEqual(
    workloads.map(({ name, what }) => ({ name, what, problems: [] })),
  );
});
