// Where a job runs must not matter: any working directory, and paths with whatever letters a file system takes.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runCli } from '../run-cli.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { resultOf } from './result.ts';

const root = resolve(import.meta.dirname, '../..');

describe.each([
  { letters: 'spaces and quotes', name: `it's  "quoted"` },
  { letters: 'glob letters', name: 'a[b]{c}*d?' },
  { letters: 'letters of other scripts, a newline, dollar and percent signs', name: 'Zürich 山 🏔\n$HOME %20' },
])('a path with $letters', ({ name }) => {
  // One job of each format.
  test.each(['digits-pixels', 'digits', 'recommendation', 'text-classification'])('%s', async (job) => {
    const here = join(temporaryFolder(), name);
    mkdirSync(join(here, 'jobs'), { recursive: true });
    const sample = job.replace('-pixels', '');
    cpSync(join(root, 'sample-data', sample), join(here, 'sample-data', sample), { recursive: true });
    // The glob of the job starts at the job file, whose own folder is taken as it stands.
    writeFileSync(join(here, 'jobs/job.yaml'), readFileSync(join(root, 'jobs', `${job}.yaml`)));

    const out = join(here, 'out');
    const { exitCode, stdout, stderr } = await runCli(
      ['run', 'jobs/job.yaml', '--output', 'out', '--quiet', '--json'],
      {
        folder: here,
      },
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const { scored, output } = JSON.parse(stdout);
    expect({ rows: (await resultOf(out).rows()).length, output }).toEqual({ rows: scored, output: out });
    const [reject] = await resultOf(out).rejects();
    if (reject !== undefined) expect(String(reject.shard).startsWith(here)).toBe(true);
  });
});

test('a read-only working directory does not matter', async ({ skip }) => {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'scoremill-read-only-'));
  const out = join(temporaryFolder(), 'out');
  const isMounted =
    process.platform === 'linux' && spawnSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', folder]).status === 0;
  if (!isMounted) chmodSync(folder, 0o555);
  onTestFinished(() => {
    if (isMounted) spawnSync('umount', [folder]);
    rmdirSync(folder);
  });
  if (!isMounted && process.getuid?.() === 0) skip('root may write everywhere, and may not mount');
  const job = join(root, 'jobs/text-classification.yaml');
  const { exitCode, stderr } = await runCli(['run', job, '--output', out, '--quiet'], { folder });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect((await resultOf(out).rows()).length).toBe(1997);
});
