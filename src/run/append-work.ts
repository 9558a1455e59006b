// What a run of a growing dataset (`output.ifExists: append`) has to do, decided once: the ledger keeps it, so that a run that is
// killed and started again scores the same shards, whatever came to the dataset meanwhile.
import { partNumber } from '../commit/layout.ts';
import type { AppendHeader } from '../commit/ledger.ts';
import { type Manifest, sha256OfManifest } from '../commit/manifest.ts';
import { FailureError } from '../core/failure.ts';
import type { Shard, SourceColumn } from '../core/split.ts';
import type { ShardComparison } from './compare-shards.ts';
import { ofShards, type PreparedRun } from './prepare-run.ts';

export interface AppendWork {
  readonly header: AppendHeader;
  /** The result that is added to; null: there is none yet. */
  readonly base: Manifest | null;
  /** Of the whole dataset, as it was listed by this execution. */
  readonly listed: readonly Shard[];
}

/** All shards of a dataset of which nothing was scored yet. */
export const firstWork = (listed: readonly Shard[]): AppendWork => ({
  header: { base: null, firstPart: 0, shards: listed.map(found), replaced: [] },
  base: null,
  listed,
});

/** The shards that wait, as an addition to a result. */
export function nextWork(base: Manifest, listed: readonly Shard[], comparison: ShardComparison): AppendWork {
  const { waiting, replaced } = comparison;
  return {
    header: {
      base: sha256OfManifest(base),
      firstPart: Math.max(-1, ...base.parts.map(({ name }) => partNumber(name))) + 1,
      shards: waiting.map(found),
      replaced,
    },
    base,
    listed,
  };
}

/** What the run is of, without the rest of the dataset. Shards of the work must all be in the dataset as it is. */
export function preparedFor(prepared: PreparedRun, work: AppendWork | null): PreparedRun {
  if (work === null) return prepared;
  const wanted = new Set(work.header.shards.map(({ path }) => path));
  return ofShards(
    prepared,
    prepared.shards.filter(({ path }) => wanted.has(path)),
  );
}

/** Shards of an unfinished run that are gone or are not as it found them, one line each. */
export function changedSince({ shards }: AppendHeader, listed: readonly Shard[]): readonly string[] {
  const now = new Map(listed.map((shard) => [shard.path, shard]));
  return shards.flatMap(({ path, fileBytes, modifiedMs }) => {
    const shard = now.get(path);
    if (shard === undefined) return [`${path} is gone`];
    return shard.fileBytes === fileBytes && shard.modifiedMs === modifiedMs ? [] : [`${path} was changed`];
  });
}

/** A run id that no run of the result has: `nightly`, `nightly-2`, ... The same command may name it every night. */
export function freeRunId(wanted: string, base: Manifest | null): string {
  const taken = new Set(base?.runs.map(({ runId }) => runId));
  for (let number = 2, id = wanted; ; id = `${wanted}-${number++}`) if (!taken.has(id)) return id;
}

/** Types of the text columns that a result carries along: what the first night guessed from its rows holds for all. */
export const pinnedTypes = (result: Manifest | null): Readonly<Record<string, string>> =>
  Object.fromEntries((result?.columns ?? []).filter(({ kept }) => kept === true).map(({ name, type }) => [name, type]));

/** Fails with `append-columns` unless the parts to come have the columns of those that are there. */
export function requireSameColumns(columns: readonly SourceColumn[], work: AppendWork | null, output: string): void {
  if (work === null || work.base === null) return;
  const changes = columnChanges(columns, work.base.columns);
  if (changes.length > 0) throw new FailureError({ reason: 'append-columns', output, changes });
}

/** How columns of parts differ from those of others, one line each. */
export function columnChanges(now: readonly SourceColumn[], before: readonly SourceColumn[]): readonly string[] {
  const types = new Map(before.map(({ name, type }) => [name, type]));
  const names = new Set(now.map(({ name }) => name));
  const changes = [
    ...now.flatMap(({ name, type }) => {
      const old = types.get(name);
      if (old === type) return [];
      return [old === undefined ? `column ${name}: new (${type})` : `column ${name}: ${type} (was ${old})`];
    }),
    ...before.filter(({ name }) => !names.has(name)).map(({ name, type }) => `column ${name}: gone (was ${type})`),
  ];
  const order = (some: readonly SourceColumn[]): string => some.map(({ name }) => name).join(', ');
  if (changes.length > 0 || order(now) === order(before)) return changes;
  return [`the order of the columns: ${order(now)} (was ${order(before)})`];
}

const found = ({ path, fileBytes, modifiedMs }: Shard): AppendHeader['shards'][number] => ({
  path,
  fileBytes,
  modifiedMs,
});
