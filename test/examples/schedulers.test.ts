// The examples for cron, systemd and make, run as these run them: what is scored, what is said, and the exit code.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { resultOf } from '../end-to-end/result.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { placeCheckout } from './placed-checkout.ts';

const root = resolve(import.meta.dirname, '../..');
const examples = join(root, 'examples');
const isThere = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
const day = '2024-03-01';

/** A crontab of /etc/cron.d: its settings, and the line that is run, with the user taken off. */
function readCrontab(text: string) {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const settings = lines.flatMap((line) =>
    [...(/^(\w+)=(.*)$/.exec(line)?.slice(1) ?? [])].length > 0
      ? [line.split(/=(.*)/).slice(0, 2) as [string, string]]
      : [],
  );
  const [entry] = lines.filter((line) => !/^\w+=/.test(line));
  const [, schedule, user, command] = /^((?:\S+ ){5})(\S+) (.*)$/.exec(entry)!;
  // Cron's own rule: a % is a new line unless a backslash stands before it, which is taken away.
  return {
    schedule: schedule.trim(),
    user,
    command: command.replaceAll('\\%', '%'),
    settings: Object.fromEntries(settings),
  };
}

describe('the line for cron', () => {
  it('scores the day before in the environment that cron gives, and prints nothing', async () => {
    const { folder, place } = placeCheckout(temporaryFolder(), day);
    const { schedule, command, settings } = readCrontab(place(readFileSync(join(examples, 'cron/scoremill'), 'utf8')));
    expect(schedule).toBe('10 3 * * *');
    const start = () =>
      spawnSync(settings.SHELL, ['-c', command], {
        cwd: '/',
        env: { HOME: '/', LOGNAME: 'nobody', ...settings },
        encoding: 'utf8',
      });
    const first = start();
    expect(first).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect((await resultOf(join(folder, 'out/nightly', day)).rows()).length).toBeGreaterThan(500);

    // The same night once more while the first is at it: exit code 75, and one line that says who holds the lock.
    rmSync(join(folder, 'out/nightly', day), { recursive: true });
    const held = spawn(settings.SHELL, ['-c', `${command} --set run.workers=1 --batch-rows 512 --rows-per-file 512`], {
      cwd: '/',
      env: { HOME: '/', ...settings },
      stdio: 'ignore',
    });
    const lock = join(folder, 'out/nightly', day, '_scoremill/lock');
    while (!existsSync(lock)) await wait(10);
    const second = start();
    expect({ status: second.status, stdout: second.stdout }).toEqual({ status: 75, stdout: '' });
    expect(second.stderr).toMatch(/^error: output \S+ is in use by process \d+ on host \S+ since \S+; wait [^\n]+\n$/);
    held.kill('SIGTERM');
    await new Promise((done) => held.on('close', done));
  });

  const isFull = process.env.SCOREMILL_EXAMPLES === 'full';
  const canRunCron = isThere('cron') && spawnSync('unshare', ['--mount', 'true']).status === 0;
  it.skipIf(!isFull || !canRunCron)(
    'runs under cron itself, which mails a failure and nothing else',
    { timeout: 180_000 },
    async () => {
      const here = temporaryFolder();
      const { folder, place } = placeCheckout(here, day);
      const text = place(readFileSync(join(examples, 'cron/scoremill'), 'utf8'))
        .replaceAll('10 3 * * * scoring', '* * * * * root')
        // A second line, for a job that is not there.
        .replace(/^\* \* .*$/m, (line) => `${line}\n${line.replace('examples/nightly.yaml', 'examples/nigthly.yaml')}`);
      for (const name of ['cron.d', 'sbin', 'mails']) mkdirSync(join(here, name));
      writeFileSync(join(here, 'cron.d/scoremill'), text, { mode: 0o644 });
      writeFileSync(join(here, 'sbin/sendmail'), `#!/bin/sh\ncat > ${here}/mails/$$\n`, { mode: 0o755 });
      // In a mount namespace of its own, so that the machine's own crontabs are neither seen nor run.
      const script = `set -e
mount -t tmpfs none /etc/cron.d; cp ${here}/cron.d/scoremill /etc/cron.d/
mount -t tmpfs none /var/spool/cron; mount -t tmpfs none /run; : > ${here}/crontab; mount --bind ${here}/crontab /etc/crontab
mount -t overlay -o lowerdir=${here}/sbin:/usr/sbin none /usr/sbin
exec cron -f`;
      const cron = spawn('unshare', ['--mount', 'sh', '-c', script], { stdio: 'ignore' });
      try {
        const endMs = Date.now() + 150_000;
        const isDone = (): boolean =>
          existsSync(join(folder, 'out/nightly', day, '_SUCCESS')) && readdirSync(join(here, 'mails')).length > 0;
        while (!isDone() && Date.now() < endMs) await wait(200);
        expect(isDone()).toBe(true);
        // What a run that is right would have printed, if it had.
        await wait(2000);
      } finally {
        cron.kill('SIGKILL');
      }
      const mails = readdirSync(join(here, 'mails')).map((name) => readFileSync(join(here, 'mails', name), 'utf8'));
      for (const mail of mails) {
        const [head, body] = mail.split('\n\n');
        expect(head).toContain('To: scores@example.org');
        expect(body.trimEnd()).toMatch(
          /^error: examples\/nigthly\.yaml: no such job file\. Did you mean "nightly\.yaml"\?[^\n]*$/,
        );
      }
    },
  );
});

describe.skipIf(!isThere('systemd-analyze'))('the units for systemd', () => {
  it('are right, restart what may pass, and start a command that scores the day before', async () => {
    const { folder, path, place } = placeCheckout(temporaryFolder(), day);
    const unitText = readFileSync(join(examples, 'systemd/scoremill.service'), 'utf8');
    const units = join(folder, 'units');
    mkdirSync(units);
    // The user need not be on this machine, and the page is where the checkout is.
    const placed = place(unitText)
      .replace('User=scoring', 'User=root')
      .replace(/^Documentation=.*\n/m, '');
    writeFileSync(join(units, 'scoremill.service'), placed);
    writeFileSync(join(units, 'scoremill.timer'), readFileSync(join(examples, 'systemd/scoremill.timer')));
    const verified = spawnSync('systemd-analyze', ['verify', ...readdirSync(units).map((name) => join(units, name))], {
      encoding: 'utf8',
    });
    expect({ status: verified.status, stderr: verified.stderr }).toEqual({ status: 0, stderr: '' });
    const calendar = /^OnCalendar=(.*)$/m.exec(readFileSync(join(examples, 'systemd/scoremill.timer'), 'utf8'))![1];
    expect(spawnSync('systemd-analyze', ['calendar', calendar]).status).toBe(0);

    const settingOf = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(placed)![1];
    const permanent = settingOf('RestartPreventExitStatus').split(' ').map(Number);
    const codes = Object.keys(exitCodes).map(Number);
    const passing = codes.filter((code) => !permanent.includes(code));
    expect(passing).toEqual([0, 69, 70, 74, 75, 130, 143]);

    // systemd's own rules for a command line: single quotes, $$ is $, %% is %.
    const [, program, words] = /^(\S+) (.*)$/.exec(settingOf('ExecStart').replaceAll('$$', '$').replaceAll('%%', '%'))!;
    const started = spawnSync(program, ['-c', /^-c '(.*)'$/.exec(words)![1]], {
      cwd: settingOf('WorkingDirectory'),
      env: { PATH: path },
      encoding: 'utf8',
    });
    expect(started.status, started.stderr).toBe(0);
    expect(started.stderr).toContain(` scored into ${folder}/out/nightly/${day} (`);
  });
});

describe.skipIf(!isThere('make'))('the rules for make', () => {
  it('score a day once, and a month as a backfill', () => {
    const { folder, path } = placeCheckout(temporaryFolder(), day);
    writeFileSync(join(folder, 'Makefile'), `include ${join(examples, 'make/scores.mk')}\n`);
    const make = (...words: string[]) =>
      spawnSync('make', ['--no-print-directory', ...words], { cwd: folder, env: { PATH: path }, encoding: 'utf8' });
    const first = make(`scores/${day}`);
    expect(first).toMatchObject({ status: 0, stderr: '' });
    expect(first.stdout).toBe(`node dist/cli/main.js run examples/nightly.yaml --date ${day} --quiet\n`);
    expect(existsSync(join(folder, 'out/nightly', day, '_SUCCESS'))).toBe(true);
    expect(make(`scores/${day}`).stdout).toBe(`make: 'scores/${day}' is up to date.\n`);
    const backfill = make('-n', 'scores-of-march').stdout;
    expect(backfill).toBe('node dist/cli/main.js run examples/nightly.yaml --dates 2024-03-01..2024-03-31 --quiet\n');
    const failing = make(`scores/${day}-no-day`);
    expect(failing.status).toBe(2);
    expect(failing.stderr).toMatch(
      /^error: --date: must be a day such as 2026-01-31, not "2024-03-01-no-day"\nmake: \*\*\* .* Error 64\n$/,
    );
  });
});
