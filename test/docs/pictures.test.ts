// The pictures of the report in docs/: those that the page shows are there, and `make pictures` draws them anew, of the sample jobs.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Browser, chromium, type PageSettings } from '../browser.ts';
import { runCli } from '../run-cli.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const root = resolve(import.meta.dirname, '../..');
const docs = join(root, 'docs');
const folder = join(docs, 'pictures');

interface Picture extends PageSettings {
  readonly job: string;
  readonly height: number;
}

const pictures: Readonly<Record<string, Picture>> = {
  'report-light.png': { job: 'credit-risk', width: 900, height: 1950 },
  'report-dark.png': { job: 'credit-risk', width: 900, height: 1950, scheme: 'dark' },
  'report-phone.png': { job: 'credit-risk', width: 390, height: 1700 },
  'report-digits.png': { job: 'digits', width: 900, height: 1950 },
  'report-text.png': { job: 'text-classification', width: 900, height: 1950 },
};

describe.runIf(process.env.SCOREMILL_PICTURES === 'draw')('the pictures of the report', () => {
  test.each(Object.entries(pictures))(
    '%s is drawn',
    { timeout: 120_000 },
    async (name, { job, width, height, scheme }) => {
      if (chromium === null) expect.fail("there is no Chromium; install Debian's package chromium");
      const output = join(temporaryFolder(), 'scored');
      const { exitCode, stderr } = await runCli(['run', `jobs/${job}.yaml`, '--output', output, '--quiet']);
      expect(exitCode, stderr).toBe(0);
      await using browser = await Browser.start();
      const page = await browser.page({ width, ...(scheme && { scheme }) });
      await page.goTo(pathToFileURL(join(output, '_scoremill/report.html')).href);
      // Where the checkout lies is no part of the picture.
      const [here, there] = [JSON.stringify(root), JSON.stringify('/srv/scoring')];
      await page.evaluate(`void (document.body.innerHTML = document.body.innerHTML.replaceAll(${here}, ${there}))`);
      writeFileSync(join(folder, name), await page.screenshot({ x: 0, y: 0, width, height }));
    },
  );
});

test('the pictures of the report are those that its page shows, each in its size', () => {
  const shown = [...readFileSync(join(docs, 'report.md'), 'utf8').matchAll(/\(pictures\/([^)]+)\)/g)];
  expect(shown.map(([, name]) => name).sort()).toEqual(Object.keys(pictures).sort());
  const found = readdirSync(folder).map((name) => {
    const bytes = readFileSync(join(folder, name));
    // https://www.w3.org/TR/png-3/#11IHDR
    expect(bytes.toString('latin1', 1, 4), name).toBe('PNG');
    return [name, bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  });
  expect(found).toEqual(
    Object.entries(pictures)
      .map(([name, { width, height }]) => [name, width, height])
      .sort(),
  );
});
