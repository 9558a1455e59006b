// What is wrong with the overrides alone, so that a mistyped value is refused as a usage error before any file is read.
import type { Failure } from '../core/failure.ts';
import { checkJob } from './check-job.ts';
import { applyOverrides, formatPath, type Override, overrideOf, type Path } from './overrides.ts';

/** One usage failure for each override that the schema refuses whatever the job file says. */
export function overrideFailures(overrides: readonly Override[]): readonly Failure[] {
  const { problems } = checkJob(applyOverrides({}, overrides));
  return problems.flatMap(({ path, code, message }) => {
    const override = overrideOf(overrides, path);
    const needsTheRest = code === 'missing' || code === 'inconsistent';
    if (override === undefined || (needsTheRest && path.length < override.path.length)) return [];
    return [overrideFailure(override, path, message)];
  });
}

/** The usage failure of one override: its source, the path where that lies deeper or higher, and what is wrong. */
export function overrideFailure({ source, path: target }: Override, path: Path, message: string): Failure {
  const isTarget = formatPath(path) === formatPath(target);
  return { reason: 'usage', message: `${source}: ${isTarget ? '' : `${formatPath(path)}: `}${message}` };
}
