// Shards and splits as plain data: what the plan decides and every later stage carries out.
import type { RejectReason } from './reject-reasons.ts';

export type Format = 'parquet' | 'csv' | 'jsonl' | 'arrow';
export type Compression = 'none' | 'gzip' | 'zstd';

/** One input file as it was found. `partition` holds the values of Hive-style `key=value` folders above it. */
export interface Shard {
  readonly index: number;
  readonly path: string;
  readonly format: Format;
  readonly compression: Compression;
  readonly fileBytes: number;
  readonly modifiedMs: number;
  readonly partition: Readonly<Record<string, string>>;
}

/** Rows `[startRow, endRow)` of one shard. Text formats also name the bytes `[startByte, endByte)` that hold them. */
export interface Piece {
  readonly shard: number;
  readonly startRow: number;
  readonly endRow: number;
  readonly startByte?: number;
  readonly endByte?: number;
}

/** The unit of scheduling: scored and committed whole by one worker into one part. Several pieces are whole small shards. */
export interface Split {
  readonly index: number;
  readonly pieces: readonly Piece[];
  /** Input rows: what scored + rejected + filtered must add up to. */
  readonly rows: number;
}

/** An input row that was not scored. `row` counts from 0 within the shard. */
export interface Reject {
  readonly shard: number;
  readonly row: number;
  readonly reason: RejectReason;
  readonly column: string | null;
  readonly message: string;
  /** The row as JSON, or the text of a line that could not be read. */
  readonly content: string | null;
}

/** A column of the dataset; `type` is DuckDB's name of its type: `BIGINT`, `DECIMAL(18,3)`, `FLOAT[784]`, `STRUCT(a INTEGER)`. */
export interface SourceColumn {
  readonly name: string;
  readonly type: string;
}
