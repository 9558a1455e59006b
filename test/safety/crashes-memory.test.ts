// The kernel kills the engine for memory in a control group with a limit, as it does in a container: the row that asks for so
// much is rejected, and the supervisor, which needs little, lives on.
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect } from 'vitest';
import { startRun } from '../end-to-end/started-run.ts';
import { hungryModel } from '../model/hungry-model.ts';
import { memoryGroup } from './memory-cgroup.ts';
import { deathsOf, expectIsolated, type PoisonedModel, writeJob } from './poisoned-job.ts';
import { sweep } from './sweep.ts';

const limitBytes = 700 * 2 ** 20;
const group = process.platform === 'linux' ? memoryGroup(`scoremill-test-${process.pid}`, limitBytes) : null;
if (group === null) console.warn('skipped: tests that need a control group of their own with a memory limit');
const folder = mkdtempSync(join(realpathSync(tmpdir()), 'scoremill-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  group?.remove();
});

const hungry: PoisonedModel = {
  bytes: hungryModel(),
  good: (id) => ({ a: String(id), b: '3', y: id }),
  /** As float32 a gigabyte. */
  bad: { a: '0', b: String(2 ** 28) },
};

describe.skipIf(group === null)('in a control group', () => {
  sweep(
    'A row for which the kernel kills the engine for memory is rejected, and all others are scored',
    async (counts) => {
      const job = writeJob(join(folder, 'job'), hungry, 2, [13]);
      const run = startRun(job.words('--workers', '2', '--budget', '1'), {
        through: group!.through,
        timeoutMs: 200_000,
      });
      await run.until('run-started');
      expect(readFileSync(`/proc/${run.engine()}/oom_score_adj`, 'utf8')).toBe('500\n');
      const { exitCode, stderr } = await run.ended;
      expect(exitCode, stderr).toBe(0);
      await expectIsolated(job, 'crashed', 'the engine process died on this row (signal SIGKILL)');
      Object.assign(counts, { runs: 1, kills: deathsOf(run) });
    },
  );
});
