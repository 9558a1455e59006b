import { expect, it } from 'vitest';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { explain } from '../../src/cli/explain.ts';
import { failureKinds } from '../../src/core/failure.ts';
import { rejectReasons } from '../../src/core/reject-reasons.ts';

it('knows every exit code that a failure has', () => {
  const unknown = Object.entries(failureKinds).filter(([, { exitCode }]) => exitCodes[exitCode] === undefined);
  expect(unknown.map(([reason, { exitCode }]) => `${reason}: ${exitCode}`)).toEqual([]);
});

it('explains an exit code with the failures that end in it', () => {
  const text = explain('64');
  expect(text.split('\n')[0]).toBe('exit code 64: the command line is wrong');
  expect(text).toMatch(/^ {2}usage\n {4}The command line is wrong: an unknown command or option/m);
  expect(text).not.toContain('job-invalid');
});

it('explains one failure', () => {
  expect(explain('job-missing')).toBe(`job-missing (exit code 66)

The job file does not exist. Its path is taken from the working directory; without a job file,
--model, --dataset and --output are enough.

What to do: Check the path, and the working directory that the scheduler starts it in.`);
  expect(explain('JOB-MISSING')).toBe(explain('job-missing'));
});

it('explains the reason of a reject, and both where a failure has the same name', () => {
  expect(explain('malformed-line')).toMatch(
    /^malformed-line \(the reason of a reject\)\n\nA line of .*\n\nWhat to do: Mend/s,
  );
  expect(explain('text-empty')).toMatch(
    /^text-empty \(exit code 66\)\n\n.*\n\ntext-empty \(the reason of a reject\)\n\n/s,
  );
});

it('lists every code and every failure when none is asked for', () => {
  const text = explain();
  for (const code of Object.keys(exitCodes)) expect(text).toContain(`exit code ${code}: `);
  for (const reason of Object.keys({ ...failureKinds, ...rejectReasons })) expect(text).toContain(`\n  ${reason}\n`);
});

it.each([
  ['66x', 'unknown code "66x"; scoremill explain lists them all'],
  ['1', 'unknown code "1"; scoremill exits with 0, 64, 65, 66, 69, 70, 73, 74, 75, 77, 78, 80, 130, 143'],
  ['job-mising', 'unknown code "job-mising". Did you mean "job-missing"?'],
])('refuses %s', (code, message) => {
  expect(() => explain(code)).toThrow(message);
});
