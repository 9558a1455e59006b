// The registry of formats, and what all of them share: columns from key=value folders, and names that data must not use.
import { type Failure, FailureError } from '../core/failure.ts';
import type { Format, Shard } from '../core/split.ts';
import { partitionColumns, profileWithPartition, rowsWithPartition } from './partition.ts';
import {
  faultColumn,
  type ProfileRequest,
  type ReadPiece,
  type ReadRequest,
  type Rows,
  rowColumn,
  type ShardProfile,
  type Source,
  shardColumn,
} from './source.ts';

/** Loaded when a dataset has the format: every worker thread loads its own modules, and apache-arrow alone takes 0.1 s. */
const sources: Readonly<Record<Format, () => Promise<Source>>> = {
  parquet: async () => (await import('./parquet.ts')).parquetSource,
  csv: async () => (await import('./csv.ts')).csvSource,
  jsonl: async () => (await import('./jsonl.ts')).jsonlSource,
  arrow: async () => (await import('./arrow.ts')).arrowSource,
};

const reserved: readonly string[] = [shardColumn, rowColumn, faultColumn];

/** Profiles every shard of a dataset, in order; the columns of `key=value` folders follow those of the files. */
export async function profileShards(
  shards: readonly Shard[],
  request: ProfileRequest,
): Promise<readonly ShardProfile[]> {
  const source = await sources[shards[0].format]();
  const profiles = await source.profile(shards, request);
  const partition = partitionColumns(shards);
  const complete = profiles.map((profile, i) => profileWithPartition(profile, shards[i], partition));
  const failures = complete.flatMap(({ columns }, i) => reservedNames(columns, shards[i]));
  const [first, ...others] = failures;
  if (first !== undefined) throw new FailureError(first, ...others);
  return complete;
}

/** Opens the pieces of one split, in order: requested columns that come from folders are added to what the files hold. */
export async function rowsOfPieces(pieces: readonly ReadPiece[], request: ReadRequest): Promise<Rows> {
  const { format, partition } = pieces[0].source;
  const isFromFolder = ({ name }: { readonly name: string }): boolean => Object.hasOwn(partition, name);
  const columns = request.columns.filter((column) => !isFromFolder(column));
  const source = await sources[format]();
  const rows = await source.read(pieces, { ...request, columns });
  return rowsWithPartition(rows, pieces, request.columns.filter(isFromFolder));
}

const reservedNames = (columns: ShardProfile['columns'], { path }: Shard): Failure[] =>
  columns
    .filter(({ name }) => reserved.includes(name.toLowerCase()))
    .map(({ name }) => ({ reason: 'column-reserved', path, column: name }));
