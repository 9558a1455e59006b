// An output folder as it is: what state it is in, who holds it, and how the run went that made it.
import { inspectOutput, type OutputState } from '../commit/inspect-output.ts';
import { layoutOf } from '../commit/layout.ts';
import { lockOf } from '../commit/lock.ts';
import type { HolderState, LockHolder } from '../commit/lock-holder.ts';
import { entryAt } from '../core/atomic-file.ts';
import { FailureError } from '../core/failure.ts';
import type { RunRow } from '../engine/questions.ts';
import { NativeQuestions } from './native-questions.ts';

export interface OutputInspection {
  readonly kind: 'output';
  readonly path: string;
  readonly state: OutputState;
  readonly lock: { readonly holder: LockHolder | null; readonly state: HolderState } | null;
  /** The row of the last run in run.parquet; null when there is none that can be read. */
  readonly run: RunRow | null;
  /** The page for people: of a result, or why an unfinished run published nothing; null when there is none. */
  readonly reportPath: string | null;
}

/** Looks without touching anything. Throws a FailureError when the manifest is damaged or the path cannot be an output folder. */
export async function inspectOutputFolder(path: string): Promise<OutputInspection> {
  const layout = layoutOf(path);
  const state = await inspectOutput(layout);
  const lock = await lockOf(layout);
  const hasStatistics = state.kind === 'complete' && (await entryAt(layout.run)).kind === 'file';
  const report = state.kind === 'complete' ? layout.report : layout.unpublished;
  return {
    kind: 'output',
    path: layout.root,
    state,
    lock,
    run: hasStatistics ? await runRow(layout.run) : null,
    reportPath: (await entryAt(report)).kind === 'file' ? report : null,
  };
}

async function runRow(path: string): Promise<RunRow | null> {
  await using questions = await NativeQuestions.open();
  try {
    const question = {
      kind: 'read-statistics',
      stats: null,
      run: path,
      rejects: null,
      columns: null,
      room: questions.room,
    } as const;
    const { runs } = await questions.askOrFail(question, `while it read ${path}`);
    return runs?.at(-1) ?? null;
  } catch (error) {
    if (error instanceof FailureError) return null;
    throw error;
  }
}
