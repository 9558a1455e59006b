// The job file's one schema: the checks, the TypeScript type and `schema/job.schema.json` all come from here.
import * as z from 'zod';
import { durationPattern } from '../core/duration.ts';
import { input, names, nullsDescription, onNulls, scalar } from './input-schema.ts';
import { model } from './model-schema.ts';
import { observe } from './observe-schema.ts';
import { output } from './output-schema.ts';
import { transform } from './transform-schema.ts';

const csv = z
  .strictObject({
    delimiter: z
      .string()
      .length(1)
      .optional()
      .meta({ description: 'Default: a comma, a tab for .tsv.', examples: [',', ';', '\t', '|'] }),
    header: z.boolean().default(true).describe('Whether the first line names the columns.'),
    columns: names.optional().describe('Names for a file without header (default column0, column1, ...).'),
    quote: z.string().max(1).default('"').describe('What encloses a field. Empty: no quoting.'),
    escape: z.string().max(1).default('"').describe('What precedes a quote that belongs to the field.'),
    nullValues: z
      .array(z.string())
      .default([''])
      .meta({ description: 'Field texts that mean null.', examples: [['', 'NA', 'null']] }),
    encoding: z
      .string()
      .refine(isEncoding, 'must be the name of an encoding, such as utf-8, latin1 or utf-16le')
      .default('utf-8')
      .meta({
        description: 'Any encoding name that the WHATWG standard lists, such as utf-8, latin1 or utf-16le.',
        examples: ['utf-8', 'latin1', 'windows-1252', 'utf-16le', 'shift_jis', 'gb18030'],
      }),
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

/** Offered by editors; any type of DuckDB's SQL will do. */
const columnTypes = ['float', 'double', 'int', 'bigint', 'boolean', 'string', 'date', 'timestamp'];

const sizeMessage = 'must be "auto", bytes, or a number with a unit such as 512MB or 4GiB';
const size = z.string().regex(/^\d+(\.\d+)?\s*([KMGT]i?)?B?$/i, sizeMessage);
const durationMessage = 'must be "auto", seconds, or a number with a unit such as 90s, 10m or 1h';
const takeOverMessage = 'must be seconds, or a number with a unit such as 90s, 10m or 1h';
const duration = z.string().regex(durationPattern, durationMessage);
const percentage = z.string().regex(/^\d+(\.\d+)?%$/, 'must be a number of rows or a percentage such as "1%"');

export const jobSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[\w.-]+$/, 'must have only letters, digits, dots, hyphens and underscores')
      .default('score')
      .describe('What the job is called in messages and statistics.'),
    model,
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
          .record(z.string(), z.string().min(1).meta({ examples: columnTypes }))
          .default({})
          .describe(
            'Declared types for text formats: column -> float, double, int, bigint, boolean, string, date, timestamp, ...',
          ),
        where: z.string().min(1).optional().describe('An SQL condition: rows for which it is not true are not scored.'),
        slice: z
          .strictObject({
            index: z.int().nonnegative().describe('Which slice this run scores, from 0.'),
            count: z.int().min(1).max(10_000).describe('How many slices there are.'),
          })
          .refine(({ index, count }) => index < count, 'index must be below count: of four slices the last is number 3')
          .optional()
          .describe(
            'One of several equal slices of the dataset, for an array of runs. It is written to a folder of its own below output.path.',
          ),
      })
      .describe('The rows to score.'),
    transform: transform.optional(),
    inputs: z.record(z.string(), input).optional().describe('Model input -> columns. Omitted: bound by name.'),
    outputs: z
      .record(z.string(), output)
      .optional()
      .describe('Result columns: a model output, or a name of your own with from or sql. Omitted: every output.'),
    keep: z
      .array(z.string().min(1))
      .optional()
      .describe('Columns carried to the output. Default: every column the model does not read.'),
    rejects: z
      .strictObject({
        budget: z
          .union([z.int().nonnegative(), percentage], 'must be a number of rows or a percentage such as "1%"')
          .default(0)
          .meta({
            description: 'How many rejects a run may have: rows, or a percentage such as "1%".',
            examples: [0, 100, '1%'],
          }),
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
        where: z
          .string()
          .min(1)
          .optional()
          .describe(
            'An SQL condition over result and kept columns: scored rows for which it is not true are counted and not written.',
          ),
        rowsPerFile: z.int().positive().default(1_000_000).describe('The most rows in one part.'),
        ifExists: z
          .enum(['skip', 'fail', 'replace', 'append'])
          .default('skip')
          .describe('What to do when the output is already complete; append scores shards that are new or changed.'),
        report: z.boolean().default(true).describe('Whether a page for people is written: _scoremill/report.html.'),
        columnSummary: z
          .enum(['sample', 'off'])
          .default('sample')
          .describe(
            'What _scoremill/columns.parquet and the report tell of features and results: of a sample of the rows, or nothing.',
          ),
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
        threadsPerWorker: z
          .union([z.literal('auto'), z.int().positive()], 'must be "auto" or a whole number')
          .default('auto')
          .describe(
            'ONNX Runtime threads of one worker. auto: 1; more, with fewer workers, for a model too large for memory to hold once for each core.',
          ),
        memory: z
          .union([z.literal('auto'), z.int().positive(), size], sizeMessage)
          .default('auto')
          .meta({
            description:
              'Memory for the run: bytes, or a size such as 4GiB. auto: what the machine or its cgroup grants.',
            examples: ['auto', '4GiB'],
          }),
        retries: z.int().nonnegative().default(2).describe('How often a split that failed is tried again.'),
        stallAfter: z
          .union([z.literal('auto'), z.number().nonnegative(), duration], durationMessage)
          .default('auto')
          .meta({
            description:
              'How long a split may show no progress before its process is ended and the row that holds it up rejected: seconds, or a time such as 90s, 10m or 1h. auto: ten minutes, more for a slow model; 0: for ever.',
            examples: ['auto', '90s', '10m', '1h'],
          }),
        takeOverAfter: z
          .union([z.number().nonnegative(), duration], takeOverMessage)
          .default('60s')
          .meta({
            description:
              'How long a run that holds the lock of the output folder on another host or in another container may give no sign of life before its lock is taken over: seconds, or a time such as 90s or 5m; 0: never, only with --steal-lock.',
            examples: ['60s', '5m'],
          }),
      })
      .prefault({})
      .describe('How the run uses the machine.'),
    observe,
  })
  .refine(({ dataset, output }) => dataset.slice === undefined || output.ifExists !== 'append', {
    path: ['output', 'ifExists'],
    message: 'append goes with a whole dataset, not with a slice of it: slices of a dataset that grows would be others',
  })
  .meta({ title: 'scoremill job', description: 'What to score, with which model, into which folder.' });

/** A checked job with its defaults filled in and every path absolute. */
export type Job = z.output<typeof jobSchema>;
export type CsvOptions = Job['dataset']['csv'];
