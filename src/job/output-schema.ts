// The part of the job file's schema that says which result columns there are: what becomes of the model's outputs, and
// columns that SQL makes of them.
import * as z from 'zod';
import { names, scalar } from './input-schema.ts';

const stepMessage = 'must be softmax, sigmoid, argmax, { topk: k } or { threshold: t }';

const step = z
  .union(
    [
      z.enum(['softmax', 'sigmoid', 'argmax']),
      z
        .strictObject({
          topk: z.int().positive().optional().describe('How many of the largest values, with their labels or indices.'),
          threshold: z.number().optional().describe('true where a value is at least this.'),
        })
        .refine(({ topk, threshold }) => (topk === undefined) !== (threshold === undefined), stepMessage),
    ],
    stepMessage,
  )
  .transform((value) => value as ApplyStep);

/** What is computed from an output's values. All but sigmoid and threshold go over the last axis of a row. */
export type ApplyStep =
  | 'softmax'
  | 'sigmoid'
  | 'argmax'
  | { readonly topk: number; readonly threshold?: undefined }
  | { readonly threshold: number; readonly topk?: undefined };

const apply = z
  .union([step, z.array(step).min(1)], `${stepMessage}, or a list of them`)
  .transform((steps): readonly ApplyStep[] => (Array.isArray(steps) ? steps : [steps]))
  .refine(
    (steps) => steps.slice(0, -1).every((one) => one === 'softmax' || one === 'sigmoid'),
    'of several steps only softmax and sigmoid may be followed by another',
  )
  .describe(
    'What is computed from the values: softmax, sigmoid, argmax, { topk: k }, { threshold: t }, or a list of steps such as [softmax, { topk: 3 }].',
  );

const labels = z
  .union(
    [z.array(scalar).min(1), z.string().min(1)],
    'must be a list of labels, or the path of a text file (one label a line) or a JSON file',
  )
  .transform((value): readonly string[] | string => (typeof value === 'string' ? value : value.map(String)))
  .describe(
    'The names of the classes, in the order of the values: a list, or a text file (one label a line) or a JSON file (a list, or a config.json with id2label). Default: those that the model names.',
  );

const isGiven = (value: unknown): boolean => value !== undefined;

/** One or more result columns: what becomes of a model output, or of other columns in SQL. */
export const output = z
  .strictObject({
    from: z.string().min(1).optional().describe('The model output. Default: the one of the same name.'),
    apply: apply.optional(),
    labels: labels.optional(),
    as: z.string().min(1).optional().describe('The name of the result column.'),
    columns: names.optional().describe('One result column for each value of the row, under these names.'),
    pick: z
      .record(
        z.string().min(1),
        z.union([z.int().nonnegative(), z.string()], 'must be an index from 0 or a class label'),
      )
      .optional()
      .describe('Single result columns: name -> index or class label.'),
    sql: z
      .string()
      .min(1)
      .optional()
      .describe(
        'An SQL expression over result columns, kept columns and columns that the model reads, instead of an output.',
      ),
  })
  .refine(
    ({ as, columns, pick }) => [as, columns, pick].filter(isGiven).length <= 1,
    'must have at most one of as, columns and pick',
  )
  .refine(
    ({ sql, ...others }) => sql === undefined || !Object.values(others).some(isGiven),
    'with sql there is nothing else to say: its name is that of the column',
  )
  .refine(
    ({ apply: steps, columns, pick }) => !hasTopk(steps) || (columns ?? pick) === undefined,
    'topk makes two columns, NAME_labels (or NAME_indices) and NAME_scores; name them with as',
  );

const hasTopk = (steps: readonly ApplyStep[] = []): boolean =>
  steps.some((one) => typeof one === 'object' && one.topk !== undefined);

export type OutputSpec = z.output<typeof output>;
