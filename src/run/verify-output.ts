// `scoremill verify`: checks a finished result from its files alone, with the manifest as the authority, and lists everything
// that is wrong. With `rescore`, rows are scored again as well, when the files are right.
import { layoutOf } from '../commit/layout.ts';
import type { RunEvent } from '../core/event.ts';
import { type Failure, FailureError } from '../core/failure.ts';
import { type Check, checkFailures } from './check.ts';
import { checkFooters, checkStatistics } from './check-contents.ts';
import { type CheckedFiles, checkFolder, checkParts, checkResultFiles } from './check-files.ts';
import { checkManifest } from './check-manifest.ts';
import { checkReport } from './check-report.ts';
import { finishedOutput } from './finished-output.ts';
import { NativeQuestions } from './native-questions.ts';
import { rescore } from './rescore.ts';

export interface VerifyRequest {
  readonly outputPath: string;
  /** How many rows to score again, at the least; 0: none. */
  readonly rescore?: number;
  readonly observe?: (event: RunEvent) => void;
  readonly signal?: AbortSignal;
}

export interface Verification {
  readonly outputPath: string;
  /** null when the manifest cannot be read. */
  readonly runId: string | null;
  readonly checks: readonly Check[];
  /** Every problem of the checks, and what kept rows from being scored again. */
  readonly failures: readonly Failure[];
}

/** Throws a FailureError when there is no finished result to check: `output-absent`, `output-unfinished`. */
export async function verifyOutput(request: VerifyRequest): Promise<Verification> {
  const layout = layoutOf(request.outputPath);
  const state = await finishedOutput(layout);
  if ('problem' in state) {
    const check: Check = {
      name: 'manifest',
      wasMade: true,
      text: '_scoremill/manifest.json',
      problems: [state.problem],
    };
    return { outputPath: layout.root, runId: null, checks: [check], failures: checkFailures(layout.root, [check]) };
  }
  const { manifest } = state;
  const signal = request.signal ?? new AbortController().signal;
  await using questions = await NativeQuestions.open();
  const parts = await checkParts(layout, manifest, signal);
  const files = await checkResultFiles(layout, manifest, signal);
  const { check: statistics, content } = await checkStatistics(layout, manifest, files, questions);
  const checks: Check[] = [
    checkManifest(manifest),
    checkFolder(state),
    withoutPaths(parts),
    await checkFooters(layout, manifest, questions),
    statistics,
    await checkReport(layout, manifest),
  ];
  const failures = [...checkFailures(layout.root, checks)];
  if ((request.rescore ?? 0) > 0) {
    if (failures.length > 0)
      checks.push({ name: 'rescore', wasMade: false, text: 'not done: the files are not right', problems: [] });
    else {
      try {
        const check = await rescore({
          layout,
          manifest,
          rows: request.rescore ?? 0,
          crashed: content.rejects?.crashed ?? [],
          questions,
          observe: request.observe ?? (() => {}),
          signal,
        });
        checks.push(check);
        failures.push(...checkFailures(layout.root, [check]));
      } catch (error) {
        if (!(error instanceof FailureError) || error.failures[0].reason === 'interrupted') throw error;
        failures.push(...error.failures);
      }
    }
  }
  return { outputPath: layout.root, runId: manifest.runId, checks, failures };
}

const withoutPaths = ({ right: _right, ...check }: CheckedFiles): Check => check;
