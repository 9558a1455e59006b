// The image of the Dockerfile, built and run for real: what is in it, as whom it runs, and what becomes of a run that is stopped
// or killed. Only with SCOREMILL_EXAMPLES=full (`make test-examples`): the build takes minutes.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resultOf } from '../end-to-end/result.ts';

const root = resolve(import.meta.dirname, '../..');
const programs = ['buildah', 'podman', 'mmdebstrap', 'runc'];
const missing = programs.filter((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0);
const canRun = process.env.SCOREMILL_EXAMPLES === 'full' && process.getuid?.() === 0 && missing.length === 0;
if (process.env.SCOREMILL_EXAMPLES === 'full' && !canRun)
  console.warn(`skipped: tests of the image (they need root and ${missing.join(', ') || programs.join(', ')})`);

/** Kept: the base image in it takes minutes to make. */
const storage = process.env.SCOREMILL_EXAMPLES_STORAGE ?? join(tmpdir(), 'scoremill-images');
const day = '2024-03-01';
const user = 1000;
/** Most of it is the wait for other work on the machine. */
const patience = 600_000;

describe.skipIf(!canRun)('the image', () => {
  let image = '';
  /** What a volume for it holds: job files, data, and room for the scores; it belongs to its user. */
  let work = '';
  const started: ChildProcess[] = [];

  beforeAll(() => {
    image = execFileSync(join(root, 'test/examples/build-image.sh'), [storage], { encoding: 'utf8' }).trim();
    work = mkdtempSync(join(realpathSync(tmpdir()), 'scoremill-'));
    for (const name of ['examples', 'jobs', 'sample-data'])
      cpSync(join(root, name), join(work, name), { recursive: true, filter: (path) => !path.includes('node_modules') });
    execFileSync('chown', ['-R', `${user}:${user}`, work]);
  }, 1_800_000);
  afterAll(() => {
    for (const one of started) one.kill('SIGKILL');
    rmSync(work, { recursive: true, force: true });
  });

  const podman = ['--root', storage, '--storage-driver', 'overlay', '--runtime', 'runc'];
  /** As the manifests for Kubernetes have it: nothing can be written but the volume, nothing gained, no network. */
  const options = (...more: string[]): readonly string[] => [
    ...['run', '--rm', '--network=none', '--read-only', '--read-only-tmpfs=false', '--cap-drop=all'],
    ...['--security-opt=no-new-privileges', '--ulimit=nofile=1024:1024', '--ulimit=nproc=4096:4096', ...more],
    ...['-v', `${work}:/work`],
  ];
  const run = (words: readonly string[], ...more: string[]) =>
    spawnSync('podman', [...podman, ...options(...more), image, ...words], { encoding: 'utf8' });
  const start = (words: readonly string[], ...more: string[]) => {
    const child = spawn('podman', [...podman, ...options(...more), image, ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    started.push(child);
    const output = Promise.all([text(child.stdout), text(child.stderr)]);
    const exited = new Promise<number | null>((done) => child.on('close', done));
    return {
      child,
      ended: Promise.all([exited, output]).then(([exitCode, [stdout, stderr]]) => ({ exitCode, stdout, stderr })),
    };
  };
  const shell = (script: string): string => {
    const { status, stdout, stderr } = run(['-c', script], '--entrypoint', 'sh');
    expect(status, stderr).toBe(0);
    return stdout;
  };
  const nightly = (...more: string[]): readonly string[] => ['run', 'examples/nightly.yaml', '--date', day, ...more];
  /** Enough splits to be stopped between two of them. */
  const slow = ['--batch-rows', '512', '--rows-per-file', '512', '--workers', '1', '--take-over-after', '2s'];

  it(
    'has what a run needs: this system, one locale, tini, a user without rights',
    () => {
      expect(
        shell(
          'id -u; cat /proc/1/comm; locale -a | grep -i en_us; ls /app; ls -d /app/node_modules/onnxruntime-node/bin/*/*/*',
        ),
      ).toMatch(/^1000\nsh\nen_US\.utf8\nLICENSE\ndist\nnode_modules\npackage\.json\n\S+\/linux\/(x64|arm64)\n$/);
      expect(shell('ls /app/node_modules').split('\n')).not.toContain('typescript');
      expect(shell('touch /x /app/x /tmp/x 2>&1 || true').match(/Read-only file system/g)).toHaveLength(3);
      expect(run([]).stdout).toContain('scoremill COMMAND');
      const { stdout } = run(['--version']);
      expect(stdout.trim()).toBe(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version);
    },
    patience,
  );

  it(
    'scores the example, and leaves word where Airflow and Kubernetes look for it',
    async () => {
      const xcom = join(work, '.xcom');
      const message = join(work, '.message');
      mkdirSync(xcom);
      writeFileSync(message, '');
      for (const path of [xcom, message]) chmodSync(path, 0o777);
      const places = ['-v', `${xcom}:/airflow/xcom`, '-v', `${message}:/dev/termination-log`];
      const { status, stderr } = run(nightly(), ...places);
      expect(status, stderr).toBe(0);
      const rows = await resultOf(join(work, 'out/nightly', day)).rows();
      expect(JSON.parse(readFileSync(join(xcom, 'return.json'), 'utf8'))).toMatchObject({
        verdict: 'complete',
        output: `/work/out/nightly/${day}`,
        scored: rows.length,
      });
      expect(readFileSync(message, 'utf8')).toMatch(/^complete: \d+ rows scored into /);
      const refused = run(nightly('--if-exists', 'fail'), ...places);
      expect(refused.status).toBe(73);
      expect(readFileSync(message, 'utf8')).toMatch(
        /^output \/work\/out\/nightly\/\S+ already holds a complete result/,
      );
      expect(run(['runn'], ...places).status).toBe(64);
      expect(readFileSync(message, 'utf8')).toBe('unknown command "runn". Did you mean "run"?');
    },
    patience,
  );

  it(
    'scores a model with text operators',
    async () => {
      const { status, stderr } = run(['run', 'jobs/text-classification.yaml', '--output', 'out/text']);
      expect(status, stderr).toBe(0);
    },
    patience,
  );

  it(
    'stops when it is told to, and goes on',
    async () => {
      const output = join(work, 'out/stopped');
      const first = start(nightly('--output', 'out/stopped', ...slow), '--name', 'scoremill-stopped');
      await splitsDone(output, 3);
      const askedMs = performance.now();
      execFileSync('podman', [...podman, 'stop', '--time', '30', 'scoremill-stopped']);
      const { exitCode, stderr } = await first.ended;
      expect(exitCode, stderr).toBe(143);
      expect(performance.now() - askedMs).toBeLessThan(25_000);
      const again = run(nightly('--output', 'out/stopped', ...slow, '--result-line', '--quiet'));
      expect(again.status, again.stderr).toBe(0);
      expect(JSON.parse(again.stdout).resumedSplits).toBeGreaterThanOrEqual(3);
    },
    patience,
  );

  it(
    'can be stopped in every command',
    async () => {
      // A pipe that nobody writes to: whoever reads it waits.
      execFileSync('mkfifo', ['-m', '666', join(work, 'endless.yaml')]);
      const waiting = start(['plan', 'endless.yaml'], '--name', 'scoremill-waiting');
      await wait(3000);
      const askedMs = performance.now();
      execFileSync('podman', [...podman, 'stop', '--time', '30', 'scoremill-waiting']);
      await waiting.ended;
      expect(performance.now() - askedMs).toBeLessThan(15_000);
    },
    patience,
  );

  it(
    'that is killed is finished by the next container',
    async () => {
      const output = join(work, 'out/killed');
      const first = start(nightly('--output', 'out/killed', ...slow), '--name', 'scoremill-killed');
      await splitsDone(output, 3);
      execFileSync('podman', [...podman, 'kill', '--signal', 'KILL', 'scoremill-killed']);
      expect((await first.ended).exitCode).toBe(137);
      const again = run(nightly('--output', 'out/killed', ...slow, '--result-line', '--quiet'));
      expect(again.status, again.stderr).toBe(0);
      expect(JSON.parse(again.stdout).resumedSplits).toBeGreaterThanOrEqual(3);
    },
    patience,
  );

  it(
    'scores the slices of an indexed job in containers at the same time',
    async () => {
      const slices = [0, 1, 2].map((index) =>
        start(
          nightly('--output', 'out/array', '--quiet', '--result-line'),
          ...['-e', `SCOREMILL_SLICE_INDEX=${index}`, '-e', 'SCOREMILL_SLICE_COUNT=3'],
        ),
      );
      const ended = await Promise.all(slices.map((slice) => slice.ended));
      expect(ended.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
      const lines = ended.map(({ stdout }) => JSON.parse(stdout));
      expect(lines.map(({ output }) => output)).toEqual([0, 1, 2].map((i) => `/work/out/array/slice-${i}-of-3`));
      expect(lines.reduce((sum, { rows }) => sum + rows, 0)).toBe(60_000);
      const whole = await resultOf(join(work, 'out/nightly', day)).rows();
      expect(lines.reduce((sum, { scored }) => sum + scored, 0)).toBe(whole.length);
    },
    patience,
  );
});

/** Waits until a run's ledger has so many splits. */
async function splitsDone(output: string, count: number): Promise<void> {
  const ledger = join(output, '_scoremill/ledger.jsonl');
  for (let tries = 0; tries < 36_000; tries++) {
    try {
      if (readFileSync(ledger, 'utf8').split('"outcome"').length > count) return;
    } catch {
      // Not there yet.
    }
    await wait(5);
  }
  throw new Error(`${ledger} did not come to have ${count} splits`);
}
