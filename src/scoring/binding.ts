// What feeds each model input and what becomes of each output: the plain value that preflight decides and workers carry out.
import type { Dtype } from '../core/dtype.ts';
import type { SourceColumn } from '../core/split.ts';

/** One value or list a row, as SQL over the columns of the dataset. */
export interface BoundColumn {
  /** What the job or the model calls it: a column's name or the expression. */
  readonly label: string;
  readonly sql: string;
  /** DuckDB's type of `sql`. */
  readonly type: string;
}

export interface BoundInput {
  readonly name: string;
  readonly dtype: Dtype;
  /** The shape of one row; null where each row's own list decides. */
  readonly rowShape: readonly (number | null)[];
  /** Whether the tensor has a leading axis of rows. Without one, a call scores one row. */
  readonly hasRowAxis: boolean;
  /** Several single values side by side, or exactly one list column. */
  readonly columns: readonly BoundColumn[];
  readonly isList: boolean;
  readonly nulls: 'reject' | 'nan';
}

/** An input that every call gets the same value for. */
export interface ConstantInput {
  readonly name: string;
  readonly dtype: Dtype;
  /** null: the number of rows of the call. */
  readonly dims: readonly (number | null)[];
  /** One value for all elements, or the elements of one row in order. */
  readonly values: readonly (number | string | boolean)[];
}

/** A column of the result, from one output. */
export interface ResultColumn {
  readonly name: string;
  readonly output: string;
  readonly dtype: Dtype;
  /** One value of the row: its index. null: the whole row as a list. */
  readonly index: number | null;
  /** The shape of one row of the output; null: as each call gives it. */
  readonly rowShape: readonly (number | null)[];
  /** DuckDB's type of the column in the output. */
  readonly type: string;
}

export interface Binding {
  readonly inputs: readonly BoundInput[];
  readonly constants: readonly ConstantInput[];
  readonly results: readonly ResultColumn[];
  /** Outputs to ask of each call. */
  readonly fetches: readonly string[];
  readonly kept: readonly string[];
  /** Rows of one call: as many as the model declares, or any number. */
  readonly callRows: number;
  readonly isFixedBatch: boolean;
}

/** A column to read from the dataset; see ReadColumn of the source port. */
export interface WantedColumn extends SourceColumn {
  readonly exactText?: boolean;
}
