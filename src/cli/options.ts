// The option tables: every option of every command once, with the place in the job that it sets. Help, completion, the
// SCOREMILL_ variables and the typed arguments all come from here.
import { jobSchema } from '../job/schema.ts';

export type CommandName =
  | 'run'
  | 'plan'
  | 'init'
  | 'inspect'
  | 'verify'
  | 'report'
  | 'schema'
  | 'completion'
  | 'explain';

export interface OptionDefinition {
  /** Without dashes: `batch-rows`. Its variable is `SCOREMILL_BATCH_ROWS`. */
  readonly name: string;
  readonly group: 'What to score' | 'How to score' | 'This run' | 'Messages';
  readonly description: string;
  /** flag: no value. many: may be given several times. */
  readonly takes: 'text' | 'many' | 'flag';
  readonly choices?: readonly string[];
  /** The place in the job that it sets, and how its text is read; the schema checks the value. */
  readonly sets?: readonly string[];
  readonly reads?: 'text' | 'number' | 'list' | 'columns' | 'delimiter' | 'off';
}

const { dataset, rejects, output } = jobSchema.shape;
const formats = dataset.shape.format.unwrap().options;
const nulls = rejects.unwrap().shape.nulls.unwrap().options;
const compressions = output.shape.compression.unwrap().options;
const existing = output.shape.ifExists.unwrap().options;
const summaries = output.shape.columnSummary.unwrap().options;

const help: OptionDefinition = { name: 'help', group: 'Messages', takes: 'flag', description: 'Show this text' };
const version: OptionDefinition = {
  name: 'version',
  group: 'Messages',
  takes: 'flag',
  description: 'Show the versions',
};
const json: OptionDefinition = {
  name: 'json',
  group: 'Messages',
  takes: 'flag',
  description: 'Print the result as JSON on stdout',
};
const quiet: OptionDefinition = { name: 'quiet', group: 'Messages', takes: 'flag', description: 'Print failures only' };
const logFormat: OptionDefinition = {
  name: 'log-format',
  group: 'Messages',
  takes: 'text',
  choices: ['text', 'json'],
  description: 'Messages on stderr as text or as one JSON object a line',
};

const modelVersion: OptionDefinition = {
  name: 'model-version',
  group: 'What to score',
  takes: 'text',
  sets: ['model', 'version'],
  reads: 'number',
  description: 'Which version, where the folder of the model holds several: a number, or latest',
};
const variant: OptionDefinition = {
  name: 'variant',
  group: 'What to score',
  takes: 'text',
  sets: ['model', 'variant'],
  description: 'Which variant, where the folder of the model holds several: int8 is model_int8.onnx',
};
const format: OptionDefinition = {
  name: 'format',
  group: 'What to score',
  takes: 'text',
  choices: formats,
  sets: ['dataset', 'format'],
  description: 'The format of the dataset; auto goes by the suffix',
};
const delimiter: OptionDefinition = {
  name: 'delimiter',
  group: 'What to score',
  takes: 'text',
  sets: ['dataset', 'csv', 'delimiter'],
  reads: 'delimiter',
  description: 'What separates the fields of a CSV file; \\t is a tab',
};
const noHeader: OptionDefinition = {
  name: 'no-header',
  group: 'What to score',
  takes: 'flag',
  sets: ['dataset', 'csv', 'header'],
  reads: 'off',
  description: 'The CSV files have no header: columns are column0, column1, ...',
};

const scoring: readonly OptionDefinition[] = [
  {
    name: 'model',
    group: 'What to score',
    takes: 'text',
    sets: ['model', 'path'],
    description: 'An .onnx file, or a folder that holds one',
  },
  modelVersion,
  variant,
  {
    name: 'dataset',
    group: 'What to score',
    takes: 'many',
    sets: ['dataset', 'path'],
    reads: 'list',
    description: 'A file, folder or quoted glob; may be given several times',
  },
  {
    name: 'output',
    group: 'What to score',
    takes: 'text',
    sets: ['output', 'path'],
    description: 'The folder for the predictions',
  },
  format,
  {
    name: 'where',
    group: 'What to score',
    takes: 'text',
    sets: ['dataset', 'where'],
    description: 'Score only rows for which this SQL condition is true',
  },
  delimiter,
  noHeader,
  {
    name: 'slice-index',
    group: 'What to score',
    takes: 'text',
    sets: ['dataset', 'slice', 'index'],
    reads: 'number',
    description: 'Score only this slice of the dataset, from 0, into OUTPUT/slice-I-of-N: for an array of runs',
  },
  {
    name: 'slice-count',
    group: 'What to score',
    takes: 'text',
    sets: ['dataset', 'slice', 'count'],
    reads: 'number',
    description: 'How many slices there are; every run of the array is given the same number',
  },
  {
    name: 'inputs',
    group: 'How to score',
    takes: 'many',
    description: 'INPUT=COLUMN,...: what feeds a model input: columns, globs or SQL; may be given several times',
  },
  {
    name: 'keep',
    group: 'How to score',
    takes: 'many',
    sets: ['keep'],
    reads: 'columns',
    description: 'Columns to carry to the output, separated by commas',
  },
  {
    name: 'budget',
    group: 'How to score',
    takes: 'text',
    sets: ['rejects', 'budget'],
    reads: 'number',
    description: 'How many rejects a run may have: rows, or a percentage such as 1%',
  },
  {
    name: 'nulls',
    group: 'How to score',
    takes: 'text',
    choices: nulls,
    sets: ['rejects', 'nulls'],
    description: 'What a null in a model input does to its row',
  },
  {
    name: 'write-where',
    group: 'How to score',
    takes: 'text',
    sets: ['output', 'where'],
    description: 'Write only scored rows for which this SQL condition over the result is true',
  },
  {
    name: 'compression',
    group: 'How to score',
    takes: 'text',
    choices: compressions,
    sets: ['output', 'compression'],
    description: 'The compression of the parts',
  },
  {
    name: 'rows-per-file',
    group: 'How to score',
    takes: 'text',
    sets: ['output', 'rowsPerFile'],
    reads: 'number',
    description: 'The most rows in one part',
  },
  {
    name: 'batch-rows',
    group: 'How to score',
    takes: 'text',
    sets: ['run', 'batchRows'],
    reads: 'number',
    description: 'Rows in one call of the model, or auto',
  },
  {
    name: 'workers',
    group: 'This run',
    takes: 'text',
    sets: ['run', 'workers'],
    reads: 'number',
    description: 'Worker threads, or auto; 0 scores in the main thread',
  },
  {
    name: 'threads-per-worker',
    group: 'This run',
    takes: 'text',
    sets: ['run', 'threadsPerWorker'],
    reads: 'number',
    description: 'ONNX Runtime threads of one worker, or auto',
  },
  {
    name: 'memory',
    group: 'This run',
    takes: 'text',
    sets: ['run', 'memory'],
    reads: 'number',
    description: 'Memory for the run: bytes, a size such as 4GiB, or auto',
  },
  {
    name: 'retries',
    group: 'This run',
    takes: 'text',
    sets: ['run', 'retries'],
    reads: 'number',
    description: 'How often a split that failed is tried again',
  },
  {
    name: 'stall-after',
    group: 'This run',
    takes: 'text',
    sets: ['run', 'stallAfter'],
    reads: 'number',
    description: 'How long nothing may move before a row is rejected for it: 90s, 10m, 1h, or auto; 0: for ever',
  },
  {
    name: 'take-over-after',
    group: 'This run',
    takes: 'text',
    sets: ['run', 'takeOverAfter'],
    reads: 'number',
    description: 'How long the holder of the lock on another host may give no sign of life: 60s, 5m; 0: for ever',
  },
  {
    name: 'if-exists',
    group: 'This run',
    takes: 'text',
    choices: existing,
    sets: ['output', 'ifExists'],
    description: 'What to do when the output is already complete; append scores what is new or changed',
  },
  {
    name: 'no-report',
    group: 'This run',
    takes: 'flag',
    sets: ['output', 'report'],
    reads: 'off',
    description: 'Write no page for people (_scoremill/report.html)',
  },
  {
    name: 'column-summary',
    group: 'This run',
    takes: 'text',
    choices: summaries,
    sets: ['output', 'columnSummary'],
    description: 'What is told of the values of features and results, in the report and as a file',
  },
  {
    name: 'date',
    group: 'This run',
    takes: 'text',
    description: 'The day for {{ ds }}: YYYY-MM-DD; default today in UTC',
  },
  {
    name: 'dates',
    group: 'This run',
    takes: 'text',
    description: 'Several days, one after the other, each into its own output: FIRST..LAST, or a list with commas',
  },
  {
    name: 'stop-on-failure',
    group: 'This run',
    takes: 'flag',
    description: 'With --dates: leave the days after one that fails; otherwise they are scored',
  },
  { name: 'run-id', group: 'This run', takes: 'text', description: 'The name of this run, also for {{ run_id }}' },
  {
    name: 'param',
    group: 'This run',
    takes: 'many',
    description: 'NAME=VALUE for {{ params.NAME }}; may be given several times',
  },
  { name: 'fresh', group: 'This run', takes: 'flag', description: 'Start over: drop what an unfinished run left' },
  {
    name: 'steal-lock',
    group: 'This run',
    takes: 'flag',
    description: 'Take the lock of the output folder from a run that is known to be dead',
  },
  {
    name: 'metrics',
    group: 'This run',
    takes: 'text',
    sets: ['observe', 'metrics'],
    description: "A file for Prometheus, or the folder of node_exporter's textfile collector",
  },
  {
    name: 'pushgateway',
    group: 'This run',
    takes: 'text',
    sets: ['observe', 'pushgateway'],
    description: 'URL of a Prometheus Pushgateway that the metrics are pushed to',
  },
  {
    name: 'lineage',
    group: 'This run',
    takes: 'many',
    sets: ['observe', 'lineage'],
    reads: 'list',
    description: 'Where OpenLineage events go: a URL or a file; may be given several times',
  },
  {
    name: 'nothing-to-do-code',
    group: 'This run',
    takes: 'text',
    description: 'The exit code when the output is already complete; default 0, Airflow skips on 99',
  },
  {
    name: 'ping-url',
    group: 'Messages',
    takes: 'text',
    description: 'Tell a health check: GET URL/start, then URL/EXIT-CODE; never changes the exit code',
  },
  {
    name: 'result-line',
    group: 'Messages',
    takes: 'flag',
    description: 'Print the result as one line of JSON, the last on stdout: for the XCom of Airflow',
  },
  json,
  quiet,
  logFormat,
  // Last, so that it wins over the options it could contradict.
  {
    name: 'set',
    group: 'How to score',
    takes: 'many',
    description: 'PATH.TO.KEY=VALUE: any key of the job file, the value as YAML; may be given several times',
  },
];

const ofJob = (...names: readonly string[]): readonly OptionDefinition[] =>
  scoring.filter(({ name }) => names.includes(name));

export const optionsOf: Readonly<Record<CommandName, readonly OptionDefinition[]>> = {
  run: [...scoring, help],
  plan: [...scoring, help],
  init: [
    ...ofJob('model', 'model-version', 'variant', 'dataset', 'format', 'where', 'delimiter', 'no-header'),
    ...ofJob('inputs', 'keep', 'nulls', 'set'),
    {
      name: 'output',
      group: 'This run',
      takes: 'text',
      description: 'The job file to write; - prints it; default job.yaml',
    },
    { name: 'force', group: 'This run', takes: 'flag', description: 'Replace the job file if it is there already' },
    help,
  ],
  inspect: [modelVersion, variant, format, delimiter, noHeader, json, help],
  verify: [
    {
      name: 'rescore',
      group: 'How to score',
      takes: 'text',
      description: 'Score this many rows again and compare them with the output',
    },
    json,
    quiet,
    logFormat,
    help,
  ],
  report: [
    {
      name: 'to',
      group: 'This run',
      takes: 'text',
      description: 'The file to write; - prints it; default _scoremill/report.html in the folder',
    },
    json,
    help,
  ],
  schema: [help],
  completion: [help],
  explain: [help],
};

/** Options that stand before or without a command. */
export const topOptions: readonly OptionDefinition[] = [help, version];

/** `batch-rows` -> `SCOREMILL_BATCH_ROWS`. */
export const variableOf = (option: string): string => `SCOREMILL_${option.toUpperCase().replaceAll('-', '_')}`;
