// A finished result in an output folder, or why there is none.
import { inspectOutput, type OutputState } from '../commit/inspect-output.ts';
import type { OutputLayout } from '../commit/layout.ts';
import { lockOf } from '../commit/lock.ts';
import { FailureError } from '../core/failure.ts';

type Complete = Extract<OutputState, { readonly kind: 'complete' }>;

/** Throws a FailureError when there is none: `output-absent`, `output-unfinished`. A damaged manifest is a problem to tell. */
export async function finishedOutput(layout: OutputLayout): Promise<Complete | { readonly problem: string }> {
  const state = await inspectOutput(layout).catch((error: unknown) => {
    const [failure] = error instanceof FailureError ? error.failures : [];
    if (failure?.reason !== 'manifest-damaged') throw error;
    return { kind: 'damaged' as const, problem: `${failure.path} cannot be trusted: ${failure.message}` };
  });
  const absent = (message: string): FailureError =>
    new FailureError({ reason: 'output-absent', output: layout.root, message });
  switch (state.kind) {
    case 'complete':
    case 'damaged':
      return state;
    case 'absent':
      throw absent('there is no such folder');
    case 'empty':
      throw absent('the folder holds no result');
    case 'foreign':
      throw absent('the folder holds no result of scoremill (no _scoremill/manifest.json)');
    case 'unfinished': {
      const { header, outcomes } = state.ledger;
      const lock = await lockOf(layout);
      const holder =
        lock === null || lock.state === 'dead'
          ? null
          : `process ${lock.holder?.pid ?? '?'} on host ${lock.holder?.host ?? '?'}`;
      throw new FailureError({
        reason: 'output-unfinished',
        output: layout.root,
        runId: header?.runId ?? null,
        doneSplits: outcomes.size,
        holder,
      });
    }
  }
}
