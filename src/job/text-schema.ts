// How text becomes token numbers: the part of the job file's schema under `inputs.NAME.text`.
import * as z from 'zod';

/** What a model input takes of the tokens of a row. */
export const tokenParts = ['ids', 'mask', 'types', 'positions'] as const;
export type TokenPart = (typeof tokenParts)[number];

const settings = z.strictObject({
  tokenizer: z
    .string()
    .min(1)
    .optional()
    .describe('A tokenizer.json, or a folder that holds one. Default: the one beside the model.'),
  maxLength: z
    .int()
    .positive()
    .optional()
    .describe('Most tokens of a row, special tokens included. Default: as the tokenizer or the model says.'),
  truncation: z
    .enum(['longest_first', 'only_first', 'only_second'])
    .optional()
    .describe(
      'Which text of a pair gives way when both are too long. Default: as the tokenizer says, else longest_first.',
    ),
  padding: z
    .union([z.literal('longest'), z.int().positive()], 'must be longest, or a number of tokens')
    .optional()
    .describe('longest: rows are filled up to the longest of their call; a number: to that many tokens.'),
  part: z.enum(tokenParts).optional().describe('What the input takes of the tokens, when its name does not tell.'),
});

/** Where the tokenizer is and how long its output may be; `auto` leaves everything to the tokenizer and the model. */
export const text = z
  .union([z.literal('auto'), settings], 'must be auto, or a mapping')
  .transform((spec): TextSpec => (spec === 'auto' ? {} : spec))
  .describe('The column holds text to be tokenised; two columns are a pair.');

export type TextSpec = z.output<typeof settings>;
