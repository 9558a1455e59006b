// What the supervisor may ask of native code besides scoring: a question, its reply, and nothing kept in between. A question
// that ends the engine process costs nothing but that process.
import type { Shard, SourceColumn } from '../core/split.ts';
import type { CsvOptions } from '../job/schema.ts';
import type { ShardProfile } from '../source/source.ts';

/** What DuckDB needs to open a file. */
export interface DatabaseRoom {
  readonly memoryBytes: number;
  /** A folder that exists, for what does not fit into memory. */
  readonly temporaryFolder: string;
}

export type Question =
  /** Does the runtime take the model? */
  | { readonly kind: 'try-model'; readonly path: string }
  /** Columns, rows and starts of shards of one format; no plain copies are made of compressed text. */
  | {
      readonly kind: 'profile-shards';
      readonly shards: readonly Shard[];
      readonly csv: CsvOptions;
      readonly gridRows: number;
      readonly room: DatabaseRoom;
    }
  /** The first values of every column of one shard that is not compressed text. */
  | {
      readonly kind: 'first-values';
      readonly shard: Shard;
      readonly csv: CsvOptions;
      readonly profile: ShardProfile;
      readonly rows: number;
      readonly room: DatabaseRoom;
    }
  /** What the footers of Parquet files say, in the order of the paths. */
  | { readonly kind: 'read-footers'; readonly paths: readonly string[]; readonly room: DatabaseRoom }
  /** The statistics and rejects of a result; of a path that is null nothing is read. */
  | {
      readonly kind: 'read-statistics';
      readonly stats: string | null;
      readonly run: string | null;
      readonly rejects: string | null;
      readonly columns: string | null;
      readonly room: DatabaseRoom;
    }
  /** Joins the statistics of a run with those of the runs before it. */
  | { readonly kind: 'append-tables'; readonly tables: readonly AppendTable[]; readonly room: DatabaseRoom }
  /** Every row of a small table of ours, in its order. */
  | { readonly kind: 'read-rows'; readonly path: string; readonly room: DatabaseRoom }
  /** Where two Parquet files of the same columns differ, row by row. */
  | { readonly kind: 'compare-parts'; readonly expected: string; readonly found: string; readonly room: DatabaseRoom };

/** A table of the runs before, of the run, or both (null: there is none), and the file to write all rows to. */
export interface AppendTable {
  readonly base: string | null;
  readonly more: string | null;
  readonly to: string;
  /** The run of the older rows, where they do not say it. */
  readonly baseRun: string;
  /** The run that is added. */
  readonly by: string;
  /** Older rows with one of these values in the column are marked as replaced by it; null: none can be. */
  readonly replaced: { readonly column: 'part' | 'shard'; readonly values: readonly string[] } | null;
  /** Of the footer. */
  readonly metadata: Readonly<Record<string, string>>;
}

export interface TriedModel {
  readonly loadMs: number;
}

/** Texts of the first values by column, cut to 80 letters; null stands for null. */
export type FirstValues = Readonly<Record<string, readonly (string | null)[]>>;

export type Footer =
  | {
      readonly ok: true;
      readonly rows: number;
      readonly columns: readonly SourceColumn[];
      readonly metadata: Readonly<Record<string, string>>;
    }
  | { readonly ok: false; readonly problem: string };

/** rows = scored + rejected + filtered; written: of the scored ones, those that are in parts. */
export interface RowCounts {
  readonly rows: number;
  readonly scored: number;
  readonly rejected: number;
  readonly filtered: number;
  readonly written: number;
}

/** What stats.parquet says of one split. */
export interface SplitRecord extends RowCounts {
  readonly split: number;
  readonly part: string | null;
  /** Null in files of older versions. */
  readonly run_id: string | null;
  /** The run that scored its shards anew; null while it counts. */
  readonly replaced_by: string | null;
}

/** A row of run.parquet, by column; timestamps as text. */
export type RunRow = Readonly<Record<string, string | number | boolean | null>>;

export interface StatisticsContent {
  readonly splits: readonly SplitRecord[] | null;
  readonly runs: readonly RunRow[] | null;
  readonly rejects: {
    /** Without those that were replaced. */
    readonly rows: number;
    /** Rows that ended an engine process; scoring them again would do so once more. */
    readonly crashed: readonly { readonly shard: string; readonly row: number }[];
  } | null;
  /** How many columns are summarised, and the most rows that were looked at for one. */
  readonly columns: { readonly count: number; readonly mostRows: number } | null;
  /** What could not be read, one sentence each. */
  readonly problems: readonly string[];
}

export interface ColumnDifference {
  readonly column: string;
  /** Rows in which the two files differ. */
  readonly rows: number;
  /** The first of them, counted from 0 within the part. */
  readonly firstRow: number;
  /** Values of the first row that differs, as text. */
  readonly expected: string | null;
  readonly found: string | null;
  /** The largest difference of all rows, for numbers. */
  readonly largest: number | null;
}

export interface PartComparison {
  readonly expectedRows: number;
  readonly foundRows: number;
  readonly differences: readonly ColumnDifference[];
  /** Columns that only one of the files has, or that have another type: `p: FLOAT, was DOUBLE`. */
  readonly columns: readonly string[];
}

interface Replies {
  readonly 'try-model': TriedModel;
  readonly 'profile-shards': readonly ShardProfile[];
  readonly 'first-values': FirstValues;
  readonly 'read-footers': readonly Footer[];
  readonly 'read-statistics': StatisticsContent;
  readonly 'append-tables': readonly number[];
  readonly 'read-rows': readonly Readonly<Record<string, unknown>>[];
  readonly 'compare-parts': PartComparison;
}

export type ReplyTo<Q extends Question> = Replies[Q['kind']];
