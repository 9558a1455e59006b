// What an error of DuckDB in the middle of a shard means to the user: which file, what DuckDB said, what to do next.
import { ioCodeOf, messageOf } from '../core/duckdb.ts';
import { type Failure, failuresOf, ioFailure } from '../core/failure.ts';
import { listed } from '../core/failures/failure-kind.ts';

/**
 * The failure behind an error thrown while rows of `paths` were read. Failures stay what they are; an error that DuckDB did not
 * raise is a bug of ours and comes back as `internal`.
 */
export function explainReadError(error: unknown, paths: readonly string[]): Failure {
  if (!(error instanceof Error) || !isOfDuckdb(error)) return failuresOf(error)[0];
  const named = paths.filter((path) => error.message.includes(path));
  const suspects = named.length > 0 ? named : paths;
  const path = suspects.length === 1 ? suspects[0] : `one of ${listed(suspects, 3)}`;
  const message = messageOf(error);
  if (error.message.startsWith('Out of Memory Error')) return { reason: 'shard-exceeds-memory', path, message };
  const code = ioCodeOf(error);
  if (code !== undefined && ofMachine.test(error.message)) {
    // What is spilled goes beside the output: the words of the error name the file where it is not the shard.
    return ioFailure({ operation: 'read', path, code, message });
  }
  return { reason: 'shard-unreadable', path, message: `cannot be read: ${message}` };
}

/** Errors of the disk or of a limit, which may pass; all other IO errors are about what a file holds. */
const ofMachine =
  /no space left|quota|file too large|too many open files|input\/output error|permission denied|read-only|stale file/i;

/** DuckDB begins its messages with the class of the error: `Invalid Input Error: ...`, `INTERNAL Error: ...`. */
export const isOfDuckdb = (error: Error): boolean => /^[A-Z][\w ]*Error: /.test(error.message);
