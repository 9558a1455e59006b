// The registry of formats, and what all of them share: columns from key=value folders, and names that data must not use.
import { type Failure, FailureError } from '../core/failure.ts';
import type { Format, Shard } from '../core/split.ts';
import { mustBeUnchanged } from './changed-inputs.ts';
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
  const profiles = await profileUnchanged(shards, request);
  const partition = partitionColumns(shards);
  const complete = profiles.map((profile, i) => profileWithPartition(profile, shards[i], partition));
  const failures = complete.flatMap(({ columns }, i) => unusableNames(columns, shards[i]));
  const [first, ...others] = failures;
  if (first !== undefined) throw new FailureError(first, ...others);
  return complete;
}

/** Of a file that is written to meanwhile, that it is comes before whatever else is wrong with it. */
async function profileUnchanged(shards: readonly Shard[], request: ProfileRequest): Promise<readonly ShardProfile[]> {
  const source = await sources[shards[0].format]();
  try {
    return await source.profile(shards, request);
  } finally {
    await mustBeUnchanged(shards);
  }
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

const unusableNames = (columns: ShardProfile['columns'], { path }: Shard): Failure[] =>
  columns.flatMap(({ name }): Failure[] => {
    if (reserved.includes(name.toLowerCase())) return [{ reason: 'column-reserved', path, column: name }];
    // SQL ends at a NUL, wherever it stands.
    if (!name.includes('\0')) return [];
    return [{ reason: 'shard-unreadable', path, message: `has a NUL byte in the column name ${JSON.stringify(name)}` }];
  });
