// What a run has made so far, in the words of the manifest: of a run that publishes all that the manifest says but the files
// beside it, of one that does not what its page tells.
import type { StagedPart } from '../commit/check-staged.ts';
import type { Manifest } from '../commit/manifest.ts';
import type { SplitOutcome } from '../core/outcome.ts';
import { version } from '../core/version.ts';
import type { RunStats } from '../stats/run-stats.ts';
import type { PreparedRun } from './prepare-run.ts';
import type { RunRecord } from './run-record.ts';

/** `outcomes` are in the order of their splits, `parts` in that of the outcomes. */
export function ownManifest(
  { runId, plan, prepared, firstStartedMs: startedMs, attempts }: RunRecord,
  outcomes: readonly SplitOutcome[],
  parts: readonly StagedPart[],
  stats: RunStats,
): Omit<Manifest, 'files'> {
  const finishedMs = Date.now();
  const versions = { scoremill: version, node: process.versions.node, ...plan.versions };
  const { rows, scored, rejected, filtered, written } = stats;
  const counts = { rows, scored, rejected, filtered, written };
  const { batchRows } = plan;
  const { adaptations } = plan.model;
  return {
    format: 3,
    runId,
    verdict: 'complete',
    job: {
      name: prepared.job.name,
      fingerprint: prepared.loaded.fingerprint,
      facts: prepared.facts,
      definition: prepared.loaded.job,
    },
    model: {
      path: prepared.model.path,
      sha256: prepared.model.sha256,
      fileBytes: prepared.model.fileBytes,
      externalFiles: prepared.model.externalFiles.map(fileInManifest),
      sidecars: prepared.model.sidecars.map(fileInManifest),
      adaptations,
    },
    inputFingerprint: prepared.inputFingerprint,
    dataset: {
      paths: prepared.job.dataset.path,
      format: plan.shards[0].format,
      shards: plan.shards.map((shard) => ({
        path: shard.path,
        fileBytes: shard.fileBytes,
        modifiedMs: shard.modifiedMs,
        rows: shard.rows,
      })),
      ...(plan.covers && { covers: plan.covers }),
    },
    parts: outcomes.map(({ split, part }, index) => ({
      name: parts[index].name,
      split,
      run: runId,
      rows: part.rows,
      bytes: part.bytes,
      sha256: part.sha256,
      pieces: plan.splits[split].pieces,
    })),
    counts: { ...counts, parts: parts.length, splits: outcomes.length },
    batchRows,
    ...(plan.calibration === null ? {} : { calibration: plan.calibration }),
    columns: plan.columns.map(({ name, type }) => ({ name, type, kept: plan.binding.kept.includes(name) })),
    versions,
    startedMs,
    finishedMs,
    attempts,
    runs: [
      {
        runId,
        shards: plan.shards.length,
        parts: parts.length,
        ...counts,
        batchRows,
        adaptations,
        versions,
        startedMs,
        finishedMs,
        attempts,
      },
    ],
  };
}

const fileInManifest = ({ path, sha256, bytes }: PreparedRun['model']['sidecars'][number]) => ({
  path,
  sha256,
  fileBytes: bytes,
});
