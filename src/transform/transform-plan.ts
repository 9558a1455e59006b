// What was decided about a user's module before the first inference, as one plain value: workers carry it out.
import type { SourceColumn } from '../core/split.ts';

export interface TransformedColumn extends SourceColumn {
  /** What the module's arrays must be, in words that both sides of a comparison are made of. */
  readonly arrowType: string;
}

export interface TransformPlan {
  /** The module's file. */
  readonly path: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** The columns that the module is given. */
  readonly reads: readonly SourceColumn[];
  /** The columns that it adds or replaces. */
  readonly columns: readonly TransformedColumn[];
}
