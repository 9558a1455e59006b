// Whether the page beside a result tells of this result. The manifest does not vouch for its bytes: it can be made again at any time.
import { basename } from 'node:path';
import { type OutputLayout, reportName } from '../commit/layout.ts';
import type { Manifest } from '../commit/manifest.ts';
import { entryAt, readIfPresent } from '../core/atomic-file.ts';
import { runMark } from '../report/run-mark.ts';
import type { Check } from './check.ts';

export async function checkReport({ report, metaFolder }: OutputLayout, { runId }: Manifest): Promise<Check> {
  const name = `${basename(metaFolder)}/${reportName}`;
  const check = (text: string, problems: readonly string[] = []): Check => ({
    name: 'report',
    wasMade: true,
    text,
    problems,
  });
  const { kind } = await entryAt(report);
  if (kind === 'absent') return { ...check(`${name} is not there; scoremill report makes it`), wasMade: false };
  if (kind !== 'file') return check(name, [`${name} is a ${kind === 'link' ? 'symbolic link' : kind}, not a file`]);
  const page = (await readIfPresent(report))?.toString('utf8') ?? '';
  const isOfRun = page.includes(runMark(runId)) && page.trimEnd().endsWith('</html>');
  return check(
    `${name} is of this run`,
    isOfRun ? [] : [`${name} is not the whole report of run ${runId}; scoremill report makes it`],
  );
}
