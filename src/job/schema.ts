// The job file's one schema: the checks, the TypeScript type and `schema/job.schema.json` all come from here.
import { z } from 'zod';

const scalar = z.union([z.number(), z.string(), z.boolean()], 'must be text, a number, true or false');
const names = z.array(z.string().min(1)).min(1);
const onNulls = z.enum(['reject', 'nan']);
const nullsDescription = 'reject: a null in a model input makes its row a reject; nan: it becomes NaN (float inputs).';

const inputObject = z.strictObject({
  column: z.string().min(1).optional().describe('One column, glob or SQL expression.'),
  columns: names.optional().describe('Several columns, globs or SQL expressions, side by side.'),
  value: z
    .union([scalar, z.array(scalar)], 'must be text, a number, true or false, or a list of them')
    .optional()
    .describe('A constant instead of a column.'),
  shape: z
    .array(z.int().positive())
    .optional()
    .describe('The shape of one row, where the signature leaves more than one size open.'),
  fill: scalar.optional().describe('What stands in for a null in this input.'),
  nulls: onNulls.optional().describe(nullsDescription),
});

const input = z
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

const output = z
  .strictObject({
    as: z.string().min(1).optional().describe('The name of the result column.'),
    columns: names.optional().describe('One result column for each value of the row, under these names.'),
    pick: z
      .record(
        z.string().min(1),
        z.union([z.int().nonnegative(), z.string()], 'must be an index from 0 or a class label'),
      )
      .optional()
      .describe('Single result columns: name -> index or class label.'),
  })
  .refine(
    (spec) => [spec.as, spec.columns, spec.pick].filter((part) => part !== undefined).length <= 1,
    'must have at most one of as, columns and pick',
  );

const csv = z
  .strictObject({
    delimiter: z.string().length(1).optional().describe('Default: a comma, a tab for .tsv.'),
    header: z.boolean().default(true).describe('Whether the first line names the columns.'),
    columns: names.optional().describe('Names for a file without header (default column0, column1, ...).'),
    quote: z.string().max(1).default('"').describe('What encloses a field. Empty: no quoting.'),
    escape: z.string().max(1).default('"').describe('What precedes a quote that belongs to the field.'),
    nullValues: z.array(z.string()).default(['']).describe('Field texts that mean null.'),
    encoding: z
      .string()
      .refine(isEncoding, 'must be the name of an encoding, such as utf-8, latin1 or utf-16le')
      .default('utf-8')
      .describe('Any encoding name that the WHATWG standard lists, such as utf-8, latin1 or utf-16le.'),
    decimal: z.enum(['.', ',']).default('.').describe('What separates the fraction of a number.'),
  })
  .describe('How CSV files are written.');

function isEncoding(label: string): boolean {
  try {
    return new TextDecoder(label) !== null;
  } catch {
    return false;
  }
}

const sizeMessage = 'must be "auto", bytes, or a number with a unit such as 512MB or 4GiB';
const size = z.string().regex(/^\d+(\.\d+)?\s*([KMGT]i?)?B?$/i, sizeMessage);
const percentage = z.string().regex(/^\d+(\.\d+)?%$/, 'must be a number of rows or a percentage such as "1%"');

export const jobSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[\w.-]+$/, 'must have only letters, digits, dots, hyphens and underscores')
      .default('score')
      .describe('What the job is called in messages and statistics.'),
    model: z
      .strictObject({
        path: z.string().min(1).describe('An .onnx file, or a folder that holds one.'),
        version: z
          .union([z.literal('latest'), z.int().nonnegative()], 'must be "latest" or a whole number')
          .default('latest')
          .describe('Which version, where the folder holds several.'),
      })
      .describe('The ONNX model.'),
    dataset: z
      .strictObject({
        path: z
          .union([z.string().min(1), names], 'must be a path or a list of paths')
          .transform((path): readonly string[] => (typeof path === 'string' ? [path] : path))
          .describe('A file, a folder, a glob, or a list of them.'),
        format: z
          .enum(['auto', 'parquet', 'csv', 'jsonl', 'arrow'])
          .default('auto')
          .describe('auto goes by the suffix of each file, .gz and .zst included.'),
        csv: csv.prefault({}),
        types: z
          .record(z.string(), z.string().min(1))
          .default({})
          .describe(
            'Declared types for text formats: column -> float, double, int, bigint, boolean, string, date, timestamp, ...',
          ),
        where: z.string().min(1).optional().describe('An SQL condition: rows for which it is not true are not scored.'),
      })
      .describe('The rows to score.'),
    inputs: z.record(z.string(), input).optional().describe('Model input -> columns. Omitted: bound by name.'),
    outputs: z
      .record(z.string(), output)
      .optional()
      .describe('Model output -> result columns. Omitted: every output under its own name.'),
    keep: z
      .array(z.string().min(1))
      .optional()
      .describe('Columns carried to the output. Default: every column the model does not read.'),
    rejects: z
      .strictObject({
        budget: z
          .union([z.int().nonnegative(), percentage], 'must be a number of rows or a percentage such as "1%"')
          .default(0)
          .describe('How many rejects a run may have: rows, or a percentage such as "1%".'),
        nulls: onNulls.default('reject').describe(nullsDescription),
        fill: z.record(z.string(), scalar).default({}).describe('What stands in for a null: column -> value.'),
      })
      .prefault({})
      .describe('What happens to rows that cannot be scored.'),
    output: z
      .strictObject({
        path: z.string().min(1).describe('The folder for the predictions.'),
        compression: z
          .enum(['zstd', 'snappy', 'gzip', 'lz4', 'none'])
          .default('zstd')
          .describe('The compression of the parts.'),
        rowsPerFile: z.int().positive().default(1_000_000).describe('The most rows in one part.'),
        ifExists: z
          .enum(['skip', 'fail', 'replace'])
          .default('skip')
          .describe('What to do when the output is already complete.'),
      })
      .describe('Where the predictions go.'),
    run: z
      .strictObject({
        workers: z
          .union([z.literal('auto'), z.int().nonnegative()], 'must be "auto" or a whole number')
          .default('auto')
          .describe('Worker threads. auto: as many as there are usable cores; 0: none, the main thread scores.'),
        batchRows: z
          .union([z.literal('auto'), z.int().positive()], 'must be "auto" or a whole number')
          .default('auto')
          .describe('Rows in one call of the model.'),
        threadsPerWorker: z.int().positive().default(1).describe('ONNX Runtime threads of one worker.'),
        memory: z
          .union([z.literal('auto'), z.int().positive(), size], sizeMessage)
          .default('auto')
          .describe('Memory for the run: bytes, or a size such as 4GiB. auto: what the machine or its cgroup grants.'),
        retries: z.int().nonnegative().default(2).describe('How often a split that failed is tried again.'),
      })
      .prefault({})
      .describe('How the run uses the machine.'),
  })
  .meta({ title: 'scoremill job', description: 'What to score, with which model, into which folder.' });

/** How one model input is fed: exactly one of `column`, `columns` and `value`. */
export interface InputSpec {
  readonly column?: string | undefined;
  readonly columns?: readonly string[] | undefined;
  readonly value?: number | string | boolean | readonly (number | string | boolean)[] | undefined;
  readonly shape?: readonly number[] | undefined;
  readonly fill?: number | string | boolean | undefined;
  readonly nulls?: 'reject' | 'nan' | undefined;
}

/** A checked job with its defaults filled in and every path absolute. */
export type Job = z.output<typeof jobSchema>;
export type CsvOptions = Job['dataset']['csv'];
export type OutputSpec = z.output<typeof output>;
