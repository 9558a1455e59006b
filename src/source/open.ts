// The registry of formats, and what all of them share: columns from key=value folders, and names that data must not use.
import { type Failure, FailureError } from '../core/failure.ts';
import type { Format, Shard } from '../core/split.ts';
import { arrowSource } from './arrow.ts';
import { csvSource } from './csv.ts';
import { jsonlSource } from './jsonl.ts';
import { parquetSource } from './parquet.ts';
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

const sources: Readonly<Record<Format, Source>> = {
  parquet: parquetSource,
  csv: csvSource,
  jsonl: jsonlSource,
  arrow: arrowSource,
};

const reserved: readonly string[] = [shardColumn, rowColumn, faultColumn];

/** Profiles every shard of a dataset, in order; the columns of `key=value` folders follow those of the files. */
export async function profileShards(
  shards: readonly Shard[],
  request: ProfileRequest,
): Promise<readonly ShardProfile[]> {
  const profiles = await sources[shards[0].format].profile(shards, request);
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
  const rows = await sources[format].read(pieces, { ...request, columns });
  return rowsWithPartition(rows, pieces, request.columns.filter(isFromFolder));
}

const reservedNames = (columns: ShardProfile['columns'], { path }: Shard): Failure[] =>
  columns
    .filter(({ name }) => reserved.includes(name.toLowerCase()))
    .map(({ name }) => ({ reason: 'column-reserved', path, column: name }));
