// Every way to fail, listed once: its facts, its sentence, its exit code. The tables live beside this file by subject
// (`failures/`); a failure is plain data, so it crosses threads, processes and the disk without loss.
import { bindingFailures } from './failures/binding.ts';
import { dataFailures } from './failures/data.ts';
import { jobFailures } from './failures/job.ts';
import { modelFailures } from './failures/model.ts';
import { outputFailures } from './failures/output.ts';
import { resultFailures } from './failures/result.ts';
import { runFailures } from './failures/run.ts';
import { transformFailures } from './failures/transform.ts';

export const failureKinds = {
  ...jobFailures,
  ...modelFailures,
  ...dataFailures,
  ...bindingFailures,
  ...resultFailures,
  ...transformFailures,
  ...outputFailures,
  ...runFailures,
};

type Kinds = typeof failureKinds;
export type Reason = keyof Kinds;
type FactsOf<R extends Reason> = Parameters<Kinds[R]['text']>[0];

/** One named way to fail, with its facts. */
export type Failure = { [R in Reason]: { readonly reason: R } & Readonly<FactsOf<R>> }[Reason];

/** The sentence a person reads: what, where, and the next step. */
export function describeFailure(failure: Failure): string {
  const text = failureKinds[failure.reason].text as (facts: Failure) => string;
  return text(failure);
}

export function exitCodeOf(failure: Failure): number {
  return failureKinds[failure.reason].exitCode;
}

/** Carries expected failures up to the seam that reports them: a worker's outcome, the engine's answer, the command. */
export class FailureError extends Error {
  readonly failures: readonly [Failure, ...Failure[]];

  constructor(...failures: readonly [Failure, ...Failure[]]) {
    super(failures.map(describeFailure).join('\n'));
    this.name = 'FailureError';
    this.failures = failures;
  }
}

/** What a caught value amounts to: the failures it carries, or a bug of ours as `internal`. */
export function failuresOf(error: unknown): readonly [Failure, ...Failure[]] {
  if (error instanceof FailureError) return error.failures;
  // Something failed, and then leaving it (an open ledger, a lock) did, too.
  if (error instanceof Error && 'suppressed' in error && 'error' in error)
    return [...failuresOf(error.suppressed), ...failuresOf(error.error)];
  if (isSystemError(error))
    return [
      ioFailure({ operation: error.syscall, path: error.path ?? 'a file', code: error.code, message: error.message }),
    ];
  const cause = error instanceof Error ? error : new Error(String(error));
  return [{ reason: 'internal', message: cause.message, stack: cause.stack ?? '' }];
}

interface SystemError extends Error {
  readonly code: string;
  readonly syscall: string;
  readonly path?: string;
}

/** Whether the operating system refused something. */
export const isSystemError = (error: unknown): error is SystemError =>
  error instanceof Error &&
  typeof (error as NodeJS.ErrnoException).syscall === 'string' &&
  (error as NodeJS.ErrnoException).code !== undefined;

/** What a refused operation on a file amounts to: a matter of rights, or of the disk. */
export function ioFailure(facts: Omit<Extract<Failure, { readonly reason: 'io' }>, 'reason'>): Failure {
  const { operation, path, code } = facts;
  const isOfRights = ['EACCES', 'EPERM', 'EROFS'].includes(code);
  return isOfRights ? { reason: 'permission-denied', operation, path, code } : { reason: 'io', ...facts };
}
