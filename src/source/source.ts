// The port that every input format implements: what preflight may learn of a shard, and how a worker reads a split of it.
// A source turns its rows into a DuckDB relation, so that kept columns never pass through JavaScript and the job's SQL
// runs on any format.
import type { Connection } from '../core/duckdb.ts';
import type { Piece, Reject, Shard, SourceColumn } from '../core/split.ts';
import type { CsvOptions } from '../job/schema.ts';

/** Hidden columns of every relation: the shard's index (INTEGER) and the row's number in it, from 0 (BIGINT). */
export const shardColumn = 'scoremill_shard';
export const rowColumn = 'scoremill_row';
/** Hidden column of the text formats: null, or `{"column", "message"}` as JSON text for a row with a value that does not fit its type. */
export const faultColumn = 'scoremill_fault';

/** A row at which reading can begin cheaply: the first of a row group or record batch, or a line whose byte is known. */
export interface Start {
  readonly row: number;
  readonly byte?: number;
}

export interface ShardProfile {
  readonly columns: readonly SourceColumn[];
  /** Exact: from the footer, or counted. */
  readonly rows: number;
  /** Ascending; the first is row 0. For text formats every start but the first is a multiple of `gridRows`. */
  readonly starts: readonly Start[];
  /** Text formats: one past the last byte of the last row. */
  readonly endByte?: number;
  /** Estimated decoded size of the whole shard. */
  readonly decodedBytes: number;
  /** Text formats: the first values of each column as they stand in the file (at most 100), by column. */
  readonly samples?: Readonly<Record<string, readonly (string | null)[]>>;
  /** Text formats: the plain UTF-8 file to read, where it is not the shard itself (it was decompressed or transcoded). */
  readonly plainPath?: string;
  /** Formats with a footer: its hash, by which a worker knows that it reads the same file. */
  readonly footerSha256?: string | undefined;
}

export interface ProfileRequest {
  readonly connection: Connection;
  readonly csv: CsvOptions;
  /** Starts of text formats lie on multiples of this many rows. */
  readonly gridRows: number;
  /** Where plain copies of compressed or transcoded text go; null: make none (`scoremill plan`). */
  readonly scratchFolder: string | null;
}

/** A column to deliver. */
export interface ReadColumn extends SourceColumn {
  /** Text formats: the type was guessed from the first rows and the column is kept, so a text that the type would not give back is a fault. */
  readonly exactText?: boolean;
}

export interface ReadRequest {
  readonly connection: Connection;
  readonly csv: CsvOptions;
  /** The columns to deliver, with the types to deliver them in. Typed formats deliver their own types. */
  readonly columns: readonly ReadColumn[];
  readonly scratchFolder: string;
}

/** A piece of a split with what is needed to read it. */
export interface ReadPiece extends Piece {
  readonly source: Shard & Pick<ShardProfile, 'footerSha256'>;
  /** The file to read: the shard, or its plain copy. */
  readonly path: string;
}

export interface Rows extends AsyncDisposable {
  /** SQL for a FROM clause: the requested columns and the hidden ones, in input order; may be read more than once. */
  readonly relation: string;
  readonly hasFaults: boolean;
  /** Rows that are in the pieces and not in the relation, because they could not be read. */
  readonly unreadable: readonly Reject[];
}

export interface Source {
  /**
   * Learns columns, rows and starts of every shard without decoding columns.
   * Throws a FailureError with one failure for each shard that cannot be read.
   */
  profile(shards: readonly Shard[], request: ProfileRequest): Promise<readonly ShardProfile[]>;
  /** Opens the pieces of one split, in order. relation rows + unreadable = rows of the pieces. */
  read(pieces: readonly ReadPiece[], request: ReadRequest): Promise<Rows>;
}
