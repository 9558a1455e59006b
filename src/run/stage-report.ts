// The report of a run, staged beside the statistics that it is made of. A run does not fail for want of a report.
import { writeFile } from 'node:fs/promises';
import { type OutputLayout, reportName, stagedPath } from '../commit/layout.ts';
import type { Job } from '../job/schema.ts';
import type { ReportContent } from '../report/html/report-content.ts';

/** Loaded late, and while others work: a small run would notice the time that it takes. */
export const loadSummaries = () => import('./summarise-columns.ts');
export const loadRenderer = () => import('../report/html/render-report.ts');

/** Loads what the end of a run needs. */
export async function loadEnd({ output }: Job): Promise<void> {
  await Promise.all([loadSummaries(), output.report ? loadRenderer() : null]);
}

export interface StagedReport {
  readonly isStaged: boolean;
  readonly problem: string | null;
}

export async function stageReport(
  layout: OutputLayout,
  { output }: Job,
  content: ReportContent,
): Promise<StagedReport> {
  if (!output.report) return { isStaged: false, problem: null };
  try {
    const { renderReport } = await loadRenderer();
    await writeFile(stagedPath(layout, reportName), renderReport(content));
    return { isStaged: true, problem: null };
  } catch (error) {
    return { isStaged: false, problem: (error as Error).message };
  }
}
