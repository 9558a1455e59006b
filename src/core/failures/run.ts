// Ways in which a run ends without a result.
import { kind, listed } from './failure-kind.ts';

/** What to do about missing values, ready to copy where the column's name can stand in an option. */
function nullsAdvice(facts: { readonly nullColumns: readonly string[]; readonly isNan: boolean }): string {
  const { nullColumns, isNan } = facts;
  if (nullColumns.length === 0) return '';
  const fills = nullColumns.map((name) => (/^\w+$/.test(name) ? `--set rejects.fill.${name}=VALUE` : null));
  const fill = fills.includes(null) ? 'rejects.fill in the job file' : `${fills.join(' ')} --fresh`;
  const nan = isNan
    ? ''
    : 'if the model was trained to take missing numbers as NaN, start over with --nulls nan --fresh; or ';
  return `. Missing values: ${nan}say what stands in for them (${fill})`;
}

export const runFailures = {
  internal: kind(
    70,
    'A bug in scoremill: please report it with the lines it printed.',
    'Run the same command again. If it happens twice, report it with the lines it printed and the version (`scoremill --version`).',
    (facts: { readonly message: string; readonly stack: string }) =>
      `internal error: ${facts.message}; this is a bug in scoremill, please report it with the lines below\n${facts.stack}`,
  ),
  interrupted: kind(
    143,
    'The run was told to stop (SIGTERM: 143, SIGINT: 130). Finished splits are kept; the same command goes on from there.',
    'Run the same command again to finish it.',
    () => 'the run was interrupted; run the same command again to finish it',
  ),
  'over-budget': kind(
    65,
    'More rows were rejected than the job allows. Nothing was published; finished splits are kept.',
    'Look at the rejects (the message names their file) and mend the rows, or allow for as many with --budget and run the same command again.',
    (facts: {
      readonly rejected: number;
      readonly budget: string;
      readonly first: readonly string[];
      readonly rejectsPath: string;
      /** Columns of the first rejects that are nulls. */
      readonly nullColumns: readonly string[];
      /** Nulls of numbers are taken as NaN already. */
      readonly isNan: boolean;
    }) => {
      const { rejected, budget, first, rejectsPath } = facts;
      const one = rejected === 1;
      return (
        `${rejected} ${one ? 'row was' : 'rows were'} rejected and the budget is ${budget}: ${first.join('; ')}` +
        `${rejected > first.length ? '; and others' : ''}. ${one ? 'It is' : `All ${rejected} are`} in ${rejectsPath}. ` +
        `Mend the ${one ? 'row' : 'rows'}, or allow for ${one ? 'it' : 'as many'} with --budget (rows, or a share such as 1%) and run the same command again: finished splits are kept${nullsAdvice(facts)}`
      );
    },
  ),
  'engine-died': kind(
    70,
    'The engine process, where all native code runs, ended by itself: a crash in a native library, or too little memory.',
    'If it was killed for memory, give it more or lower --memory and --workers. Otherwise run the same command again: finished splits are kept.',
    (facts: { readonly when: string; readonly cause: string; readonly lastWords: string }) =>
      `the engine process died ${facts.when} (${facts.cause})${facts.cause.includes('SIGKILL') ? ': probably killed for memory; give it more, or a lower --memory' : '; run the same command again: finished splits are kept'}${facts.lastWords === '' ? '' : `\n${facts.lastWords}`}`,
  ),
  'crashes-over-budget': kind(
    65,
    'Rows that end the engine process when they are scored became rejects, and are more than the job allows. Nothing was published; finished splits are kept.',
    'Leave the rows out with --where, or allow for them with --budget and run the same command again.',
    (facts: { readonly crashed: readonly string[]; readonly others: number; readonly budget: string }) =>
      `the engine process dies on ${listed(facts.crashed, 3)}; with ${facts.others} other rejects that is more than the budget of ${facts.budget}, so more such rows were not looked for. Leave them out (--where), or allow for them with --budget and run the same command again: finished splits are kept`,
  ),
  'split-crashes-reader': kind(
    66,
    'Reading a split ends the engine process, whatever rows are scored: its file is damaged in a way that the reader does not survive, or the module of the job that its rows go through ends the process.',
    'Take the file out of the dataset, or write it anew; mend the module where there is one.',
    (facts: { readonly paths: readonly string[]; readonly module: string | null; readonly cause: string }) =>
      facts.module === null
        ? `reading ${listed(facts.paths)} ends the engine process (${facts.cause}); take the file out of the dataset, or write it anew`
        : `reading ${listed(facts.paths)} through ${facts.module} ends the engine process (${facts.cause}); mend the module, or take the file out of the dataset`,
  ),
  // Inspecting and verifying.
  'path-unknown': kind(
    78,
    'What was given to inspect is neither a model, nor data, nor an output folder, as far as names and first bytes tell.',
    'Give the path of a model, of data, or of an output folder.',
    (facts: { readonly path: string; readonly message: string }) =>
      `${facts.path}: ${facts.message}; inspect takes an ONNX model (a file or the folder of one), data (.parquet .csv .jsonl .arrow files, a folder or a glob of them), or an output folder`,
  ),
  'output-absent': kind(
    66,
    'There is no result of scoremill in the folder.',
    'Give the folder that a run wrote to.',
    (facts: { readonly output: string; readonly message: string }) =>
      `${facts.output}: ${facts.message}; give the folder that a run wrote to (output.path of the job, or --output)`,
  ),
  'output-unfinished': kind(
    80,
    'The output folder holds a run that has not finished, so there is no result to verify.',
    'Start the same run again to finish it, or wait until the one that is writing is done.',
    (facts: {
      readonly output: string;
      readonly runId: string | null;
      readonly doneSplits: number;
      readonly holder: string | null;
    }) => {
      const run = facts.runId === null ? 'a run' : `run ${facts.runId}`;
      const done = `${facts.doneSplits} split${facts.doneSplits === 1 ? '' : 's'} done`;
      return facts.holder === null
        ? `${facts.output} is unfinished: ${run} ended with ${done} and published nothing; start the same run again to finish it`
        : `${facts.output} is unfinished: ${run} has ${done} and is being written by ${facts.holder}; wait until it is done`;
    },
  ),
  'check-failed': kind(
    80,
    'A result is not what its manifest says: a file is missing, was changed or does not belong to it, or its counts do not add up.',
    'Restore the file from a backup, or score again with --if-exists replace. Do not edit files in an output folder.',
    (facts: { readonly output: string; readonly check: string; readonly problem: string }) =>
      `${facts.output}: ${facts.check}: ${facts.problem}`,
  ),
  'rescore-changed': kind(
    66,
    'What a result was made from has changed since or is gone, so its rows cannot be scored again and compared.',
    'Put the files back as they were, or verify without --rescore.',
    (facts: { readonly output: string; readonly changes: readonly string[] }) =>
      `${facts.output} cannot be scored again, because what it was made from has changed:\n${facts.changes
        .slice(0, 20)
        .map((change) => `  ${change}\n`)
        .join(
          '',
        )}${facts.changes.length > 20 ? `  and ${facts.changes.length - 20} more\n` : ''}put the files back as they were (sizes and times of modification included), or verify without --rescore`,
  ),
};
