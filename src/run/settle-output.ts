// Brings the output folder into a state from which there is one thing to do, under the lock: an addition that was published but
// not tidied up is finished, and an unfinished run that cannot go on is thrown away.
import { discardUnfinished } from '../commit/committer.ts';
import { inspectOutput } from '../commit/inspect-output.ts';
import type { OutputLayout } from '../commit/layout.ts';
import { finishAppend } from '../commit/publish-beside.ts';
import type { RunEvent } from '../core/event.ts';
import { decideOutput, type OutputDecision, requireSameRun } from './open-output.ts';
import type { PreparedRun } from './prepare-run.ts';

export interface SettledOutput {
  readonly decision: Exclude<OutputDecision, { readonly kind: 'finish' }>;
  /** An earlier execution had published its run, and this one has finished that. */
  readonly hasFinished: boolean;
}

export async function settleOutput(
  layout: OutputLayout,
  prepared: PreparedRun,
  {
    fresh,
    observe,
    requireHeld,
  }: {
    readonly fresh: boolean;
    readonly observe: (event: RunEvent) => void;
    readonly requireHeld: () => Promise<void>;
  },
): Promise<SettledOutput> {
  const decide = async (isFresh: boolean): Promise<OutputDecision> =>
    decideOutput(await inspectOutput(layout), layout, prepared, isFresh);
  let decision = await decide(fresh);
  const hasFinished = decision.kind === 'finish';
  if (decision.kind === 'finish') {
    await finishAppend(layout, decision.manifest, decision.append.replaced, { requireHeld });
    observe({ event: 'notice', text: `run ${decision.manifest.runId} was published and is now tidied up` });
    decision = await decide(false);
  }
  requireSameRun(decision, layout, prepared);
  if (decision.kind === 'start-over') {
    const { changes, ledger } = decision;
    if (changes.length > 0) observe({ event: 'warning', text: startOverText(changes, ledger.outcomes.size) });
    await discardUnfinished(layout, ledger, requireHeld);
    // What a growing dataset adds to is not thrown away with it.
    if (prepared.job.output.ifExists === 'append') decision = await decide(false);
  }
  if (decision.kind === 'finish') throw new Error('a run that was tidied up is still unfinished');
  return { decision, hasFinished };
}

const startOverText = (changes: readonly string[], splits: number): string =>
  `the unfinished run cannot go on, for ${changes.slice(0, 3).join(', ')}${changes.length > 3 ? ` and ${changes.length - 3} more` : ''}: what it had scored (${splits} splits) is scored again`;
