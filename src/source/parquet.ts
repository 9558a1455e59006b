// Parquet shards. Footers are read and checked in JavaScript, many at a time; DuckDB names the types, once for each distinct
// schema, and decodes the rows. Row numbers come from its virtual column file_row_number, whose filter also skips row groups.
import { isFatal } from '../core/duckdb.ts';
import { type Failure, FailureError } from '../core/failure.ts';
import type { Shard, SourceColumn } from '../core/split.ts';
import { quoteName, quotePath, quotePaths } from '../core/sql.ts';
import { type FileVisit, visitFiles } from './few-at-a-time.ts';
import { failureOfFile } from './file-failure.ts';
import { type FooterIdentity, type ParquetFooter, readFooter, readFooterIdentity } from './parquet-footer.ts';
import { explainReadError } from './read-failure.ts';
import {
  type ProfileRequest,
  type ReadPiece,
  type ReadRequest,
  type Rows,
  rowColumn,
  type ShardProfile,
  type Source,
  type Start,
  shardColumn,
} from './source.ts';

/** DuckDB's virtual columns that a column of the data can hide. */
const virtualColumns = ['file_row_number', 'file_index'];
const isVirtual = (name: string): boolean => virtualColumns.includes(name.toLowerCase());

export const parquetSource: Source = { profile, read };

async function profile(shards: readonly Shard[], { connection }: ProfileRequest): Promise<readonly ShardProfile[]> {
  const failures = new Map<Shard, Failure>();
  const footers = await readFooters(shards, failures);
  const columnsOfSchema = new Map<string, readonly SourceColumn[]>();
  for (const [shard, { schemaKey }] of footers) {
    if (columnsOfSchema.has(schemaKey)) continue;
    try {
      columnsOfSchema.set(schemaKey, await connection.describe(`SELECT * FROM ${fileRows([shard.path])}`));
    } catch (error) {
      failures.set(shard, explainReadError(error, [shard.path]));
      if (isFatal(error)) break;
    }
  }
  const [first, ...others] = shards.flatMap((shard) => failures.get(shard) ?? []);
  if (first !== undefined) throw new FailureError(first, ...others);
  return shards.map((shard) => {
    const { schemaKey, longDecimals, rows, rowGroupRows, decodedBytes, sha256 } = footers.get(shard)!;
    const columns = columnsOfSchema.get(schemaKey)!.map((column, place) => {
      const digits = longDecimals.get(place);
      return digits === undefined ? column : { ...column, type: `UNSUPPORTED(DECIMAL of ${digits} digits)` };
    });
    return { columns, rows, starts: startsOf(rowGroupRows), decodedBytes, footerSha256: sha256 };
  });
}

/** Footers in the order of the shards; those that cannot be read become failures. */
async function readFooters(
  shards: readonly Shard[],
  failures: Map<Shard, Failure>,
): Promise<ReadonlyMap<Shard, ParquetFooter>> {
  const failed = (shard: Shard, error: unknown): [] => {
    failures.set(shard, failureOfFile(error, shard.path));
    return [];
  };
  const footers = await visitFiles(shards, {
    now: (shard) => {
      try {
        return [[shard, readFooter.now(shard.path)] as const];
      } catch (error) {
        return failed(shard, error);
      }
    },
    later: async (shard) => {
      try {
        return [[shard, await readFooter.later(shard.path)] as const];
      } catch (error) {
        return failed(shard, error);
      }
    },
  });
  return new Map(footers.flat());
}

/** The first rows of the row groups that have any. */
function startsOf(rowGroupRows: readonly number[]): readonly Start[] {
  const starts = [{ row: 0 }];
  let row = 0;
  for (const rows of rowGroupRows.slice(0, -1)) {
    row += rows;
    if (row > starts.at(-1)!.row) starts.push({ row });
  }
  return starts;
}

async function read(pieces: readonly ReadPiece[], { columns }: ReadRequest): Promise<Rows> {
  const names = columns.map((column) => `${quoteName(column.name)}, `).join('');
  const footers = await visitFiles(pieces, identityOf);
  const hidesVirtualColumns = footers.some((footer) => footer.names.some(isVirtual));
  const relation = hidesVirtualColumns
    ? `(${pieces.map((piece) => countedPiece(piece, names)).join(' UNION ALL ')})`
    : `(${pieces.length === 1 ? rangeOfShard(pieces[0], names) : wholeShards(pieces, names)})`;
  return { relation, hasFaults: false, unreadable: [], [Symbol.asyncDispose]: async () => {} };
}

/** The folders of a path are the dataset's business, so DuckDB must not make columns of them. */
const fileRows = (paths: readonly string[]): string =>
  `read_parquet(${paths.length === 1 ? quotePath(paths[0]) : quotePaths(paths)}, hive_partitioning = false)`;

const rangeOf = (piece: ReadPiece, row: string): string => `${row} >= ${piece.startRow} AND ${row} < ${piece.endRow}`;

const rangeOfShard = (piece: ReadPiece, names: string): string =>
  `SELECT ${names}${piece.shard}::INTEGER AS ${shardColumn}, file_row_number AS ${rowColumn}
   FROM ${fileRows([piece.path])} WHERE ${rangeOf(piece, 'file_row_number')}`;

/** Columns go by name: the shards may have them in different orders. */
const wholeShards = (pieces: readonly ReadPiece[], names: string): string =>
  `SELECT ${names}([${pieces.map((piece) => piece.shard)}])[(file_index + 1)::BIGINT]::INTEGER AS ${shardColumn}, file_row_number AS ${rowColumn}
   FROM ${fileRows(pieces.map((piece) => piece.path))}`;

/** For files with a column of a virtual column's name: rows are counted as they come, so every piece reads its shard from the beginning. */
const countedPiece = (piece: ReadPiece, names: string): string =>
  `SELECT ${names}${piece.shard}::INTEGER AS ${shardColumn}, ${rowColumn}
   FROM (SELECT *, row_number() OVER () - 1 AS ${rowColumn} FROM ${fileRows([piece.path])})
   WHERE ${rangeOf(piece, rowColumn)}`;

const identityOf: FileVisit<ReadPiece, FooterIdentity> = {
  now: (piece) => {
    try {
      return sameAsPlanned(piece, readFooterIdentity.now(piece.path));
    } catch (error) {
      throw unreadablePiece(piece, error);
    }
  },
  later: async (piece) => {
    try {
      return sameAsPlanned(piece, await readFooterIdentity.later(piece.path));
    } catch (error) {
      throw unreadablePiece(piece, error);
    }
  },
};

const unreadablePiece = ({ path }: ReadPiece, error: unknown): FailureError =>
  error instanceof FailureError ? error : new FailureError(failureOfFile(error, path));

function sameAsPlanned({ path, source }: ReadPiece, identity: FooterIdentity): FooterIdentity {
  const { footerSha256, fileBytes, modifiedMs } = source;
  if (footerSha256 !== undefined && footerSha256 !== identity.sha256) {
    throw new FailureError({ reason: 'input-changed', path, planned: { fileBytes, modifiedMs }, found: null });
  }
  return identity;
}
