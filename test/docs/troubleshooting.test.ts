// docs/troubleshooting.md is what the code says. `make docs` runs this with --update, which writes the page.
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { describeFailure, type Failure, failureKinds } from '../../src/core/failure.ts';
import { rejectReasons } from '../../src/core/reject-reasons.ts';
import { sampleFailures } from './sample-failures.ts';
import { troubleshootingPage } from './troubleshooting-page.ts';

const path = resolve(import.meta.dirname, '../../docs/troubleshooting.md');
const reasons = Object.keys(failureKinds) as (keyof typeof failureKinds)[];

describe('docs/troubleshooting.md', () => {
  it('is what the code says; make docs writes it', async () => {
    await expect(troubleshootingPage(sampleFailures)).toMatchFileSnapshot(path);
  });

  it('has an entry for every exit code, every failure and every reason of a reject', () => {
    const page = troubleshootingPage(sampleFailures);
    for (const code of Object.keys(exitCodes)) expect(page).toMatch(new RegExp(`^\\| (\\[${code}\\]|${code} )`, 'm'));
    for (const reason of reasons) expect(page).toContain(`\n### ${reason}\n`);
    for (const reason of Object.keys(rejectReasons)) expect(page).toContain(`\n| \`${reason}\` | `);
  });
});

describe('the sentence of a failure', () => {
  /** They say what and where; what to do is said once for all of them, below the list in which they stand. */
  const said = new Set(['check-failed', 'job-invalid', 'usage']);
  const nextStep = /; |\. [A-Z]|: (run|free)|, please report|Did you mean|undo|\n(use|put)/;

  it.each(reasons.filter((reason) => !said.has(reason)))('%s ends with the next step', (reason) => {
    const text = describeFailure({ reason, ...sampleFailures[reason] } as Failure);
    expect(text).toMatch(nextStep);
    expect(text).not.toMatch(/undefined|\[object|[.;]$/);
  });

  it.each(reasons)('%s is explained, with what to do', (reason) => {
    const { explain, remedy } = failureKinds[reason];
    expect(explain).toMatch(/^[A-Z].*\.$/s);
    expect(remedy).toMatch(/^[A-Z].*\.$/s);
    expect(remedy).not.toBe(explain);
  });
});
