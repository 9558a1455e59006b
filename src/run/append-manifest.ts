// The manifest of a result that more than one run made: the older one with what the last run adds and replaces. Rows are accounted
// for once more over all of it: in = scored + rejected + filtered, and every row of every shard stands for itself once.
import type { Manifest } from '../commit/manifest.ts';
import { canonicalJson } from '../core/hash.ts';
import type { Shard } from '../core/split.ts';
import type { RowCounts } from '../engine/questions.ts';
import { inputFingerprintOf, shardFacts, withoutShards } from './prepare-run.ts';

export interface Addition {
  readonly base: Manifest;
  /** The run as if it stood alone. */
  readonly own: Manifest;
  /** Names of parts of `base` that go. */
  readonly replaced: readonly string[];
  /** The dataset as it is listed now: its order is that of the shards. */
  readonly listed: readonly Shard[];
  /** Rows of the splits of `base` whose parts stay, as its statistics count them. */
  readonly kept: RowCounts;
  /** Of the joined tables. */
  readonly files: Manifest['files'];
}

type Part = Manifest['parts'][number];
type KnownShard = Manifest['dataset']['shards'][number];

/** Throws where rows are not accounted for: a bug of ours. */
export function appendedManifest({ base, own, replaced, listed, kept, files }: Addition): Manifest {
  const gone = new Set(replaced);
  const staying = base.parts.filter(({ name }) => !gone.has(name));
  const byPath = new Map<string, KnownShard>();
  for (const shard of [...base.dataset.shards, ...own.dataset.shards]) byPath.set(shard.path, shard);
  const shards = ordered([...byPath.values()], listed);
  const numberOf = new Map(shards.map(({ path }, index) => [path, index]));
  const renumbered = (parts: readonly Part[], before: readonly KnownShard[]): readonly Part[] =>
    parts.map((part) => ({
      ...part,
      pieces: part.pieces.map((piece) => ({ ...piece, shard: numberOf.get(before[piece.shard].path)! })),
    }));
  const parts = [...renumbered(staying, base.dataset.shards), ...renumbered(own.parts, own.dataset.shards)].map(
    (part, split) => ({ ...part, split }),
  );
  const total = (name: keyof RowCounts): number => kept[name] + own.counts[name];
  const counts = {
    rows: total('rows'),
    scored: total('scored'),
    rejected: total('rejected'),
    filtered: total('filtered'),
    written: total('written'),
    parts: parts.length,
    splits: parts.length,
  };
  mustAddUp({ parts, shards, counts });
  return {
    ...own,
    job: { ...own.job, facts: { ...withoutShards(own.job.facts), ...shardFacts(shards) } },
    inputFingerprint: inputFingerprintOf(shards),
    dataset: { ...own.dataset, shards },
    parts,
    counts,
    runs: [...base.runs, ...own.runs],
    files,
  };
}

/** In the order of the dataset, as a run over all of it would have them; what is gone from it comes last. */
function ordered(shards: readonly KnownShard[], listed: readonly Shard[]): readonly KnownShard[] {
  const placeOf = new Map(listed.map(({ path }, index) => [path, index]));
  const place = ({ path }: KnownShard): number => placeOf.get(path) ?? Number.MAX_SAFE_INTEGER;
  return [...shards].sort((one, other) => place(one) - place(other));
}

function mustAddUp({
  parts,
  shards,
  counts,
}: {
  readonly parts: readonly Part[];
  readonly shards: readonly KnownShard[];
  readonly counts: Manifest['counts'];
}): void {
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const { rows, scored, rejected, filtered, written } = counts;
  const inPieces = sum(parts.flatMap(({ pieces }) => pieces.map(({ startRow, endRow }) => endRow - startRow)));
  const facts = {
    rows,
    accounted: scored + rejected + filtered,
    inPieces,
    inShards: sum(shards.map((shard) => shard.rows)),
  };
  const isWhole = new Set(Object.values(facts)).size === 1 && written === sum(parts.map((part) => part.rows));
  const names = new Set(parts.map(({ name }) => name));
  if (!isWhole || names.size !== parts.length)
    throw new Error(`the rows of all runs do not add up: ${canonicalJson({ ...facts, written, parts: parts.length })}`);
}
