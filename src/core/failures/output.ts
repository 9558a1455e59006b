// Ways in which an output folder cannot be used.
import { kind, listed } from './failure-kind.ts';

const nextStepOfCode: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free some space',
  EDQUOT: 'the quota is used up: free some space',
  EFBIG: 'a file may not become so large: raise the limit (ulimit -f), or write smaller parts (--rows-per-file)',
  EMFILE: 'too many files are open: raise the limit (ulimit -n)',
  ENFILE: 'too many files are open on this machine: raise its limit',
  EIO: 'the disk reported an error: check it',
  EXDEV: 'the output folder and its _scoremill folder must be on one file system: undo the mount between them',
  ENOENT: 'it is gone: make sure that nothing else changes the folder',
};

const dateOf = (ms: number): string => new Date(ms).toISOString();

export const outputFailures = {
  io: kind(
    74,
    'A file could not be read or written: full disk, broken disk, lost network mount, too many open files. Finished splits are kept.',
    'Remove the cause (free space, mount the disk, raise the limit), then run the same command again: it goes on where it ended.',
    (facts: { readonly operation: string; readonly path: string; readonly code: string; readonly message: string }) =>
      `cannot ${facts.operation} ${facts.path}: ${facts.message}; ${nextStepOfCode[facts.code] ?? 'remove the cause'}, then run the same command again: finished splits are kept`,
  ),
  'permission-denied': kind(
    77,
    'The user that runs scoremill may not do this to a file or folder, or the file system is read-only.',
    'Change the owner or the mode of the file or folder, or run as a user who may. In a container, mount the output folder writable for its user.',
    (facts: { readonly operation: string; readonly path: string; readonly code: string }) =>
      facts.code === 'EROFS'
        ? `cannot ${facts.operation} ${facts.path}: its file system is read-only; give an output folder on another one`
        : `cannot ${facts.operation} ${facts.path}: permission denied (${facts.code}); change its owner or mode, or run as a user who may`,
  ),
  'output-not-a-folder': kind(
    73,
    'The output path, or a folder above it, is a file.',
    'Give an output folder whose parents are folders.',
    (facts: { readonly output: string; readonly path: string }) =>
      facts.path === facts.output
        ? `output ${facts.output} is a file; give a folder`
        : `output ${facts.output} cannot be created: ${facts.path} is not a folder; give another output folder`,
  ),
  'output-symlink': kind(
    73,
    'A name that scoremill writes to inside the output folder is a symbolic link, and would lead out of it.',
    'Remove the link, or give another output folder.',
    (facts: { readonly path: string }) =>
      `${facts.path} is a symbolic link, and scoremill writes nothing through one; remove it, or give another output folder`,
  ),
  'output-foreign': kind(
    73,
    'The output folder holds files that scoremill did not write. They would read as part of the result.',
    'Move the files away, or give a folder of its own to each result.',
    (facts: { readonly output: string; readonly names: readonly string[] }) =>
      `output ${facts.output} holds files that are not part of a result of scoremill: ${listed(facts.names)}; move them away, or give another output folder`,
  ),
  'output-not-of-slices': kind(
    73,
    'The folder that the slices of a dataset share holds something else: the slices of another number, or a whole result. Together they would read as too many rows.',
    'Move what does not belong there away, give another output folder, or give each run of the array the same --slice-count.',
    (facts: { readonly output: string; readonly count: number; readonly names: readonly string[] }) =>
      `output ${facts.output} is shared by ${facts.count} slices, and holds ${listed(facts.names)} besides; move them away, or give another output folder`,
  ),
  'output-complete': kind(
    73,
    'The output folder already holds a complete result, and the job says not to replace it.',
    'Use --if-exists replace to score again, skip to leave it alone, or another output folder.',
    (facts: { readonly output: string; readonly runId: string; readonly finishedMs: number }) =>
      `output ${facts.output} already holds a complete result (run ${facts.runId}, finished ${dateOf(facts.finishedMs)}); use --if-exists replace to replace it, or give another output folder`,
  ),
  'output-damaged': kind(
    73,
    'The output folder holds a complete result of which files are missing or changed.',
    'Use --if-exists replace to score again, or put the files back; `scoremill verify DIR` lists what is wrong.',
    (facts: { readonly output: string; readonly lost: readonly string[] }) =>
      `output ${facts.output} holds a complete result, but ${listed(facts.lost)} is missing or has another size; use --if-exists replace to score again, or put the files back`,
  ),
  'output-differs': kind(
    73,
    'The output folder holds a complete result of another job, model or input.',
    'Use --if-exists replace if the new result should take its place, or another output folder, such as one with {{ ds }} in its path.',
    (facts: { readonly output: string; readonly changes: readonly string[] }) =>
      `output ${facts.output} holds a complete result of another job, model or input:\n${facts.changes
        .slice(0, 20)
        .map((change) => `  ${change}\n`)
        .join('')}use --if-exists replace to replace it, or give another output folder`,
  ),
  'append-differs': kind(
    73,
    'A run was to add to a result that another job or model made (output.ifExists: append). Rows of two kinds would stand side by side.',
    'Undo the change, score everything anew with --if-exists replace, or give another output folder. A dataset that grows is one folder, or one quoted pattern that covers every night.',
    (facts: { readonly output: string; readonly changes: readonly string[] }) =>
      `output ${facts.output} holds a result of another job or model, and rows of this one do not belong beside it:\n${facts.changes
        .slice(0, 20)
        .map((change) => `  ${change}\n`)
        .join(
          '',
        )}undo the change, use --if-exists replace to score everything anew, or give another output folder${facts.changes.some((change) => change.startsWith('dataset.path')) ? '. The dataset of a result that grows is one folder or one quoted pattern that covers every night, such as "data/*/*.parquet"' : ''}`,
  ),
  'append-columns': kind(
    73,
    'A run was to add to a result (output.ifExists: append), and its parts would have other columns than those that are there.',
    'Write the new files with the columns of the older ones, name the columns to carry along (--keep), or score everything anew with --if-exists replace.',
    (facts: { readonly output: string; readonly changes: readonly string[] }) =>
      `output ${facts.output} has other columns than the new shards give:\n${facts.changes
        .slice(0, 20)
        .map((change) => `  ${change}\n`)
        .join(
          '',
        )}use --if-exists replace to score everything anew, write the new files with the columns of the older ones, or name the columns to carry along (--keep)`,
  ),
  'append-moved': kind(
    73,
    'A run was to add to a result (output.ifExists: append), and files that were scored before have another name now. Their rows would stand in the result twice.',
    'Give the files their names back, or score everything anew with --if-exists replace.',
    (facts: { readonly output: string; readonly moved: readonly { readonly from: string; readonly to: string }[] }) =>
      `output ${facts.output} has the rows of ${listed(facts.moved.map(({ from, to }) => `${to} already, from when it was ${from}`))}; rename what was renamed back, or use --if-exists replace to score everything anew`,
  ),
  'append-gone': kind(
    73,
    'A run was to add to a result (output.ifExists: append), and a shard that changed shares a part with one that is no longer there. The part cannot be made anew without losing rows.',
    'Put the file back that is gone, or score what is there anew with --if-exists replace.',
    (facts: {
      readonly output: string;
      readonly part: string;
      readonly changed: readonly string[];
      readonly gone: readonly string[];
    }) =>
      `output ${facts.output}: ${facts.part} holds rows of ${listed(facts.changed)}, of which some changed, and of ${listed(facts.gone)}, which is gone; put it back, or use --if-exists replace to score what is there anew`,
  ),
  'resume-mismatch': kind(
    73,
    'The output folder holds an unfinished run of another job, model or input. Resuming it would mix two results.',
    'Undo the change to resume the run, or start over with --fresh.',
    (facts: { readonly output: string; readonly changes: readonly string[] }) =>
      `output ${facts.output} holds an unfinished run that differs from this one:\n${facts.changes.map((change) => `  ${change}\n`).join('')}undo the change to resume it, or run with --fresh to start over`,
  ),
  locked: kind(
    75,
    'Another run is writing to the output folder, or left its lock where it cannot be seen whether it still runs.',
    'Wait for the other run, or stop it. The lock of a run that died elsewhere is taken over by itself once it gave no sign of life for --take-over-after (60 s); where it cannot give signs, use --steal-lock when its host or container is gone for certain.',
    (facts: {
      readonly output: string;
      readonly lock: string;
      /** Null when the lock file cannot be read. */
      readonly holder: { readonly pid: number; readonly host: string; readonly createdMs: number } | null;
      /** Whether the holder is known to run: seen on the same host, in the same container, or by a sign that it gave. */
      readonly alive: boolean;
    }) => {
      const { holder } = facts;
      if (holder === null) {
        return `output ${facts.output} is locked, and ${facts.lock} does not say by whom; if no run is active, run with --steal-lock`;
      }
      const who = `process ${holder.pid} on host ${holder.host} since ${dateOf(holder.createdMs)}`;
      return facts.alive
        ? `output ${facts.output} is in use by ${who}; wait until it is done, or stop it`
        : `output ${facts.output} is locked by ${who}, which cannot be seen from here; wait until it is done or, if it is gone, run with --steal-lock`;
    },
  ),
  'lock-lost': kind(
    75,
    'While this run was going on, its lock was taken over, or removed: by --steal-lock, or because this run gave no sign of life for too long, as when its machine was suspended. It publishes nothing more.',
    'Wait until the other run is done. Never use --steal-lock while a run may be alive.',
    (facts: { readonly output: string; readonly lock: string }) =>
      `the lock ${facts.lock} is no longer held by this run: another one took it over; this run publishes nothing more, wait until the other one is done`,
  ),
  'manifest-damaged': kind(
    74,
    'A manifest cannot be read: it was changed by hand, damaged on the disk, or written by another version of scoremill.',
    'Restore the file from a backup, or move the folder away and score again.',
    (facts: { readonly path: string; readonly message: string }) =>
      `${facts.path} cannot be trusted: ${facts.message}; restore it, or move the folder away and score again`,
  ),
  'parts-lost': kind(
    80,
    'A finished split has no part, or another one than it wrote. Nothing was published.',
    'Run the same command again: the splits of the lost parts are scored once more.',
    (facts: { readonly output: string; readonly problems: readonly string[] }) =>
      `output ${facts.output} was not published, parts are missing or were changed: ${listed(facts.problems)}; run the same command again to score their splits once more`,
  ),
};
