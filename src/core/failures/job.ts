// Ways in which the command line or the job file is wrong.
import { didYouMean, kind } from './failure-kind.ts';

export const jobFailures = {
  usage: kind(
    64,
    'The command line is wrong: an unknown command or option, or a value an option does not take. ' +
      'The message names the option or the SCOREMILL_ variable; `scoremill COMMAND --help` lists what there is.',
    "Read the command's examples and options with `scoremill COMMAND --help`, and correct what the message names.",
    (facts: { readonly message: string }) => facts.message,
  ),
  'job-incomplete': kind(
    64,
    'No job file is given, and the options do not name all three of a model, a dataset and an output folder. ' +
      'Give a job file, or the options that the message names.',
    'Run the command that the message shows, with your own paths in it, or write a job file with `scoremill init`.',
    (facts: { readonly missing: readonly string[]; readonly command: string }) =>
      `${facts.missing.join(' and ')} ${facts.missing.length === 1 ? 'is' : 'are'} missing, and there is no job file; for example:\n  ${facts.command}`,
  ),
  'job-missing': kind(
    66,
    'The job file does not exist. Its path is taken from the working directory; without a job file, --model, --dataset and --output are enough.',
    'Check the path, and the working directory that the scheduler starts it in.',
    (facts: { readonly path: string; readonly suggestion?: string | undefined }) =>
      `${facts.path}: no such job file.${didYouMean(facts.suggestion)} Without a job file, give --model, --dataset and --output`,
  ),
  'job-unreadable': kind(
    66,
    'What is given as the job file cannot be one: a folder, a binary file, or a file of more than 1 MiB. ' +
      'The first argument of run and plan is a YAML file; models and datasets are given as options.',
    'Give a YAML file, saved as UTF-8; `scoremill init` writes one to start from.',
    (facts: { readonly path: string; readonly problem: string }) => `${facts.path}: ${facts.problem}`,
  ),
  'job-invalid': kind(
    78,
    'The job file, or what the options make of it, does not fit the schema. The message names the line, the path in the file ' +
      'and what is expected there; `scoremill schema` prints the schema.',
    'Correct the lines that the messages name; all problems are listed at once. `scoremill plan JOB` checks the file and writes nothing.',
    (facts: { readonly where: string; readonly path: string; readonly message: string }) =>
      `${facts.where}: ${facts.path === '' ? '' : `${facts.path}: `}${facts.message}`,
  ),
  'days-share-output': kind(
    78,
    'A job is to run for several days (--dates) and writes all of them into one output folder. Each day needs its own.',
    'Write {{ ds }} into output.path of the job file, as in out/{{ ds }}, and leave --output away: an option is taken as it is typed.',
    (facts: { readonly output: string; readonly jobPath: string | null; readonly isTyped: boolean }) =>
      `every day would be written to ${facts.output}; ${
        facts.isTyped || facts.jobPath === null
          ? 'an --output is taken as it is typed, so leave it away and write output.path: out/{{ ds }} into a job file'
          : `write {{ ds }} into output.path of ${facts.jobPath}, as in out/{{ ds }}`
      }, for a folder of its own`,
  ),
  'job-file-exists': kind(
    73,
    'Writing a new job file (scoremill init) would replace one that is there already.',
    'Give another --output, print the job file with --output -, or replace it with --force.',
    (facts: { readonly path: string }) =>
      `${facts.path} is there already; give another --output, --output - to print the job file, or --force to replace it`,
  ),
  'job-file-folder': kind(
    73,
    'What is given as the place of the new job file is a folder, or lies in a folder that is not there.',
    'Give --output the path of a file in a folder that exists.',
    (facts: { readonly path: string; readonly problem: string }) =>
      `${facts.path} ${facts.problem}; give --output the path of a file, such as jobs/churn.yaml`,
  ),
};
