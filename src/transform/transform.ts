// What a user's module is to scoremill: a function from a record batch to columns, and the columns that it wants to see.
import type * as arrow from 'apache-arrow';

export interface TransformContext {
  /** `transform.params` of the job. */
  readonly params: Readonly<Record<string, unknown>>;
  /** The path of the file that the rows are from. */
  readonly shard: string;
  /** The number of the first row in that file, from 0; the others follow it, one by one before scoring, without those that are rejects or filtered after it. */
  readonly firstRow: number;
  /** The library `apache-arrow`, so that a module need not install it. */
  readonly arrow: typeof arrow;
}

/** Columns by name: arrays of Arrow, typed arrays, or plain arrays of numbers, texts, booleans, bigints or dates, null among them. */
export type TransformedColumns = Readonly<Record<string, arrow.Vector | ArrayBufferView | readonly unknown[]>>;

/**
 * Makes columns of the rows of a record batch: of the same rows, in the same order. New names are added, known ones replaced.
 * What becomes of a row must depend on that row alone, and be the same each time: rows are handed over in pieces of any size, and
 * again after a crash. What it throws costs the rows that it throws on.
 */
export type Transform = (
  batch: arrow.RecordBatch,
  context: TransformContext,
) => arrow.RecordBatch | TransformedColumns | Promise<arrow.RecordBatch | TransformedColumns>;
