// What feeds each model input and what becomes of each output: the plain value that preflight decides and workers carry out.
import type { Dtype } from '../core/dtype.ts';
import type { SourceColumn } from '../core/split.ts';
import type { ImagePlan } from '../image/image-plan.ts';
import type { ApplyStep } from '../job/output-schema.ts';
import type { TextPlan } from '../text/text-plan.ts';
import type { TransformPlan } from '../transform/transform-plan.ts';

/** One value or list a row, as SQL over the columns of the dataset. */
export interface BoundColumn {
  /** What the job or the model calls it: a column's name or the expression. */
  readonly label: string;
  readonly sql: string;
  /** DuckDB's type of `sql`. */
  readonly type: string;
  /** `sql` is a constant in the place of a column that no output depends on. */
  readonly isUnread?: boolean;
}

/** A tensor that the model takes from each row. */
export interface TensorInput {
  readonly name: string;
  readonly dtype: Dtype;
  /** The shape of one row; null where each row's own values decide. */
  readonly rowShape: readonly (number | null)[];
  /** Whether the tensor has a leading axis of rows. Without one, a call scores one row. */
  readonly hasRowAxis: boolean;
  readonly nulls: 'reject' | 'nan';
  /** Rows of different length may share a call: the shorter ones are filled up with this value. */
  readonly padding?: { readonly value: number; readonly side: 'left' | 'right' };
}

/** An input whose values stand in columns as they are. */
export interface BoundInput extends TensorInput {
  /** Several single values side by side, or exactly one list column. */
  readonly columns: readonly BoundColumn[];
  readonly isList: boolean;
}

/** Inputs that are made of the raw values of a row: an encoded image, the path of one, or text. */
export interface Preparation {
  readonly columns: readonly BoundColumn[];
  readonly inputs: readonly TensorInput[];
  readonly plan: ImagePlan | TextPlan;
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

/** What `apply` makes of a model output after each call. */
export interface AppliedOutput {
  /** What columns call it: `softmax(logits)`. Unlike the name of any model output. */
  readonly name: string;
  /** topk: what columns call the largest values; `name` are their classes. */
  readonly scoresName: string | null;
  /** The model output. */
  readonly output: string;
  /** The entry of the job's `outputs`, for messages. */
  readonly entry: string;
  /** The shape of one row of the model output; null: as each call gives it. */
  readonly rowShape: readonly (number | null)[];
  readonly steps: readonly ApplyStep[];
  /** What stands for the index of a class; null: the index itself. */
  readonly labels: readonly string[] | null;
}

/** A column of the result, from one output of the model or one that is computed from it. */
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

/** The result columns as they are written: those of a module stand in place of its results of the same name, or behind all. */
export function resultsWith(
  results: readonly SourceColumn[],
  after: TransformPlan | undefined,
): readonly SourceColumn[] {
  const made = after?.columns ?? [];
  return [
    ...results.map((column) => made.find(({ name }) => name === column.name) ?? column),
    ...made.filter(({ name }) => results.every((column) => column.name !== name)),
  ].map(({ name, type }) => ({ name, type }));
}

/** SQL over the columns of the result; where it fails on a row, its value is null. */
export interface ResultExpression {
  readonly sql: string;
  /** Columns of the row that it reads and that are not in the result. */
  readonly reads: readonly string[];
}

/** A column of the result that SQL makes of the others. It sees those before it. */
export interface ComputedColumn extends ResultExpression {
  readonly name: string;
  /** DuckDB's type. */
  readonly type: string;
}

export interface Binding {
  readonly inputs: readonly BoundInput[];
  readonly preparations: readonly Preparation[];
  readonly constants: readonly ConstantInput[];
  readonly applied: readonly AppliedOutput[];
  readonly results: readonly ResultColumn[];
  /** The module that adds or replaces result columns; absent: none. */
  readonly after?: TransformPlan;
  readonly computed: readonly ComputedColumn[];
  /** Scored rows for which this is not true are not written; null: all are. */
  readonly writeWhere: ResultExpression | null;
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
