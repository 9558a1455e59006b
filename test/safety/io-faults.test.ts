// Every file operation of a run fails, one after the other, once and for good, as SQLite tests itself: the run says which path
// and what to do, or gets through; and when the cause is gone the same command ends with the bytes of an undisturbed run.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type CliOptions, runCli } from '../run-cli.ts';
import { publishedIn } from './published.ts';
import { eachOf, isFull, sampled, sweep } from './sweep.ts';
import { type TinyJob, writeTinyJob } from './tiny-job.ts';

const codes = ['ENOSPC', 'EIO', 'EMFILE', 'EACCES', 'EROFS'] as const;

interface IoFault {
  readonly role: string;
  /** Counted by each process and thread from 1. */
  readonly operation: number;
  /** `fsync /out/_scoremill/ledger.jsonl`. */
  readonly label: string;
  readonly code: (typeof codes)[number];
  readonly lasting: boolean;
}

let folder = '';
let job: TinyJob;
let expected: object;
let operations: readonly Pick<IoFault, 'role' | 'operation' | 'label'>[];

const logOf = (out: string): string => join(out, '../io.log');

function withIoFault(out: string, fault: IoFault | null): CliOptions {
  const at = fault === null ? null : { role: fault.role, operation: fault.operation };
  const folders = [join(out, '..'), join(folder, 'job')];
  const told = { folders, log: logOf(out), at, code: fault?.code, lasting: fault?.lasting };
  return {
    environment: {
      NODE_OPTIONS: `--import=${resolve(import.meta.dirname, 'io-fault.mjs')}`,
      IO_FAULT: JSON.stringify(told),
    },
  };
}

beforeAll(async () => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'scoremill-'));
  job = writeTinyJob(join(folder, 'job'));
  const out = join(folder, 'undisturbed/out');
  mkdirSync(join(out, '..'));
  const { exitCode, stderr } = await runCli(job.words(out), withIoFault(out, null));
  expect(exitCode, stderr).toBe(0);
  expected = publishedIn(out);
  operations = readFileSync(logOf(out), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [role, operation, ...label] = line.split(' ');
      return { role, operation: Number(operation), label: label.join(' ') };
    });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** In the full sweep every operation meets one code once and another for good; the codes take turns. */
function faults(): readonly IoFault[] {
  const all = operations.flatMap((one, i) =>
    [false, true].map((lasting, k): IoFault => ({ ...one, lasting, code: codes[(i + 2 * k) % codes.length] })),
  );
  return sampled(all, 12);
}

describe('a disk that fails', () => {
  sweep(
    'a file operation that fails, once or for good, is named with the next step or survived; then the same command ends with the same bytes',
    async (counts) => {
      Object.assign(counts, { operations: operations.length, faults: 0, refused: 0, reports: 0 });
      await eachOf(faults(), async (fault, index) => {
        const out = join(folder, String(index), 'out');
        mkdirSync(join(out, '..'));
        const { exitCode, signal, stderr } = await runCli(job.words(out), withIoFault(out, fault));
        expect(signal, stderr).toBe(null);
        expect([0, 66, 73, 74, 77], stderr).toContain(exitCode);
        expect(stderr).not.toMatch(/\n {4}at |internal error/);
        if (existsSync(logOf(out))) counts.faults++;
        if (exitCode !== 0) {
          counts.refused++;
          expect(existsSync(join(out, '_SUCCESS')) && stderr === '', stderr).toBe(false);
          expect(stderr, stderr).toMatch(new RegExp(`error: .*${folder}.*[;,] .+`));
        }
        const again = await runCli(job.words(out));
        expect(again.exitCode, again.stderr).toBe(0);
        // A result is complete without its report; the next step that is told makes it.
        if (stderr.includes(`scoremill report ${out} makes it`)) {
          counts.reports++;
          expect(await runCli(['report', out])).toMatchObject({ exitCode: 0 });
        }
        expect(publishedIn(out)).toEqual(expected);
        rmSync(join(out, '..'), { recursive: true });
      });
      if (isFull) expect(counts.refused).toBeGreaterThan(operations.length);
    },
  );
});
