// The commands: their words, arguments and examples, for help, completion and suggestions.
import type { CommandName } from './options.ts';

export interface CommandDefinition {
  readonly name: CommandName;
  readonly argument?: { readonly name: string; readonly required: boolean; readonly description: string };
  readonly description: string;
  readonly examples: readonly string[];
}

const job = {
  name: 'job',
  required: false,
  description: 'The job file; not needed when the options name a model, a dataset and an output',
};

export const commands: readonly CommandDefinition[] = [
  {
    name: 'run',
    argument: job,
    description: 'Score a dataset with a model',
    examples: [
      "scoremill run --model model.onnx --dataset 'data/*.parquet' --output scored",
      'scoremill run jobs/churn.yaml --date 2026-01-31',
      'scoremill run jobs/churn.yaml --inputs features=age,income,"ln(amount + 1)" --keep customer_id',
      'scoremill run jobs/churn.yaml --budget 1% --set rejects.fill.age=0',
    ],
  },
  {
    name: 'plan',
    argument: job,
    description: 'Check everything and show what run would do, touching nothing',
    examples: ['scoremill plan jobs/churn.yaml', 'scoremill plan jobs/churn.yaml --json'],
  },
  {
    name: 'init',
    description: 'Write a job file for a model and a dataset, with comments',
    examples: [
      "scoremill init --model model.onnx --dataset 'data/*.parquet' --output jobs/churn.yaml",
      "scoremill init --model model.onnx --dataset 'data/*.csv' --keep customer_id --output -",
    ],
  },
  {
    name: 'inspect',
    argument: { name: 'path', required: true, description: 'A model, a dataset or an output folder' },
    description: 'Show a model, a dataset or an output folder',
    examples: ['scoremill inspect model.onnx', "scoremill inspect 'data/*.parquet'", 'scoremill inspect scored --json'],
  },
  {
    name: 'verify',
    argument: { name: 'dir', required: true, description: 'A finished output folder' },
    description: 'Check a finished output: files, hashes and row counts',
    examples: ['scoremill verify scored', 'scoremill verify scored --rescore 1000'],
  },
  {
    name: 'report',
    argument: { name: 'dir', required: true, description: 'A finished output folder' },
    description: 'Make the report of a finished output again, one HTML file',
    examples: ['scoremill report scored', 'scoremill report scored --to monday.html'],
  },
  {
    name: 'schema',
    description: 'Print the JSON Schema of job files',
    examples: ['scoremill schema > job.schema.json'],
  },
  {
    name: 'completion',
    description: 'Print the completion script for bash, or for zsh when $SHELL says so',
    examples: ['eval "$(scoremill completion)"    # in ~/.bashrc or ~/.zshrc'],
  },
  {
    name: 'explain',
    argument: {
      name: 'code',
      required: false,
      description: 'An exit code or the name of a failure; without it, all of them',
    },
    description: 'Explain exit codes and failures',
    examples: ['scoremill explain 65', 'scoremill explain job-invalid'],
  },
];

export const commandNames: readonly string[] = commands.map(({ name }) => name);
