// What to do with the output folder as it is found: score, go on with an unfinished run, or leave it alone.
import type { OutputState } from '../commit/inspect-output.ts';
import type { OutputLayout } from '../commit/layout.ts';
import { compareHeaders, type LedgerContents } from '../commit/ledger.ts';
import type { Manifest } from '../commit/manifest.ts';
import { FailureError } from '../core/failure.ts';
import { canonicalJson } from '../core/hash.ts';
import { version } from '../core/version.ts';
import type { PreparedRun } from './prepare-run.ts';

export type OutputDecision =
  | { readonly kind: 'already-complete'; readonly manifest: Manifest }
  /** `replaces`: the complete result that the new one takes the place of. */
  | { readonly kind: 'score'; readonly replaces: Manifest | null }
  | { readonly kind: 'resume'; readonly ledger: LedgerContents; readonly replaces: Manifest | null }
  | { readonly kind: 'start-over'; readonly ledger: LedgerContents; readonly replaces: Manifest | null };

/** Decides, or throws the FailureError that says why this run must not write here. */
export function decideOutput(
  state: OutputState,
  layout: OutputLayout,
  prepared: PreparedRun,
  fresh: boolean,
): OutputDecision {
  const { ifExists } = prepared.job.output;
  switch (state.kind) {
    case 'absent':
    case 'empty':
      return { kind: 'score', replaces: null };
    case 'foreign':
      throw new FailureError({ reason: 'output-foreign', output: layout.root, names: state.foreign });
    case 'unfinished': {
      if (state.foreign.length > 0)
        throw new FailureError({ reason: 'output-foreign', output: layout.root, names: state.foreign });
      const { ledger, previous } = state;
      const replaces = previous !== null && previous.runId !== ledger.header?.runId ? previous : null;
      if (fresh || ledger.header === null) return { kind: 'start-over', ledger, replaces };
      return { kind: 'resume', ledger, replaces };
    }
    case 'complete': {
      const { manifest, lost, success } = state;
      if (state.foreign.length > 0)
        throw new FailureError({ reason: 'output-foreign', output: layout.root, names: state.foreign });
      if (ifExists === 'replace' || fresh) return { kind: 'score', replaces: manifest };
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
      const changes = changesSince(manifest, prepared);
      if (changes.length > 0) throw new FailureError({ reason: 'output-differs', output: layout.root, changes });
      return { kind: 'already-complete', manifest };
    }
  }
}

/**
 * Fails with `resume-mismatch` when the unfinished run is one of another job, model or input. Comes after the lock: of a run
 * that is going on, that it is going on is the better answer.
 */
export function requireSameRun(decision: OutputDecision, layout: OutputLayout, prepared: PreparedRun): void {
  const header = decision.kind === 'resume' ? decision.ledger.header : null;
  if (header === null) return;
  const changes = compareHeaders(header, { ...header, ...identityOf(prepared) });
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

/** What of job, model and input is not as it was when the result was made. */
function changesSince(manifest: Manifest, { loaded, model, inputFingerprint, facts }: PreparedRun): readonly string[] {
  const hashesOf = ({ externalFiles, sidecars }: Manifest['model'] | PreparedRun['model']): string =>
    canonicalJson([externalFiles, sidecars].map((files) => files.map(({ path, sha256 }) => [path, sha256])));
  const isSame =
    manifest.job.fingerprint === loaded.fingerprint &&
    manifest.model.sha256 === model.sha256 &&
    hashesOf(manifest.model) === hashesOf(model) &&
    manifest.inputFingerprint === inputFingerprint;
  if (isSame) return [];
  const before = manifest.job.facts;
  const names = [...new Set([...Object.keys(before), ...Object.keys(facts)])];
  return names
    .filter((name) => before[name] !== facts[name])
    .map((name) => `${name}: ${facts[name] ?? 'gone'} (was ${before[name] ?? 'not there'})`);
}
