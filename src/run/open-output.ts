// What to do with the output folder as it is found: score, go on with an unfinished run, add to a result, or leave it alone.
import type { OutputState } from '../commit/inspect-output.ts';
import type { OutputLayout } from '../commit/layout.ts';
import { type AppendHeader, compareHeaders, type LedgerContents } from '../commit/ledger.ts';
import { type Manifest, sha256OfManifest } from '../commit/manifest.ts';
import { FailureError } from '../core/failure.ts';
import { canonicalJson } from '../core/hash.ts';
import { version } from '../core/version.ts';
import { type AppendWork, changedSince, firstWork, nextWork, preparedFor } from './append-work.ts';
import { compareShards, type ShardComparison } from './compare-shards.ts';
import { type PreparedRun, withoutShards } from './prepare-run.ts';

export type OutputDecision =
  /** `comparison`: of a dataset that may grow (`append`). */
  | {
      readonly kind: 'already-complete';
      readonly manifest: Manifest;
      readonly comparison: ShardComparison | null;
    }
  /** `replaces`: the complete result that the new one takes the place of. `work`: what is scored of a dataset that may grow. */
  | {
      readonly kind: 'score';
      readonly replaces: Manifest | null;
      readonly work: AppendWork | null;
      readonly comparison: ShardComparison | null;
    }
  | {
      readonly kind: 'resume';
      readonly ledger: LedgerContents;
      readonly replaces: Manifest | null;
      readonly work: AppendWork | null;
    }
  /** `changes`: what of a growing dataset keeps the unfinished run from going on. */
  | {
      readonly kind: 'start-over';
      readonly ledger: LedgerContents;
      readonly replaces: Manifest | null;
      readonly changes: readonly string[];
    }
  /** The unfinished run has added to the result; what is left to do needs neither input nor model. */
  | { readonly kind: 'finish'; readonly manifest: Manifest; readonly append: AppendHeader };

/** Decides, or throws the FailureError that says why this run must not write here. */
export function decideOutput(
  state: OutputState,
  layout: OutputLayout,
  prepared: PreparedRun,
  fresh: boolean,
): OutputDecision {
  const { ifExists } = prepared.job.output;
  if ('foreign' in state && state.foreign.length > 0)
    throw new FailureError({ reason: 'output-foreign', output: layout.root, names: state.foreign });
  switch (state.kind) {
    case 'absent':
    case 'empty':
    case 'foreign': {
      const work = ifExists === 'append' ? firstWork(prepared.shards) : null;
      return { kind: 'score', replaces: null, work, comparison: null };
    }
    case 'unfinished':
      return decideUnfinished(state, layout, prepared, fresh);
    case 'complete': {
      const { manifest, lost, success } = state;
      if (ifExists === 'replace' || fresh) return { kind: 'score', replaces: manifest, work: null, comparison: null };
      if (ifExists === 'fail') {
        throw new FailureError({
          reason: 'output-complete',
          output: layout.root,
          runId: manifest.runId,
          finishedMs: manifest.finishedMs,
        });
      }
      if (lost.length > 0 || !success) {
        throw new FailureError({
          reason: 'output-damaged',
          output: layout.root,
          lost: success ? lost : ['_SUCCESS', ...lost],
        });
      }
      if (ifExists === 'append') return decideAppend(manifest, layout, prepared);
      const changes = changesSince(manifest, prepared);
      if (changes.length > 0) throw new FailureError({ reason: 'output-differs', output: layout.root, changes });
      return { kind: 'already-complete', manifest, comparison: null };
    }
  }
}

function decideAppend(base: Manifest, layout: OutputLayout, prepared: PreparedRun): OutputDecision {
  const changes = changesSince(base, prepared, { shards: false });
  if (changes.length > 0) throw new FailureError({ reason: 'append-differs', output: layout.root, changes });
  const comparison = compareShards(prepared.shards, base, layout.root);
  if (comparison.waiting.length === 0) return { kind: 'already-complete', manifest: base, comparison };
  return { kind: 'score', replaces: null, work: nextWork(base, prepared.shards, comparison), comparison };
}

function decideUnfinished(
  { ledger, previous }: Extract<OutputState, { readonly kind: 'unfinished' }>,
  layout: OutputLayout,
  prepared: PreparedRun,
  fresh: boolean,
): OutputDecision {
  const { header } = ledger;
  const replaces = previous !== null && previous.runId !== header?.runId ? previous : null;
  if (header === null || header.append === undefined) {
    if (fresh || header === null) return { kind: 'start-over', ledger, replaces, changes: [] };
    return { kind: 'resume', ledger, replaces, work: null };
  }
  const { append } = header;
  const isPublished = previous !== null && sha256OfManifest(previous) !== append.base;
  if (isPublished) {
    if (previous.runId === header.runId) return { kind: 'finish', manifest: previous, append };
    const changes = [`the result: of run ${previous.runId} (the unfinished run adds to another one)`];
    throw new FailureError({ reason: 'resume-mismatch', output: layout.root, changes });
  }
  if (fresh) return { kind: 'start-over', ledger, replaces: null, changes: [] };
  const { ifExists } = prepared.job.output;
  if (ifExists !== 'append') {
    const changes = [`output.ifExists: "${ifExists}" (was "append")`];
    throw new FailureError({ reason: 'resume-mismatch', output: layout.root, changes });
  }
  const changes = changedSince(append, prepared.shards);
  if (changes.length > 0) return { kind: 'start-over', ledger, replaces: null, changes };
  return { kind: 'resume', ledger, replaces: null, work: { header: append, base: previous, listed: prepared.shards } };
}

/**
 * Fails with `resume-mismatch` when the unfinished run is one of another job, model or input. Comes after the lock: of a run
 * that is going on, that it is going on is the better answer.
 */
export function requireSameRun(decision: OutputDecision, layout: OutputLayout, prepared: PreparedRun): void {
  const header = decision.kind === 'resume' ? decision.ledger.header : null;
  if (decision.kind !== 'resume' || header === null) return;
  const changes = compareHeaders(header, { ...header, ...identityOf(preparedFor(prepared, decision.work)) });
  if (changes.length > 0) throw new FailureError({ reason: 'resume-mismatch', output: layout.root, changes });
}

/** What is known of a run before the engine has looked at the data. */
export const identityOf = ({ loaded, model, inputFingerprint, facts }: PreparedRun) => ({
  scoremill: version,
  jobFingerprint: loaded.fingerprint,
  modelSha256: model.sha256,
  inputFingerprint,
  facts,
});

/** What of job and model, and with `shards` of the input, is not as it was when the result was made. */
function changesSince(
  manifest: Manifest,
  prepared: PreparedRun,
  { shards = true }: { readonly shards?: boolean } = {},
): readonly string[] {
  const { loaded, model, inputFingerprint } = prepared;
  const hashesOf = ({ externalFiles, sidecars }: Manifest['model'] | PreparedRun['model']): string =>
    canonicalJson([externalFiles, sidecars].map((files) => files.map(({ path, sha256 }) => [path, sha256])));
  const isSame =
    manifest.job.fingerprint === loaded.fingerprint &&
    manifest.model.sha256 === model.sha256 &&
    hashesOf(manifest.model) === hashesOf(model) &&
    (!shards || manifest.inputFingerprint === inputFingerprint);
  if (isSame) return [];
  const [before, now] = [manifest.job.facts, prepared.facts].map((facts) => (shards ? facts : withoutShards(facts)));
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  return names
    .filter((name) => before[name] !== now[name])
    .map((name) => `${name}: ${now[name] ?? 'gone'} (was ${before[name] ?? 'not there'})`);
}
