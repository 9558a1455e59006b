// `scoremill report`: the page of a finished result made again from the files beside its manifest, each of which must be as it
// was written.
import { layoutOf, type OutputLayout, type ResultFileName, resultFilePath } from '../commit/layout.ts';
import type { Manifest } from '../commit/manifest.ts';
import { writeFileDurably } from '../core/atomic-file.ts';
import { FailureError } from '../core/failure.ts';
import { renderReport } from '../report/html/render-report.ts';
import type { ReportContent } from '../report/html/report-content.ts';
import { type ListedReject, RejectsCount } from '../report/rejects-summary.ts';
import { type ReadRow, readColumnSummaries, readRunStats, readSplitStats } from '../report/stats-table.ts';
import { checkFailures } from './check.ts';
import { checkResultFiles } from './check-files.ts';
import { finishedOutput } from './finished-output.ts';
import { NativeQuestions } from './native-questions.ts';

export interface MadeReport {
  readonly outputPath: string;
  readonly runId: string;
  readonly html: string;
  /** Where it was written; null when it was not. */
  readonly path: string | null;
}

/**
 * Throws a FailureError when there is no finished result (`output-absent`, `output-unfinished`), or its files are not as they
 * were written (`check-failed`). `to`: a path, null to write nothing; left out, the report goes beside the manifest.
 */
export async function makeReport(outputPath: string, to?: string | null): Promise<MadeReport> {
  const layout = layoutOf(outputPath);
  const state = await finishedOutput(layout);
  if ('problem' in state) throw failed(layout, 'manifest', [state.problem]);
  const { manifest } = state;
  const { problems } = await checkResultFiles(layout, manifest, new AbortController().signal);
  if (problems.length > 0) throw failed(layout, 'statistics', problems);
  const html = renderReport(await contentOf(layout, manifest));
  const path = to === undefined ? layout.report : to;
  if (path !== null) await writeFileDurably(path, html);
  return { outputPath: layout.root, runId: manifest.runId, html, path };
}

/** Of the last run that made or added to the result: the tables hold the rows of all of them. */
async function contentOf(layout: OutputLayout, manifest: Manifest): Promise<ReportContent> {
  await using questions = await NativeQuestions.open();
  const { room } = questions;
  const read = async (name: ResultFileName): Promise<readonly ReadRow[]> => {
    if (!manifest.files.some((file) => file.name === name)) return [];
    const path = resultFilePath(layout, name);
    const rows = await questions.askOrFail({ kind: 'read-rows', path, room }, `while it read ${path}`);
    return rows.filter((row) => (row.run_id ?? manifest.runId) === manifest.runId);
  };
  const [run] = readRunStats(await read('run.parquet'));
  if (run === undefined) throw failed(layout, 'statistics', ['run.parquet is missing, and a report is made of it']);
  const rejects = new RejectsCount();
  for (const { shard, row, reason, column, message, content } of (await read(
    'rejects.parquet',
  )) as readonly ReadReject[])
    rejects.add({ shard, row, reason, column, message, content });
  return {
    manifest,
    run,
    splits: readSplitStats(await read('stats.parquet')),
    columns: readColumnSummaries(await read('columns.parquet')),
    rejects: rejects.summary(),
    unpublished: null,
  };
}

type ReadReject = ReadRow & ListedReject;

function failed({ root }: OutputLayout, name: 'manifest' | 'statistics', problems: readonly string[]): FailureError {
  const [first, ...others] = checkFailures(root, [{ name, text: '', wasMade: true, problems }]);
  return new FailureError(first, ...others);
}
