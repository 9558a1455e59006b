// Every way to fail, listed once: its facts, its sentence, its exit code. The tables live beside this file by subject
// (`failures/`); a failure is plain data, so it crosses threads, processes and the disk without loss.
import { bindingFailures } from './failures/binding.ts';
import { dataFailures } from './failures/data.ts';
import { jobFailures } from './failures/job.ts';
import { modelFailures } from './failures/model.ts';
import { outputFailures } from './failures/output.ts';
import { runFailures } from './failures/run.ts';

export const failureKinds = {
  ...jobFailures,
  ...modelFailures,
  ...dataFailures,
  ...bindingFailures,
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
  const cause = error instanceof Error ? error : new Error(String(error));
  return [{ reason: 'internal', message: cause.message, stack: cause.stack ?? '' }];
}
