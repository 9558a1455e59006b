// What a report says and what it must never hold, read as text; how it looks is for a browser to tell.
import { describe, expect, test } from 'vitest';
import { markup } from '../../../src/report/html/markup.ts';
import { renderReport } from '../../../src/report/html/render-report.ts';
import { logTicks } from '../../../src/report/html/where-time-went.ts';
import { contentOf, rejectOf } from './report-fixtures.ts';

/** Text as a reader sees it. */
const textOf = (html: string): string =>
  html
    .replace(/<style>[\s\S]*?<\/style>/, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');

const hostile = `"><script>alert(1)</script><img src=x onerror='alert(2)'>&amp;\u0000\u202e\ud800`;

describe('hostile names and values', () => {
  const html = renderReport(
    contentOf({
      job: hostile,
      runId: hostile,
      features: [hostile, `${hostile} 2`],
      results: [hostile],
      classes: 3,
      rejects: [rejectOf({ shard: hostile, reason: hostile, column: hostile, message: hostile, content: hostile })],
    }),
  );

  test('stay text', () => {
    expect(html).not.toMatch(/<script|<img|onerror='/);
    expect(html.match(/&lt;script&gt;alert\(1\)&lt;\/script&gt;/g)?.length).toBeGreaterThan(8);
    expect(html).toContain('&amp;amp;');
  });

  test('and show letters that do not print', () => {
    expect(html).toContain('\\u0000\\u202e\\ud800');
    expect(['\u0000', '\u202e'].filter((letter) => html.includes(letter))).toEqual([]);
    expect(Buffer.from(html, 'utf8').toString('utf8')).toBe(html);
  });

  test('elements are those of the page without them', () => {
    const harmless = renderReport(
      contentOf({
        job: 'j',
        runId: 'r',
        features: ['a', 'a 2'],
        results: ['b'],
        classes: 3,
        rejects: [rejectOf({ shard: 's', reason: 'r', column: 'c', message: 'm', content: 'c' })],
      }),
    );
    const tagsOf = (page: string): readonly string[] => [...page.matchAll(/<\/?([a-z0-9]+)/g)].map(([, tag]) => tag);
    expect(tagsOf(html)).toEqual(tagsOf(harmless));
  });
});

test('the tag escapes values and lists of them, and takes markup as it is', () => {
  const inner = markup`<b>${'a & b'}</b>`;
  expect(markup`<p title="${'"x"'}">${[inner, ' ', 3, null, false]}</p>`.text).toBe(
    '<p title="&quot;x&quot;"><b>a &amp; b</b> 3</p>',
  );
});

test('the same content gives the same bytes, whatever was made before', () => {
  const first = renderReport(contentOf());
  renderReport(contentOf({ features: ['x'] }));
  expect(renderReport(contentOf())).toBe(first);
});

test('it needs nothing else and forbids what it does not need', () => {
  const html = renderReport(contentOf({ classes: 10 }));
  expect(html).toContain(
    `content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"`,
  );
  expect(html).not.toMatch(/\b(src|href|srcset|action)=|url\(|@import|<link|<script/);
});

test('every drawing has a title and a description, every table a head, and every id is there once', () => {
  const html = renderReport(contentOf({ classes: 10, rejects: [rejectOf()], resumed: 3 }));
  const drawings = [...html.matchAll(/<svg [^>]*role="img" aria-labelledby="(\w+) (\w+)"/g)];
  expect(drawings.length).toBeGreaterThan(5);
  for (const [, title, description] of drawings) {
    expect(html).toMatch(new RegExp(`<title id="${title}">[^<]+</title><desc id="${description}">[^<]+</desc>`));
  }
  expect(html.match(/<table/g)?.length).toBe(html.match(/<thead>/g)?.length);
  const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

test('it says what came of the run, and what it is based on', () => {
  const text = textOf(
    renderReport(
      contentOf({
        rejects: [
          rejectOf(),
          rejectOf({ row: 18 }),
          rejectOf({ reason: 'value-misfit', column: null, message: '1.5 is no integer' }),
        ],
      }),
    ),
  );
  expect(text).toContain('Complete, with 16 rejects within the budget');
  expect(text).toMatch(/800 rows in = 776 scored \+ 16 rejected \+ 8 left out by the filter/);
  expect(text).toContain('row 17 of data/a.csv , column age : null');
  expect(text).toContain('1.5 is no integer');
  expect(text).toMatch(/null 2 Columns/);
  expect(text).toContain('ONNX Runtime');
});

test('a sample is called one, with its rows', () => {
  const content = contentOf();
  const sampled = { ...content, run: { ...content.run, scored: 10_000_000 } };
  expect(textOf(renderReport(sampled))).toContain('Of a sample of 50,000 of 10,000,000 scored rows (0.5 %)');
  const whole = { ...content, run: { ...content.run, scored: 50_000 } };
  expect(textOf(renderReport(whole))).toContain('Of all 50,000 scored rows.');
  const cut = { ...content, run: { ...content.run, features: 784 } };
  expect(textOf(renderReport(cut))).toContain('The first 2 of 784 features are shown.');
});

test('a run without summary, trace or calls has no empty sections', () => {
  const { columns: _columns, splits, ...content } = contentOf();
  const bare = {
    ...content,
    columns: [],
    splits: splits.map((split) => ({ ...split, trace: '[]' })),
    run: { ...content.run, batchLatency: '[]' },
  };
  const text = textOf(renderReport(bare));
  expect(text).not.toContain('Features');
  expect(text).not.toContain('Memory of the engine process');
  expect(text).not.toMatch(/NaN|Infinity|undefined|null/);
});

test.each([
  [
    {
      features: Array.from({ length: 200 }, (_, i) => `feature ${i}`),
      classes: 100,
      results: Array.from({ length: 100 }, (_, i) => `p_${i}`),
    },
    1_000_000,
  ],
  [{ splits: 2000, workers: 64 }, 400_000],
  [{ splits: 1, workers: 1 }, 60_000],
] as const)('is small: case %#', (options, mostBytes) => {
  const html = renderReport(contentOf(options));
  expect(Buffer.byteLength(html)).toBeLessThan(mostBytes);
  expect(html).not.toMatch(/NaN|Infinity|undefined/);
});

test('of a long list it says how many values there are, and how many were looked at', () => {
  const content = contentOf({ classes: 1000, results: [] });
  const typed = (type: string) => ({
    ...content,
    manifest: { ...content.manifest, columns: [{ name: 'probabilities', type, kept: false }] },
  });
  expect(textOf(renderReport(typed('FLOAT[1000]')))).toContain('list of 1,000 float32, 32 looked at in each row');
  expect(textOf(renderReport(typed('FLOAT[3][40]')))).toContain('list of 120 float32, 30 looked at in each row');
  expect(textOf(renderReport(typed('FLOAT[32]')))).toMatch(/list of 32 float32 Distribution/);
  expect(textOf(renderReport(typed('FLOAT[]')))).toMatch(/list of float32 Distribution/);
});

test('moments on an axis of logarithms are round, in order, and leave each other room', () => {
  for (let low = -2; low < 4; low += 0.037) {
    for (const width of [0.03, 0.15, 0.4, 0.6, 1, 1.7, 3, 6]) {
      const ticks = logTicks(low, width);
      const gaps = ticks.slice(1).map(({ at }, i) => at - ticks[i].at);
      expect(Math.min(1, ...gaps), `${low} ${width}`).toBeGreaterThan(0.18);
      expect(new Set(ticks.map(({ label }) => label)).size).toBe(ticks.length);
      expect(ticks.length, `${low} ${width}`).toBeGreaterThanOrEqual(width >= 0.4 ? 2 : 0);
    }
  }
  expect(logTicks(Math.log10(9), 0.6).map(({ label }) => label)).toEqual(['10 ms', '15 ms', '20 ms', '30 ms']);
});

describe('of a run that published nothing', () => {
  const unpublished = {
    verdict: 'over-budget',
    reasons: ['2 rows were rejected'],
    budgetRows: 1,
    olderRunId: null,
  } as const;

  test('begins with why, what is kept and what is next, and names the places of an unfinished run', () => {
    const text = textOf(renderReport(contentOf({ rejects: [rejectOf()], unpublished })));
    const order = [
      'Not published',
      'churn Run run-1',
      'Why nothing was published',
      '2 rows were rejected',
      'of 8 splits finished',
      'Raise --budget',
      'rows so far',
    ];
    const places = order.map((words) => text.indexOf(words));
    expect([places.includes(-1), places]).toEqual([false, [...places].sort((a, b) => a - b)]);
    expect(text).toContain('_scoremill/staging/rejects.parquet');
    expect(text).toContain('staged');
    expect(text).not.toMatch(/Complete|scoremill report DIR|complete result of run/);
  });

  test('says which result is still there', () => {
    expect(textOf(renderReport(contentOf({ unpublished: { ...unpublished, olderRunId: 'friday' } })))).toContain(
      'The output folder still holds the complete result of run friday',
    );
  });

  test('has no empty parts when no split was finished, and the first of many reasons', () => {
    const reasons = Array.from({ length: 300 }, (_, i) => `shard ${i} is <b>damaged</b>`);
    const { run, ...rest } = contentOf({ splits: 0, unpublished: { ...unpublished, verdict: 'failed', reasons } });
    const html = renderReport({ ...rest, columns: [], run: { ...run, plannedSplits: 300 } });
    expect([...html.matchAll(/<h2 [^>]*>([^<]*)/g)].map(([, title]) => title)).toEqual([
      'Why nothing was published',
      'What was run',
    ]);
    expect(html).toContain('shard 19 is &lt;b&gt;damaged&lt;/b&gt;');
    expect(html).not.toContain('shard 20 ');
    expect(textOf(html)).toContain(
      'and 280 more 0 of 300 splits finished and kept, nothing published. With the cause above mended',
    );
    expect(html).not.toMatch(/NaN|Infinity|undefined/);
  });
});
