import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { layoutOf, type OutputLayout } from '../../src/commit/layout.ts';
import { acquireLock } from '../../src/commit/lock.ts';
import { type LockHolder, stateOfHolder, thisProcess } from '../../src/commit/lock-holder.ts';
import { prepareOutput } from '../../src/commit/prepare-output.ts';
import { FailureError } from '../../src/core/failure.ts';
import { sha256OfText } from '../../src/core/hash.ts';
import { freshPath } from './fixtures.ts';

async function freshLayout(): Promise<OutputLayout> {
  const layout = layoutOf(freshPath());
  await prepareOutput(layout);
  return layout;
}

const plant = (layout: OutputLayout, holder: Partial<LockHolder>): void =>
  writeFileSync(layout.lock, JSON.stringify(holder));

const lockNames = (layout: OutputLayout): string[] =>
  readdirSync(layout.metaFolder).filter((name) => name.startsWith('lock'));

/** A process that is gone: its number is free, or taken by another that started later. */
async function deadHolder(): Promise<LockHolder> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return { ...(await thisProcess()), pid: child.pid!, startTicks: '1' };
}

const refusal = (layout: OutputLayout, holder: Partial<LockHolder> | null, alive: boolean) => ({
  failures: [
    {
      reason: 'locked',
      output: layout.root,
      lock: layout.lock,
      holder: holder && { pid: holder.pid, host: holder.host, createdMs: holder.createdMs },
      alive,
    },
  ],
});

describe('a lock', () => {
  test('admits one run, and the next when it is given back', async () => {
    const layout = await freshLayout();
    {
      await using lock = await acquireLock(layout);
      await lock.requireHeld();
      const { createdMs } = JSON.parse(readFileSync(layout.lock, 'utf8'));
      const holder = { pid: process.pid, host: hostname(), createdMs };
      await expect(acquireLock(layout)).rejects.toMatchObject(refusal(layout, holder, true));
      await expect(acquireLock(layout, { steal: true })).rejects.toMatchObject(refusal(layout, holder, true));
    }
    expect(lockNames(layout)).toEqual([]);
    await using _lock = await acquireLock(layout);
    expect(lockNames(layout)).toEqual(['lock']);
  });

  test('is taken over from a holder that is dead', async () => {
    const layout = await freshLayout();
    plant(layout, await deadHolder());
    await using lock = await acquireLock(layout);
    await lock.requireHeld();
    expect(lockNames(layout)).toEqual(['lock']);
  });

  test('is taken over from a holder of an earlier boot', async () => {
    const layout = await freshLayout();
    plant(layout, { ...(await thisProcess()), bootId: '00000000-0000-0000-0000-000000000000' });
    await using lock = await acquireLock(layout);
    await lock.requireHeld();
  });

  test('is not taken over from another host, but for --steal-lock', async () => {
    const layout = await freshLayout();
    const holder = { pid: 1, host: 'elsewhere', createdMs: 1_700_000_000_000, bootId: 'b', processNamespace: 'p' };
    plant(layout, holder);
    const error = await acquireLock(layout).catch((reason: unknown) => reason);
    expect(error).toMatchObject(refusal(layout, holder, false));
    expect((error as FailureError).message).toBe(
      `output ${layout.root} is locked by process 1 on host elsewhere since 2023-11-14T22:13:20.000Z, which cannot be seen from here; wait until it is done or, if it is gone, run with --steal-lock`,
    );
    await using lock = await acquireLock(layout, { steal: true });
    await lock.requireHeld();
  });

  test('is renewed while it is held', async () => {
    const layout = await freshLayout();
    await using _lock = await acquireLock(layout, { takeOverAfterMs: 1200 });
    expect(JSON.parse(readFileSync(layout.lock, 'utf8')).renewalMs).toBe(100);
    const before = statSync(layout.lock).mtimeMs;
    await expect.poll(() => statSync(layout.lock).mtimeMs).toBeGreaterThan(before);
  });

  describe('of a holder that cannot be seen but renews it', () => {
    const takeOverAfterMs = 400;
    const unseen = { pid: 1, host: 'elsewhere', createdMs: 1_700_000_000_000, bootId: 'b', processNamespace: 'p' };
    const holder = { ...unseen, renewalMs: 100 };

    test('is taken over when it gives no sign, and not before', async () => {
      const layout = await freshLayout();
      plant(layout, holder);
      // A clock that is ahead or behind says nothing.
      utimesSync(layout.lock, 4e9, 4e9);
      const watched: boolean[] = [];
      const fromMs = performance.now();
      await using lock = await acquireLock(layout, { takeOverAfterMs, onWatch: ({ isOver }) => watched.push(isOver) });
      expect(performance.now() - fromMs).toBeGreaterThanOrEqual(takeOverAfterMs);
      await lock.requireHeld();
      expect(watched).toEqual([false, true]);
      expect(lockNames(layout)).toEqual(['lock']);
    });

    test('is respected as soon as it gives a sign', async () => {
      const layout = await freshLayout();
      plant(layout, holder);
      const signs = setInterval(() => utimesSync(layout.lock, 1, Math.random()), 100);
      await expect(acquireLock(layout, { takeOverAfterMs: 30_000 })).rejects.toMatchObject(
        refusal(layout, holder, true),
      );
      clearInterval(signs);
    });

    test('is looked at anew when it changes hands', async () => {
      const layout = await freshLayout();
      await using _other = await acquireLock(layout);
      const content = readFileSync(layout.lock, 'utf8');
      plant(layout, holder);
      const onWatch = (): void => void setTimeout(() => writeFileSync(layout.lock, content), 60);
      await expect(acquireLock(layout, { takeOverAfterMs: 30_000, onWatch })).rejects.toMatchObject({
        failures: [{ reason: 'locked', alive: true, holder: { pid: process.pid } }],
      });
    });

    test('is waited for longer when its signs come seldom', async () => {
      const layout = await freshLayout();
      plant(layout, { ...holder, renewalMs: 5000 });
      const watched: number[] = [];
      const stop = new AbortController();
      const onWatch = ({ silenceMs }: { readonly silenceMs: number }): void => {
        watched.push(silenceMs);
        stop.abort();
      };
      const taken = acquireLock(layout, { takeOverAfterMs, onWatch, signal: stop.signal });
      await expect(taken).rejects.toMatchObject({ failures: [{ reason: 'interrupted' }] });
      expect(watched).toEqual([20_000]);
      expect(lockNames(layout)).toEqual(['lock']);
    });

    test('is not taken over where that is switched off, nor of one that says nothing of renewing it', async () => {
      const layout = await freshLayout();
      plant(layout, holder);
      await expect(acquireLock(layout, { takeOverAfterMs: 0 })).rejects.toMatchObject(refusal(layout, holder, false));
      plant(layout, unseen);
      await expect(acquireLock(layout, { takeOverAfterMs })).rejects.toMatchObject(refusal(layout, holder, false));
    });

    test('is taken over by one of many who wait for it', async () => {
      const layout = await freshLayout();
      plant(layout, holder);
      const attempts = await Promise.allSettled(
        Array.from({ length: 6 }, () => acquireLock(layout, { takeOverAfterMs })),
      );
      expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(lockNames(layout)).toEqual(['lock']);
    });
  });

  test('that was lost says so to its holder without being asked', async () => {
    const layout = await freshLayout();
    await using lock = await acquireLock(layout, { takeOverAfterMs: 1200 });
    expect(lock.lost.aborted).toBe(false);
    plant(layout, { pid: 1, host: 'elsewhere', createdMs: 0 });
    await expect.poll(() => lock.lost.aborted).toBe(true);
    await expect(lock.requireHeld()).rejects.toMatchObject({ failures: [{ reason: 'lock-lost' }] });
  });

  test.each(['', '{', 'null', '{"pid":"x"}'])(
    'that says %j is not taken over, but for --steal-lock',
    async (content) => {
      const layout = await freshLayout();
      writeFileSync(layout.lock, content);
      await expect(acquireLock(layout)).rejects.toMatchObject(refusal(layout, null, false));
      await using lock = await acquireLock(layout, { steal: true });
      await lock.requireHeld();
    },
  );

  test('that was stolen is reported to its holder and not given back by it', async () => {
    const layout = await freshLayout();
    const lock = await acquireLock(layout);
    plant(layout, { pid: 1, host: 'elsewhere', createdMs: 0 });
    await expect(lock.requireHeld()).rejects.toMatchObject({ failures: [{ reason: 'lock-lost' }] });
    await lock[Symbol.asyncDispose]();
    expect(existsSync(layout.lock)).toBe(true);
  });

  test('is taken over when the one who was taking it over died at it', async () => {
    const layout = await freshLayout();
    const holders = [await deadHolder(), await deadHolder()];
    plant(layout, holders[0]);
    const successor = `lock.after-${sha256OfText(JSON.stringify(holders[0])).slice(0, 32)}`;
    writeFileSync(join(layout.metaFolder, successor), JSON.stringify(holders[1]));
    writeFileSync(join(layout.metaFolder, 'lock.claim-abandoned'), JSON.stringify(holders[1]));
    await using lock = await acquireLock(layout);
    await lock.requireHeld();
    expect(lockNames(layout)).toEqual(['lock']);
  });

  test('is free for whoever comes after one that was killed while it wrote its claim, of which nothing stays', async () => {
    const layout = await freshLayout();
    writeFileSync(join(layout.metaFolder, 'lock.claim-empty'), '');
    writeFileSync(join(layout.metaFolder, 'lock.claim-half'), JSON.stringify(await thisProcess()).slice(0, 40));
    await using lock = await acquireLock(layout);
    await lock.requireHeld();
    expect(lockNames(layout)).toEqual(['lock']);
  });

  test('is not littered for ever with the claim of a container that was killed; a fresh one may be of one that lives', async () => {
    const layout = await freshLayout();
    const unseen = JSON.stringify({ ...(await thisProcess()), host: 'elsewhere', bootId: 'another' });
    const minutes = { 'lock.claim-fresh': 5, 'lock.claim-old': 15 };
    for (const [name, age] of Object.entries(minutes)) {
      const path = join(layout.metaFolder, name);
      writeFileSync(path, unseen);
      const then = new Date(Date.now() - age * 60_000);
      utimesSync(path, then, then);
    }
    await using lock = await acquireLock(layout);
    await lock.requireHeld();
    expect(lockNames(layout)).toEqual(['lock', 'lock.claim-fresh']);
  });

  test('is taken over by one of many who try at once', async () => {
    for (let round = 0; round < 10; round++) {
      const layout = await freshLayout();
      plant(layout, await deadHolder());
      const attempts = await Promise.allSettled(Array.from({ length: 12 }, () => acquireLock(layout)));
      const taken = attempts.filter((attempt) => attempt.status === 'fulfilled');
      const refused = attempts.filter(
        (attempt) => attempt.status === 'rejected' && attempt.reason.failures?.[0].reason === 'locked',
      );
      expect([taken.length, refused.length]).toEqual([1, 11]);
      await taken[0].value.requireHeld();
      expect(lockNames(layout)).toEqual(['lock']);
    }
  });

  test('is not taken through a symbolic link', async () => {
    const layout = await freshLayout();
    const outside = freshPath();
    symlinkSync(outside, layout.lock);
    await expect(acquireLock(layout)).rejects.toBeInstanceOf(FailureError);
    expect(existsSync(outside)).toBe(false);
  });
});

describe('a holder', () => {
  test('is alive while its process runs, and dead once it is killed, though nobody collected it', async () => {
    // The shell becomes a process that never waits for the child it started.
    const parent = spawn('sh', ['-c', 'sleep 600 & echo $!; exec sleep 600'], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const pid = Number(String((await once(parent.stdout!, 'data'))[0]));
      const self = await thisProcess();
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const holder = { ...self, pid, startTicks: stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] };
      expect(await stateOfHolder(holder, self)).toBe('alive');
      process.kill(pid, 'SIGKILL');
      await expect.poll(() => stateOfHolder(holder, self)).toBe('dead');
    } finally {
      parent.kill('SIGKILL');
    }
  });

  test('cannot be seen in another process namespace, nor where nothing tells a process from its number', async () => {
    const self = await thisProcess();
    expect(await stateOfHolder({ ...self, processNamespace: 'pid:[1]' }, self)).toBe('unseen');
    const nothingKnown = { bootId: null, processNamespace: null, startTicks: null };
    expect(await stateOfHolder({ ...self, ...nothingKnown }, { ...self, ...nothingKnown })).toBe('unseen');
    const { pid } = await deadHolder();
    expect(await stateOfHolder({ ...self, ...nothingKnown, pid }, { ...self, ...nothingKnown })).toBe('dead');
  });
});

describe('processes', () => {
  const built = freshPath();
  const project = resolve(import.meta.dirname, '../..');

  beforeAll(() => {
    mkdirSync(built, { recursive: true });
    writeFileSync(join(built, 'package.json'), '{"type":"module"}');
    const entries = ['src/commit/lock.ts', 'src/commit/layout.ts'];
    execFileSync(process.execPath, ['build/bundle.mjs', built, ...entries], { cwd: project, stdio: 'pipe' });
  }, 60_000);

  const start = (script: string, output: string): ChildProcess => {
    const path = join(built, `child-${Math.random()}.js`);
    const imports = `
      import { appendFileSync } from 'node:fs';
      import { setTimeout as wait } from 'node:timers/promises';
      import { acquireLock } from './lock.js';
      import { layoutOf } from './layout.js';
      const layout = layoutOf(${JSON.stringify(output)});`;
    writeFileSync(path, `${imports}\n${script}`);
    return spawn(process.execPath, [path], { stdio: ['ignore', 'pipe', 'inherit'] });
  };

  test('are never two at once, also when holders are killed', async () => {
    const layout = await freshLayout();
    const log = join(layout.root, 'log');
    writeFileSync(log, '');
    plant(layout, await deadHolder());
    const contender = (mortal: boolean) => `
      for (let turns = 0; turns < 5; ) {
        try {
          const lock = await acquireLock(layout);
          appendFileSync(${JSON.stringify(log)}, 'enter ' + process.pid + '\\n');
          await wait(3);
          await lock.requireHeld();
          if (turns === 2 && ${mortal}) process.kill(process.pid, 'SIGKILL');
          appendFileSync(${JSON.stringify(log)}, 'leave ' + process.pid + '\\n');
          await lock[Symbol.asyncDispose]();
          turns++;
        } catch (error) {
          if (error.failures?.[0].reason !== 'locked') throw error;
          await wait(2);
        }
      }`;
    const children = [true, false, false, false].map((mortal) => start(contender(mortal), layout.root));
    const exits = await Promise.all(children.map((child) => once(child, 'exit')));
    expect(exits).toEqual([
      [null, 'SIGKILL'],
      [0, null],
      [0, null],
      [0, null],
    ]);
    const lines = readFileSync(log, 'utf8').trim().split('\n');
    const killed = `enter ${children[0].pid}`;
    const last = lines.lastIndexOf(killed);
    lines.splice(last, 1);
    expect(lines.length).toBe(2 * (2 + 3 * 5));
    for (let i = 0; i < lines.length; i += 2) expect(lines[i + 1]).toBe(lines[i].replace('enter', 'leave'));
    // The killed one may have been the last: then its lock is there, for the next one to take over.
    await (await acquireLock(layout))[Symbol.asyncDispose]();
    expect(lockNames(layout)).toEqual([]);
  }, 60_000);

  test('that are killed leave a lock that the next one takes over', async () => {
    const layout = await freshLayout();
    const holder = start(
      `await acquireLock(layout); process.stdout.write('held'); setInterval(() => {}, 1000);`,
      layout.root,
    );
    await once(holder.stdout!, 'data');
    await expect(acquireLock(layout)).rejects.toMatchObject({ failures: [{ reason: 'locked', alive: true }] });
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    await using lock = await acquireLock(layout);
    await lock.requireHeld();
  });
});
