// Ways in which a run ends without a result.
import { kind, listed } from './failure-kind.ts';

export const runFailures = {
  internal: kind(
    70,
    'A bug in scoremill: please report it with the lines it printed.',
    (facts: { readonly message: string; readonly stack: string }) =>
      `internal error: ${facts.message}; this is a bug in scoremill, please report it with the lines below\n${facts.stack}`,
  ),
  interrupted: kind(
    143,
    'The run was told to stop (SIGTERM: 143, SIGINT: 130). Finished splits are kept; the same command goes on from there.',
    () => 'the run was interrupted; run the same command again to finish it',
  ),
  'over-budget': kind(
    65,
    'More rows were rejected than the job allows. Nothing was published; finished splits are kept.',
    (facts: {
      readonly rejected: number;
      readonly budget: string;
      readonly first: readonly string[];
      readonly rejectsPath: string;
    }) =>
      `${facts.rejected} rows were rejected and the budget is ${facts.budget}: ${facts.first.join('; ')}${facts.rejected > facts.first.length ? '; ...' : ''}. All of them are in ${facts.rejectsPath}. Mend the rows, or allow for them with --budget ${facts.rejected} (or a share, --budget 1%) and run the same command again: finished splits are kept`,
  ),
  'engine-died': kind(
    70,
    'The engine process, where all native code runs, ended by itself: a crash in a native library, or too little memory.',
    (facts: { readonly when: string; readonly cause: string; readonly lastWords: string }) =>
      `the engine process died ${facts.when} (${facts.cause})${facts.cause.includes('SIGKILL') ? ': probably killed for memory; give it more, or a lower --memory' : ''}${facts.lastWords === '' ? '' : `\n${facts.lastWords}`}`,
  ),
  'split-crashes-reader': kind(
    66,
    'Reading a split ends the engine process, whatever rows are scored: its file is damaged in a way that the reader does not survive.',
    (facts: { readonly paths: readonly string[]; readonly cause: string }) =>
      `reading ${listed(facts.paths)} ends the engine process (${facts.cause}); take the file out of the dataset, or write it anew`,
  ),
};
