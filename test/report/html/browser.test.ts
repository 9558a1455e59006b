// Reports in a real Chromium: they fit, from a phone to a wide screen, in both colour schemes, and ask for nothing.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderReport } from '../../../src/report/html/render-report.ts';
import { Browser, chromium, type Page } from '../../browser.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { contentOf, rejectOf } from './report-fixtures.ts';

const long = `${'a_column_with_a_name_that_never_ends_'.repeat(6)}<script>document.title='owned'</script>`;
const pages = {
  usual: contentOf({ features: ['age', 'income', 'region'], results: ['score', 'label'], classes: 5, resumed: 2 }),
  hostile: contentOf({
    job: long,
    features: [long, `${long} 2`],
    results: [long],
    splits: 40,
    workers: 24,
    rejects: [rejectOf({ column: long, message: long, content: long, shard: `/${long}` })],
  }),
  unpublished: contentOf({
    job: long,
    rejects: [rejectOf()],
    unpublished: { verdict: 'failed', reasons: [long, `two\nlines`], budgetRows: 0, olderRunId: long },
  }),
  wide: contentOf({
    features: Array.from({ length: 200 }, (_, i) => `feature ${i}`),
    results: Array.from({ length: 100 }, (_, i) => `p_${i}`),
    classes: 100,
  }),
};

/** Contrast of text against what lies behind it, by WCAG 2; the least of each class of text. */
const contrasts = `(() => {
  const channel = (value) => { const c = value / 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const parts = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = (color) => { const [r, g, b] = parts(color).map(channel); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const color = getComputedStyle(e).backgroundColor;
      if ((parts(color)[3] ?? 1) === 1) return color;
    }
    return 'rgb(255, 255, 255)';
  };
  const low = [];
  for (const element of document.querySelectorAll('body *')) {
    if (element.closest('svg, .sr')) continue;
    if (![...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '')) continue;
    const [a, b] = [light(getComputedStyle(element).color), light(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) low.push(element.className + ' ' + element.tagName + ' ' + ratio.toFixed(2));
  }
  return [...new Set(low)];
})()`;

/** Labels of one axis that lie over each other, and those that lie outside of the page. */
const collisions = `(() => {
  const found = [];
  for (const axis of document.querySelectorAll('.x, .y')) {
    const boxes = [...axis.children].map((label) => label.getBoundingClientRect()).filter(({ width }) => width > 0);
    for (const [i, a] of boxes.entries()) {
      if (a.left < -1 || a.right > innerWidth + 1) found.push('outside: ' + axis.children[i].textContent);
      for (const b of boxes.slice(i + 1))
        if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)
          found.push('over each other: ' + axis.textContent);
    }
  }
  return [...new Set(found)];
})()`;

/** Cells of a table whose texts stand so near to each other that they read as one, and rows that are broken into lines. */
const touching = `(() => {
  const found = [];
  const textOf = (cell) => { const range = document.createRange(); range.selectNodeContents(cell); return range.getBoundingClientRect(); };
  for (const row of document.querySelectorAll('.scroll tr')) {
    if (row.getBoundingClientRect().height > 40) found.push('broken: ' + row.textContent);
    const cells = [...row.children].filter((cell) => cell.textContent !== '');
    for (const [i, cell] of cells.slice(1).entries())
      if (textOf(cell).left - textOf(cells[i]).right < 6) found.push(cells[i].textContent + '|' + cell.textContent);
  }
  return [...new Set(found)];
})()`;

describe.skipIf(chromium === null)('in a browser (skipped where there is no Chromium)', () => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    browser = await Browser.start();
    page = await browser.page({ width: 360 });
  });
  afterAll(() => browser[Symbol.asyncDispose]());

  test.each(Object.keys(pages) as (keyof typeof pages)[])(
    'the %s page fits, reads well and asks for nothing',
    async (name) => {
      const path = join(temporaryFolder(), 'report.html');
      writeFileSync(path, renderReport(pages[name]));
      const address = pathToFileURL(path).href;
      page.requests.length = 0;
      await page.goTo(address);
      await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
      for (const width of [320, 360, 768, 1280]) {
        for (const scheme of ['light', 'dark'] as const) {
          await page.resize({ width, scheme });
          const facts = {
            width,
            scheme,
            overflow: 0,
            collisions: [],
            touching: [],
            contrasts: [],
            background: scheme === 'dark',
          };
          expect({
            width,
            scheme,
            overflow: await page.evaluate('document.documentElement.scrollWidth - innerWidth'),
            collisions: await page.evaluate(collisions),
            touching: await page.evaluate(touching),
            contrasts: width === 360 ? await page.evaluate(contrasts) : [],
            background: await page.evaluate(
              'Number(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0]) < 60',
            ),
          }).toEqual(facts);
        }
      }
      expect(await page.evaluate('document.title')).toContain('scoremill');
      expect(
        await page.evaluate(
          '[...document.querySelectorAll("svg[role=img]")].every((one) => one.getBoundingClientRect().height > 20)',
        ),
      ).toBe(true);
      expect(page.requests).toEqual([address]);
      expect(page.complaints).toEqual([]);
    },
    60_000,
  );
});
