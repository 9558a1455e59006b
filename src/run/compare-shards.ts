// Which shards of a growing dataset a run has to score (`output.ifExists: append`). A shard is known by its path; size and time
// of modification tell whether it is still what was scored. Parts are replaced whole, so small shards that share a part
// with one that changed are scored again beside it: each row stands in the result once.
import type { Manifest } from '../commit/manifest.ts';
import { type Failure, FailureError } from '../core/failure.ts';
import type { Shard } from '../core/split.ts';

/** `again`: unchanged, but its rows stand in a part with those of a shard that changed. */
export type ShardState = 'new' | 'changed' | 'again' | 'done';
export const shardStates: readonly ShardState[] = ['new', 'changed', 'again', 'done'];

export interface ShardComparison {
  /** In the order of the shards. */
  readonly states: readonly ShardState[];
  /** The shards to score, in their order. */
  readonly waiting: readonly Shard[];
  /** Shards of the result that the dataset no longer has; their rows stay. */
  readonly gone: readonly string[];
  /** Names of the parts that are made anew. */
  readonly replaced: readonly string[];
}

type KnownShard = Manifest['dataset']['shards'][number];

const isSame = (one: Pick<KnownShard, 'fileBytes' | 'modifiedMs'>, other: typeof one): boolean =>
  one.fileBytes === other.fileBytes && one.modifiedMs === other.modifiedMs;

/**
 * The shards of a dataset against those of a result. Fails with `append-moved` when a file would be scored a second time under
 * another name, and with `append-gone` when a part cannot be made anew.
 */
export function compareShards(
  shards: readonly Shard[],
  { dataset, parts }: Pick<Manifest, 'dataset' | 'parts'>,
  output: string,
): ShardComparison {
  const known = new Map(dataset.shards.map((shard) => [shard.path, shard]));
  const listed = new Set(shards.map(({ path }) => path));
  const gone = dataset.shards.filter(({ path }) => !listed.has(path));
  const changed = shards.filter((shard) => known.has(shard.path) && !isSame(known.get(shard.path)!, shard));
  const pathsOf = ({ pieces }: (typeof parts)[number]): readonly string[] =>
    pieces.map(({ shard }) => dataset.shards[shard].path);
  const hasChanged = new Set(changed.map(({ path }) => path));
  const anew = new Set(hasChanged);
  const replaced = new Set<(typeof parts)[number]>();
  // A shard that comes with a part may have others, which come with it.
  for (let before = -1; before < replaced.size; ) {
    before = replaced.size;
    for (const part of parts) if (pathsOf(part).some((path) => anew.has(path))) replaced.add(part);
    for (const part of replaced) for (const path of pathsOf(part)) anew.add(path);
  }
  const states = shards.map(({ path }): ShardState => {
    if (!known.has(path)) return 'new';
    if (!anew.has(path)) return 'done';
    return hasChanged.has(path) ? 'changed' : 'again';
  });
  const failures = [
    ...moved(
      shards.filter((_, i) => states[i] === 'new'),
      gone,
      output,
    ),
    ...[...replaced].flatMap((part) => unmakeable(part.name, pathsOf(part), listed, output)),
  ];
  const [first, ...others] = failures;
  if (first !== undefined) throw new FailureError(first, ...others);
  return {
    states,
    waiting: shards.filter((_, i) => states[i] !== 'done'),
    gone: gone.map(({ path }) => path),
    replaced: [...replaced].map(({ name }) => name),
  };
}

/** A file that was renamed keeps its size and its time of modification, to the fraction of a millisecond. */
function moved(fresh: readonly Shard[], gone: readonly KnownShard[], output: string): readonly Failure[] {
  const pairs = fresh.flatMap((shard) => {
    const old = gone.find((one) => one.rows > 0 && isSame(one, shard));
    return old === undefined ? [] : [{ from: old.path, to: shard.path }];
  });
  return pairs.length === 0 ? [] : [{ reason: 'append-moved', output, moved: pairs }];
}

/** A part that holds rows of a shard that is gone beside those of one that changed. */
function unmakeable(
  part: string,
  paths: readonly string[],
  listed: ReadonlySet<string>,
  output: string,
): readonly Failure[] {
  const gone = paths.filter((path) => !listed.has(path));
  if (gone.length === 0) return [];
  return [{ reason: 'append-gone', output, part, gone, changed: paths.filter((path) => listed.has(path)) }];
}
