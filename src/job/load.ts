// Job file + overrides + environment -> one checked job with absolute paths. All problems that can be seen at once are
// reported at once: those of the file in its order and with their line, those of an option with the option's name.
import { dirname, resolve } from 'node:path';
import { type Failure, FailureError } from '../core/failure.ts';
import { withAbsolutePaths } from './absolute-paths.ts';
import { checkFilled } from './check-filled.ts';
import type { Problem } from './check-job.ts';
import { factsOf, fingerprintOf } from './fingerprint.ts';
import { overrideFailure } from './override-failures.ts';
import { applyOverrides, formatPath, type Mapping, type Override, overrideOf, type Path } from './overrides.ts';
import { type JobFile, type Place, parseJobFile } from './parse.ts';
import { readJobText } from './read-job-text.ts';
import { readLabels } from './read-labels.ts';
import { refuseIncomplete } from './refuse-incomplete.ts';
import { dayProblem, today } from './run-day.ts';
import type { Job } from './schema.ts';
import { fillTemplates } from './template.ts';

export interface JobRequest {
  readonly jobPath?: string | undefined;
  /** Later ones win. Their texts are taken literally: templates belong to the job file. */
  readonly overrides: readonly Override[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** YYYY-MM-DD; by default today in UTC. */
  readonly date?: string | undefined;
  readonly runId?: string | undefined;
  readonly params: Readonly<Record<string, string>>;
  /** Absolute: where `jobPath` and the relative paths of overrides start. */
  readonly workingFolder: string;
}

export interface LoadedJob {
  readonly job: Job;
  /** Absolute; null when there is no job file. */
  readonly jobPath: string | null;
  readonly fingerprint: string;
  /** What the fingerprint covers: path -> short text. */
  readonly facts: Readonly<Record<string, string>>;
}

/** Loads and checks a job. Throws a FailureError that carries every problem found. */
export async function loadJob(request: JobRequest): Promise<LoadedJob> {
  const { overrides, workingFolder, environment, params, runId, date = today() } = request;
  const badDay = dayProblem(date);
  if (badDay !== undefined) throw new FailureError({ reason: 'usage', message: `the date ${badDay}` });
  const source = request.jobPath === undefined ? null : await readSource(workingFolder, request.jobPath);
  if (source === null) refuseIncomplete(overrides);

  const templates = fillTemplates(source?.file.value ?? {}, { environment, params, runId, date });
  const fromFile = ({ path }: { readonly path: Path }): boolean => overrideOf(overrides, path) === undefined;
  const checked = checkFilled(
    applyOverrides(templates.value as Mapping, overrides),
    templates.filled.filter(fromFile),
    (path) => source?.file.isPlain(path) ?? false,
  );
  const folderOf = (path: Path): string =>
    source !== null && fromFile({ path }) ? dirname(source.path) : workingFolder;
  const located = checked.job === null ? checked : withAbsolutePaths(checked.job, folderOf);

  const unfilled = templates.problems.filter(fromFile);
  const unfilledPaths = new Set(unfilled.map(({ path }) => formatPath(path)));
  refuse(
    [...unfilled, ...located.problems.filter(({ path }) => !unfilledPaths.has(formatPath(path)))],
    overrides,
    source,
  );
  const job = await readLabels(located.job!);
  return { job, jobPath: source?.path ?? null, fingerprint: fingerprintOf(job), facts: factsOf(job) };
}

interface Source {
  /** Absolute. */
  readonly path: string;
  /** As it was typed. */
  readonly typed: string;
  readonly file: JobFile;
}

async function readSource(workingFolder: string, typed: string): Promise<Source> {
  const path = resolve(workingFolder, typed);
  const file = parseJobFile(await readJobText(path, typed));
  if ('value' in file) return { path, typed, file };
  const [first, ...rest] = file.map(
    ({ place, message }): Failure => ({ reason: 'job-invalid', where: whereOf(typed, place), path: '', message }),
  );
  throw new FailureError(first, ...rest);
}

function refuse(
  problems: readonly Omit<Problem, 'code'>[],
  overrides: readonly Override[],
  source: Source | null,
): void {
  const placed = problems.map((problem) => {
    const override = overrideOf(overrides, problem.path);
    const place = override === undefined ? source?.file.placeOf(problem.path) : undefined;
    return { problem, override, place };
  });
  const order = ({ place }: { readonly place: Place | undefined }): number =>
    place === undefined ? -1 : place.line * 1e6 + place.column;
  const failures = placed
    .toSorted((a, b) => order(a) - order(b))
    .map(({ problem: { path, message }, override, place }): Failure => {
      if (override !== undefined) return overrideFailure(override, path, message);
      return {
        reason: 'job-invalid',
        where: whereOf(source?.typed ?? 'the options', place),
        path: formatPath(path),
        message,
      };
    });
  if (failures.length > 0) throw new FailureError(failures[0], ...failures.slice(1));
}

const whereOf = (typed: string, place: Place | undefined): string =>
  place === undefined ? typed : `${typed}:${place.line}:${place.column}`;
