// The port for what makes tensors of raw values, such as encoded images and text: one preparer lives as long as its thread.
import type { NumberArray } from './duckdb-vectors.ts';
import type { RejectReason } from './reject-reasons.ts';

/** A text, or the bytes of a BLOB; the bytes are the preparer's own. */
export type RawValue = Uint8Array | string;

export interface RawRow {
  /** One value a column; none of them is null. */
  readonly values: readonly RawValue[];
  /** The shard that the row came from: relative paths in it start at its folder. */
  readonly shardPath: string;
}

export interface RowTensor {
  /** Row-major. */
  readonly values: NumberArray;
  readonly shape: readonly number[];
}

/** One tensor for each input that the preparer feeds, or why the row cannot be used. */
export type PreparedRow = readonly RowTensor[] | { readonly reason: RejectReason; readonly message: string };

export interface Preparer {
  /** Makes the tensors of rows, in their order. Throws only when something other than a row is wrong. */
  prepare(rows: readonly RawRow[]): Promise<readonly PreparedRow[]>;
}
