// Whether what stands in the files of a result says the same as its manifest: footers of parts, statistics, rejects.
import { type OutputLayout, partPath, type ResultFileName, resultFilePath } from '../commit/layout.ts';
import type { Manifest } from '../commit/manifest.ts';
import { entryAt } from '../core/atomic-file.ts';
import type { Footer, SplitRecord, StatisticsContent } from '../engine/questions.ts';
import { counted, formatNumber } from '../report/format-number.ts';
import type { Check } from './check.ts';
import type { CheckedFiles } from './check-files.ts';
import { countsOf, measures } from './counts-of-splits.ts';
import type { NativeQuestions } from './native-questions.ts';
import { runKey } from './part-metadata.ts';

/** Rows, columns and run of every part that is there, as its footer says. */
export async function checkFooters(
  layout: OutputLayout,
  manifest: Manifest,
  questions: NativeQuestions,
): Promise<Check> {
  const { parts } = manifest;
  const isThere = await Promise.all(
    parts.map(async ({ name }) => (await entryAt(partPath(layout, name))).kind === 'file'),
  );
  const present = parts.filter((_, i) => isThere[i]);
  const { room } = questions;
  const footers = await questions.askOfAll<Manifest['parts'][number], Footer>(
    present,
    (some) => questions.ask({ kind: 'read-footers', paths: some.map(({ name }) => partPath(layout, name)), room }),
    (_part, cause) => ({ ok: false, problem: `reading it ends the process that reads (${cause})` }),
  );
  const firstTypes = footers.find((footer) => footer.ok)?.columns.map(({ type }) => type) ?? [];
  const problems = present.flatMap((part, i) => footerProblems(part, footers[i], manifest, firstTypes));
  const rows = footers.reduce((sum, footer) => sum + (footer.ok ? footer.rows : 0), 0);
  return {
    name: 'footers',
    wasMade: true,
    text: `${formatNumber(rows)} rows in ${counted(present.length, 'part')}, ${counted(manifest.columns.length, 'column')}: as the manifest says`,
    problems,
  };
}

function footerProblems(
  { name, rows, run: runId }: Manifest['parts'][number],
  footer: Footer,
  { columns }: Manifest,
  firstTypes: readonly string[],
): readonly string[] {
  if (!footer.ok) return [`${name} cannot be read: ${footer.problem}`];
  const problems: string[] = [];
  if (footer.rows !== rows) problems.push(`${name} has ${footer.rows} rows, and ${rows} were written`);
  const [found, wanted] = [footer.columns, columns].map((some) => some.map((column) => column.name).join(', '));
  if (found !== wanted) problems.push(`${name} has the columns ${found}, and the result has ${wanted}`);
  else {
    const other = footer.columns.find(({ type }, i) => type !== firstTypes[i]);
    if (other !== undefined)
      problems.push(`${name} has the column "${other.name}" as ${other.type}, unlike the first part`);
  }
  const run = footer.metadata[runKey];
  if (run !== runId) problems.push(`${name} is a part of run ${run ?? 'unknown'}, not of ${runId}`);
  return problems;
}

/** What the statistics say, for those files that are as they were written; and that rejects are listed where there are any. */
export async function checkStatistics(
  layout: OutputLayout,
  manifest: Manifest,
  files: CheckedFiles,
  questions: NativeQuestions,
): Promise<{ readonly check: Check; readonly content: StatisticsContent }> {
  const rightPath = (name: ResultFileName): string | null => {
    const path = resultFilePath(layout, name);
    return files.right.has(path) ? path : null;
  };
  const content = await questions.askOrFail(
    {
      kind: 'read-statistics',
      stats: rightPath('stats.parquet'),
      run: rightPath('run.parquet'),
      rejects: rightPath('rejects.parquet'),
      columns: rightPath('columns.parquet'),
      room: questions.room,
    },
    'while it read the statistics',
  );
  const problems = [
    ...files.problems,
    ...content.problems,
    ...missingFiles(manifest),
    ...contentProblems(manifest, content),
  ];
  return {
    check: {
      name: 'statistics',
      wasMade: true,
      text: `${files.text}: as written, and the counts are those of the manifest`,
      problems,
    },
    content,
  };
}

function missingFiles({ files, counts }: Manifest): readonly string[] {
  const names = files.map(({ name }) => name);
  const wanted = ['stats.parquet', 'run.parquet', ...(counts.rejected > 0 ? ['rejects.parquet'] : [])] as const;
  return wanted
    .filter((name) => !names.includes(name as (typeof names)[number]))
    .map((name) => `the manifest names no ${name}`);
}

function contentProblems(manifest: Manifest, { splits, runs, rejects, columns }: StatisticsContent): readonly string[] {
  const { counts, parts } = manifest;
  const problems: string[] = [];
  const compare: Compare = (what, found, expected) => {
    if (found !== expected) problems.push(`${what} is ${String(found)}, and the manifest says ${expected}`);
  };
  if (splits !== null) {
    const counting = splits.filter((split) => split.replaced_by === null);
    compare('the number of splits in stats.parquet', counting.length, counts.splits);
    const sums = countsOf(counting);
    for (const name of measures) compare(`the sum of ${name} in stats.parquet`, sums[name], counts[name]);
    const splitOf = new Map(counting.map((split) => [split.part, split]));
    for (const { name, rows, pieces } of parts) {
      const split = splitOf.get(name);
      const inputRows = pieces.reduce((sum, { startRow, endRow }) => sum + endRow - startRow, 0);
      compare(`written of ${name} in stats.parquet`, split?.written, rows);
      compare(`rows of ${name} in stats.parquet`, split?.rows, inputRows);
      if (split !== undefined)
        compare(`rows of ${name} in stats.parquet`, split.scored + split.rejected + split.filtered, inputRows);
    }
    if (manifest.runs.length > 1) compareRuns(manifest, splits, compare);
  }
  if (runs !== null) {
    compare('the number of rows in run.parquet', runs.length, manifest.runs.length);
    for (const [index, run] of manifest.runs.entries()) {
      const of = manifest.runs.length === 1 ? '' : ` of run ${run.runId}`;
      compare('run_id in run.parquet', runs[index]?.run_id, run.runId);
      const expected = manifest.runs.length === 1 ? counts : run;
      for (const name of measures) compare(`${name}${of} in run.parquet`, runs[index]?.[name], expected[name]);
    }
  }
  if (columns !== null && runs !== null) {
    const read = Math.max(...runs.map(({ rows }) => Number(rows)));
    if (columns.mostRows > read)
      problems.push(`columns.parquet is of ${columns.mostRows} rows, and run.parquet says that ${read} were read`);
    const known = runs.reduce((sum, run) => sum + Number(run.features ?? 0) + Number(run.result_columns ?? 0), 0);
    if (columns.count > known)
      problems.push(`columns.parquet is of ${columns.count} columns, and run.parquet knows ${known}`);
  }
  if (rejects !== null) compare('the number of rows in rejects.parquet', rejects.rows, counts.rejected);
  return problems;
}

type Compare = (what: string, found: unknown, expected: number | string) => void;

/** Each run accounts for its own rows, with what a later one has replaced since. */
function compareRuns({ runs }: Manifest, splits: readonly SplitRecord[], compare: Compare): void {
  for (const run of runs) {
    // Of the first run, the file may be older than the column.
    const sums = countsOf(splits.filter((split) => (split.run_id ?? runs[0].runId) === run.runId));
    for (const name of measures)
      compare(`the sum of ${name} of run ${run.runId} in stats.parquet`, sums[name], run[name]);
  }
}
