// The part of the job file's schema that names modules of the user's own.
import { z } from 'zod';
import { scalar } from './input-schema.ts';

const module = z.string().min(1);

/** One path is that of the module that runs before binding. */
export const transform = z
  .union(
    [
      module,
      z.strictObject({
        before: module
          .optional()
          .describe('A module that adds or replaces columns of the rows, before they are bound to model inputs.'),
        after: module.optional().describe('A module that adds or replaces result columns.'),
        params: z
          .record(z.string(), z.union([scalar, z.array(scalar)]))
          .default({})
          .describe('What the modules are given as context.params.'),
      }),
    ],
    'must be the path of a module, or a mapping with before, after and params',
  )
  .transform((spec): TransformSpec => (typeof spec === 'string' ? { before: spec, params: {} } : spec))
  .describe(
    'JavaScript modules of your own that add columns: before binding, or after scoring. They are code, and run with the rights of the run.',
  );

export interface TransformSpec {
  readonly before?: string | undefined;
  readonly after?: string | undefined;
  readonly params: Readonly<Record<string, unknown>>;
}
