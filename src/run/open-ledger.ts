// The ledger of a run: a new one, or that of the unfinished run in the output folder, with what it says is done.
import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import { isStaged, problemOfPart } from '../commit/check-staged.ts';
import type { OutputLayout } from '../commit/layout.ts';
import { compareHeaders, Ledger, type LedgerHeader } from '../commit/ledger.ts';
import { removeStrays } from '../commit/prepare-output.ts';
import { FailureError } from '../core/failure.ts';
import { canonicalJson, sha256OfText } from '../core/hash.ts';
import type { SplitOutcome } from '../core/outcome.ts';
import type { CrashedRow } from '../engine/protocol.ts';
import { cutOf, type Plan } from '../plan/plan.ts';
import { type AppendWork, freeRunId } from './append-work.ts';
import { partsOf } from './finish-run.ts';
import { identityOf, type OutputDecision } from './open-output.ts';
import type { PreparedRun } from './prepare-run.ts';

export interface OpenedLedger {
  readonly ledger: Ledger;
  readonly runId: string;
  readonly resumed: readonly SplitOutcome[];
  readonly crashed: readonly CrashedRow[];
  readonly firstStartedMs: number;
  readonly attempts: number;
}

/**
 * A new ledger, or the one of the unfinished run with every split whose files are still there: all of them are read, for nobody
 * knows what happened to them meanwhile. Fails with `interrupted` when aborted at that, and as `requireHeld` does.
 */
export async function openLedger(
  decision: OutputDecision,
  work: AppendWork | null,
  layout: OutputLayout,
  prepared: PreparedRun,
  plan: Plan,
  wantedRunId: string | undefined,
  { signal, requireHeld }: { readonly signal: AbortSignal; readonly requireHeld: () => Promise<void> },
): Promise<OpenedLedger> {
  const createdMs = Date.now();
  const header: LedgerHeader = {
    format: 1,
    runId: freeRunId(wantedRunId ?? newRunId(createdMs), work?.base ?? null),
    createdMs,
    ...identityOf(prepared),
    splitsFingerprint: sha256OfText(canonicalJson(cutOf(plan))),
    batchRows: plan.batchRows,
    adaptations: plan.model.adaptations,
    ...(work === null ? {} : { append: work.header }),
  };
  const old = decision.kind === 'resume' ? decision.ledger : null;
  if (old === null || old.header === null) {
    await removeStrays(layout, plainCopies(plan));
    return {
      ledger: await Ledger.create(layout.ledger, header, requireHeld),
      runId: header.runId,
      resumed: [],
      crashed: [],
      firstStartedMs: createdMs,
      attempts: 1,
    };
  }
  const changes = compareHeaders(old.header, { ...header, runId: old.header.runId });
  if (changes.length > 0) throw new FailureError({ reason: 'resume-mismatch', output: layout.root, changes });
  const { runId } = old.header;
  const known = [...old.outcomes.values()].filter(({ split }) => split < plan.splits.length);
  const resumed: SplitOutcome[] = [];
  for (const outcome of known) {
    if (signal.aborted) throw new FailureError({ reason: 'interrupted' });
    const [part] = partsOf({ runId, plan, work }, [outcome]);
    const isWhole = outcome.rejects === null || (await isStaged(layout, outcome.rejects));
    if (isWhole && (await problemOfPart(layout, part)) === null) resumed.push(outcome);
  }
  const kept = resumed.flatMap(({ part, rejects }) => [part.name, ...(rejects === null ? [] : [rejects.name])]);
  await removeStrays(layout, new Set([...kept, ...plainCopies(plan)]));
  const starts = 1 + old.entries.filter(({ kind }) => kind === 'resumed').length;
  const ledger = await Ledger.resume(layout.ledger, old, requireHeld);
  await ledger.append({ kind: 'resumed', atMs: createdMs });
  const crashed = old.entries
    .filter((entry) => entry.kind === 'crashed-row')
    .map(({ split, shard, row, reason = 'crashed', cause = '' }) => ({ split, shard, row, reason, cause }));
  return { ledger, runId, resumed, crashed, firstStartedMs: old.header.createdMs, attempts: starts + 1 };
}

const plainCopies = ({ shards }: Plan): Set<string> =>
  new Set(shards.flatMap(({ plainPath }) => (plainPath === null ? [] : [basename(plainPath)])));

const newRunId = (nowMs: number): string =>
  `${new Date(nowMs).toISOString().replace(/[-:]/g, '').replace(/\.\d+/, '')}-${randomBytes(3).toString('hex')}`;
