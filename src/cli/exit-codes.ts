// Every exit code there is, in the words of sysexits.h where it has one: what it means, what to do, and whether the same
// command may end otherwise without anybody doing anything. Schedulers retry by the last.

export interface ExitCode {
  readonly meaning: string;
  readonly remedy: string;
  readonly retry: 'no' | 'yes' | 'later';
}

export const exitCodes: Readonly<Record<number, ExitCode>> = {
  0: {
    meaning: 'done, or the output is already complete',
    remedy: 'Nothing. Where "already complete" should be told apart, set --nothing-to-do-code.',
    retry: 'no',
  },
  64: {
    meaning: 'the command line is wrong',
    remedy:
      'Correct the option or the variable that the message names; `scoremill COMMAND --help` begins with examples.',
    retry: 'no',
  },
  65: {
    meaning: 'more rejects than the budget allows, or data that cannot be read',
    remedy: 'Look at `_scoremill/rejects.parquet`; mend the rows, or allow for as many with --budget.',
    retry: 'no',
  },
  66: {
    meaning: 'an input is missing',
    remedy: 'Check the path that the message names. In a scheduled run it may only be late.',
    retry: 'later',
  },
  69: {
    meaning: 'a remote service is unavailable',
    remedy: 'Try again later. No failure has this code as yet: scoring is offline.',
    retry: 'later',
  },
  70: {
    meaning: 'an internal error: a bug in scoremill',
    remedy: 'Run the same command again: finished splits are kept. Report it if it happens twice.',
    retry: 'yes',
  },
  73: {
    meaning: 'the output cannot be created',
    remedy: 'Give another output folder, or say what is to happen to the one that is there (--if-exists, --fresh).',
    retry: 'no',
  },
  74: {
    meaning: 'reading or writing failed',
    remedy: 'Remove the cause, such as a full disk, and run the same command again: finished splits are kept.',
    retry: 'yes',
  },
  75: {
    meaning: 'the output folder is locked by another run; try again later',
    remedy: 'Wait for the other run. Take the lock over with --steal-lock only when it is gone for certain.',
    retry: 'later',
  },
  77: {
    meaning: 'no permission',
    remedy: 'Change owner or mode of what the message names, or run as a user who may.',
    retry: 'no',
  },
  78: {
    meaning: 'the job file is wrong, or the model and the data do not fit each other',
    remedy: 'Follow the messages; `scoremill plan` checks again and writes nothing.',
    retry: 'no',
  },
  80: {
    meaning: 'a check failed: the output is staged and not published, or a published one is not what it was',
    remedy:
      'Follow the message: mostly something wrote to the input or the output meanwhile, and the same command goes on.',
    retry: 'yes',
  },
  130: {
    meaning: 'interrupted (SIGINT): workers finished their batches; the same command resumes',
    remedy: 'Run the same command again to finish.',
    retry: 'yes',
  },
  143: {
    meaning: 'ended (SIGTERM): workers finished their batches; the same command resumes',
    remedy: 'Run the same command again to finish.',
    retry: 'yes',
  },
};
