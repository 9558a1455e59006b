// Columns that come from Hive-style `key=value` folders. As in Spark and DuckDB, the folder's value stands for every row below
// it and wins over a column of the same name inside the files, whatever the case of its letters.
import type { Shard, SourceColumn } from '../core/split.ts';
import { quoteName, quoteText } from '../core/sql.ts';
import { type ReadPiece, type Rows, type ShardProfile, shardColumn } from './source.ts';

/** How Hive and Spark write a null in a folder name. */
const nullValue = '__HIVE_DEFAULT_PARTITION__';

/** A key is BIGINT when its value is a whole number in plain digits everywhere, and VARCHAR otherwise: `01` stays as it is. */
export function partitionColumns(shards: readonly Shard[]): readonly SourceColumn[] {
  return Object.keys(shards[0]?.partition ?? {}).map((name) => {
    const values = shards.map((shard) => shard.partition[name]).filter((value) => value !== nullValue);
    return { name, type: values.length > 0 && values.every(isWhole) ? 'BIGINT' : 'VARCHAR' };
  });
}

const isWhole = (value: string): boolean =>
  /^(0|-?[1-9]\d{0,18})$/.test(value) && BigInt.asIntN(64, BigInt(value)) === BigInt(value);

/** A shard's profile with the partition columns at the end, in place of file columns of their names. */
export function profileWithPartition(
  profile: ShardProfile,
  shard: Shard,
  partition: readonly SourceColumn[],
): ShardProfile {
  if (partition.length === 0) return profile;
  const keys = new Set(partition.map(({ name }) => name.toLowerCase()));
  const columns = [...profile.columns.filter(({ name }) => !keys.has(name.toLowerCase())), ...partition];
  if (profile.samples === undefined) return { ...profile, columns };
  const values = partition.map(({ name }) => [name, [folderValue(shard, name)]]);
  return { ...profile, columns, samples: { ...profile.samples, ...Object.fromEntries(values) } };
}

/** The rows of the files with those of the requested columns that come from folders. */
export function rowsWithPartition(rows: Rows, pieces: readonly ReadPiece[], requested: readonly SourceColumn[]): Rows {
  if (requested.length === 0) return rows;
  const columns = requested.map(({ name, type }) => `CAST(${valuesOf(name, pieces)} AS ${type}) AS ${quoteName(name)}`);
  return {
    relation: `(SELECT *, ${columns.join(', ')} FROM ${rows.relation})`,
    hasFaults: rows.hasFaults,
    unreadable: rows.unreadable,
    [Symbol.asyncDispose]: () => rows[Symbol.asyncDispose](),
  };
}

const folderValue = ({ partition }: Shard, key: string): string | null =>
  partition[key] === nullValue ? null : partition[key];

/** SQL for a key's value: one literal where all pieces agree, otherwise a list that is looked up by shard. */
function valuesOf(key: string, pieces: readonly ReadPiece[]): string {
  const valueOfShard = new Map(pieces.map((piece) => [piece.shard, literal(folderValue(piece.source, key))]));
  const [first] = valueOfShard.values();
  if ([...valueOfShard.values()].every((value) => value === first)) return first;
  const lowest = Math.min(...valueOfShard.keys());
  const highest = Math.max(...valueOfShard.keys());
  const values = Array.from({ length: highest - lowest + 1 }, (_, i) => valueOfShard.get(lowest + i) ?? 'NULL');
  return `([${values.join(', ')}]::VARCHAR[])[${shardColumn} - ${lowest} + 1]`;
}

const literal = (value: string | null): string => (value === null ? 'NULL' : quoteText(value));
