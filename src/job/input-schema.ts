// The part of the job file's schema that says what feeds a model input.
import * as z from 'zod';
import { type ImageSpec, image } from './image-schema.ts';
import { type TextSpec, text } from './text-schema.ts';

/** A value as YAML has it. */
export const scalar = z.union([z.number(), z.string(), z.boolean()], 'must be text, a number, true or false');
export const names = z.array(z.string().min(1)).min(1);
export const onNulls = z.enum(['reject', 'nan']);
export const nullsDescription =
  'reject: a null in a model input makes its row a reject; nan: it becomes NaN (float inputs).';

const inputObject = z.strictObject({
  column: z.string().min(1).optional().describe('One column, glob or SQL expression.'),
  columns: names.optional().describe('Several columns, globs or SQL expressions, side by side.'),
  value: z
    .union([scalar, z.array(scalar)], 'must be text, a number, true or false, or a list of them')
    .optional()
    .describe('A constant instead of a column.'),
  image: image.optional(),
  text: text.optional(),
  shape: z
    .array(z.int().positive())
    .optional()
    .describe('The shape of one row, where the signature leaves more than one size open.'),
  fill: scalar.optional().describe('What stands in for a null in this input.'),
  nulls: onNulls.optional().describe(nullsDescription),
});

/** How one model input is fed. */
export const input = z
  .union(
    [
      z.string().min(1).describe('One column, glob or SQL expression.'),
      names.describe('Several columns, globs or SQL expressions, side by side.'),
      inputObject.refine(
        (spec) => [spec.column, spec.columns, spec.value].filter((part) => part !== undefined).length === 1,
        'must have exactly one of column, columns and value',
      ),
    ],
    'must be a column, a list of columns, or a mapping with column, columns or value',
  )
  .transform((spec): InputSpec => {
    if (typeof spec === 'string') return { column: spec };
    return Array.isArray(spec) ? { columns: spec } : spec;
  });

/** How one model input is fed: exactly one of `column`, `columns` and `value`. */
export interface InputSpec {
  readonly column?: string | undefined;
  readonly columns?: readonly string[] | undefined;
  readonly value?: number | string | boolean | readonly (number | string | boolean)[] | undefined;
  /** The column holds encoded images, or paths of them. */
  readonly image?: ImageSpec | undefined;
  /** The column holds text to be tokenised; two columns are a pair. */
  readonly text?: TextSpec | undefined;
  readonly shape?: readonly number[] | undefined;
  readonly fill?: number | string | boolean | undefined;
  readonly nulls?: 'reject' | 'nan' | undefined;
}
