// The one file that knows every path of an output folder. Readers of Parquet folders skip names that begin with `_`, so
// all names but those of the parts do.
import { basename, join, resolve } from 'node:path';

export interface OutputLayout {
  readonly root: string;
  readonly success: string;
  readonly metaFolder: string;
  readonly staging: string;
  readonly ledger: string;
  readonly lock: string;
  readonly manifest: string;
  /** The manifest of an older result while a newer one takes its place. */
  readonly replacedManifest: string;
  readonly stats: string;
  readonly run: string;
  readonly columns: string;
  readonly rejects: string;
  readonly report: string;
  /** Why an unfinished run published nothing. */
  readonly unpublished: string;
}

/** Files beside the manifest that a result consists of. */
export const resultFileNames = ['stats.parquet', 'run.parquet', 'columns.parquet', 'rejects.parquet'] as const;
export type ResultFileName = (typeof resultFileNames)[number];

/** The folder of one slice, below the output folder that an array of runs shares. Names sort in the order of the slices. */
export function sliceFolder(outputPath: string, { index, count }: Slice): string {
  const digits = String(count - 1).length;
  return join(outputPath, `slice-${String(index).padStart(digits, '0')}-of-${count}`);
}

export const sliceFolderPattern = /^slice-(\d+)-of-(\d+)$/;

export interface Slice {
  readonly index: number;
  readonly count: number;
}

/** A page that can be made again from the others, and so is none that the manifest vouches for. */
export const reportName = 'report.html';

export const unpublishedName = 'unpublished.html';

export const partNamePattern = /^part-\d{5,}-[A-Za-z0-9._-]+\.parquet$/;

const mostRunIdLetters = 120;

export function layoutOf(outputPath: string): OutputLayout {
  const root = resolve(outputPath);
  const metaFolder = join(root, '_scoremill');
  return {
    root,
    success: join(root, '_SUCCESS'),
    metaFolder,
    staging: join(metaFolder, 'staging'),
    ledger: join(metaFolder, 'ledger.jsonl'),
    lock: join(metaFolder, 'lock'),
    manifest: join(metaFolder, 'manifest.json'),
    replacedManifest: join(metaFolder, 'replaced-manifest.json'),
    stats: join(metaFolder, 'stats.parquet'),
    run: join(metaFolder, 'run.parquet'),
    columns: join(metaFolder, 'columns.parquet'),
    rejects: join(metaFolder, 'rejects.parquet'),
    report: join(metaFolder, reportName),
    unpublished: join(metaFolder, unpublishedName),
  };
}

/**
 * `part-00000-<run>.parquet`. All parts of a run sort by index: the number has five digits, or as many as the last of
 * `partCount` parts needs.
 */
export function partName(index: number, runId: string, partCount: number): string {
  const digits = Math.max(5, String(partCount - 1).length);
  return `part-${String(index).padStart(digits, '0')}-${runIdInNames(runId)}.parquet`;
}

/** The number in the name of a part. */
export const partNumber = (name: string): number => Number(/^part-(\d+)-/.exec(name)?.[1] ?? 0);

/** Whether a name is one that `partName` gives to parts of this run. */
export function isPartOfRun(name: string, runId: string): boolean {
  return partNamePattern.test(name) && name.replace(/^part-\d+-/, '') === `${runIdInNames(runId)}.parquet`;
}

/** Where a file waits until it is published; `name` is a plain name without folders. */
export function stagedPath(layout: OutputLayout, name: string): string {
  return join(layout.staging, basename(name));
}

export function partPath(layout: OutputLayout, name: string): string {
  return join(layout.root, basename(name));
}

export function resultFilePath(layout: OutputLayout, name: ResultFileName): string {
  return join(layout.metaFolder, name);
}

/** A run id may hold anything (`scheduled__2024-01-01T00:00:00+00:00`); a file name holds what every file system takes. */
function runIdInNames(runId: string): string {
  return runId.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, mostRunIdLetters) || 'run';
}
