// A result that grew, seen as the results of its runs: each was cut and called by itself, and is scored again by itself.
import type { Manifest } from '../commit/manifest.ts';

/**
 * What a result holds of one run, as a manifest of its own: these of its parts and the shards that they are of, numbered anew.
 * Not for counting: what later runs replaced is missing.
 */
export function runOfManifest(
  manifest: Manifest,
  runId: string,
  parts: readonly Manifest['parts'][number][],
): Manifest {
  const run = manifest.runs.find((one) => one.runId === runId)!;
  const numbers = [...new Set(parts.flatMap(({ pieces }) => pieces.map(({ shard }) => shard)))].sort((a, b) => a - b);
  const { batchRows, adaptations, versions } = run;
  return {
    ...manifest,
    runId,
    batchRows,
    versions,
    model: { ...manifest.model, adaptations },
    dataset: { ...manifest.dataset, shards: numbers.map((shard) => manifest.dataset.shards[shard]) },
    parts: parts.map((part, split) => ({
      ...part,
      split,
      pieces: part.pieces.map((piece) => ({ ...piece, shard: numbers.indexOf(piece.shard) })),
    })),
  };
}

/** Whether the result is of a dataset that may grow: other shards beside those it knows are no change. */
export const mayGrow = ({ runs, job }: Manifest): boolean =>
  runs.length > 1 || (job.definition.output as { readonly ifExists?: string } | undefined)?.ifExists === 'append';
