// The costs that the suite measures, against processes that know what they cost.
import { expect, it } from 'vitest';
import { measureProcess } from '../../bench/measure-process.ts';
import { ratioOf, spreadOf, verdictOf } from '../../bench/spread.ts';

/** Fills 100 MB, works for 300 ms of processor time, waits until a sample has seen it, and tells its processor time. */
const busy = `const held = Buffer.alloc(1e8, 1);
const cpuMs = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; };
while (cpuMs() < 300) for (let i = 0; i < 1e6; i++) held[i]++;
setTimeout(() => console.error('cpu', cpuMs()), 300);`;

it('measures a process together with what it starts', async () => {
  const parent = `${busy}
require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(busy)}], { stdio: 'inherit' });`;
  const { exitCode, stderr, wallMs, cpuMs, anonymousBytes, residentBytes } = await measureProcess({
    program: process.execPath,
    words: ['-e', parent],
    environment: process.env,
  });
  expect(exitCode).toBe(0);
  const saidMs = [...stderr.matchAll(/cpu ([\d.]+)/g)].map(([, ms]) => Number(ms));
  expect(saidMs).toHaveLength(2);
  const sumMs = saidMs[0] + saidMs[1];
  expect(cpuMs).toBeGreaterThan(sumMs - 40);
  expect(cpuMs).toBeLessThan(sumMs + 400);
  expect(wallMs).toBeGreaterThan(600);
  expect(anonymousBytes).toBeGreaterThan(2e8);
  expect(anonymousBytes).toBeLessThan(4e8);
  expect(residentBytes).toBeGreaterThan(anonymousBytes);
});

it('hands on the exit code and the last words of a process that fails, and refuses a program that is not there', async () => {
  const words = ['-e', 'console.error("no"); process.exit(7)'];
  expect(await measureProcess({ program: process.execPath, words, environment: {} })).toMatchObject({
    exitCode: 7,
    stderr: 'no\n',
  });
  await expect(measureProcess({ program: '/nowhere', words: [], environment: {} })).rejects.toThrow('ENOENT');
});

it('takes the median and the range, and ratios in pairs', () => {
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, least: 1, most: 3 });
  expect(spreadOf([4, 1, 2, 3])).toEqual({ median: 2.5, least: 1, most: 4 });
  // A machine that became twice as slow meanwhile changes no ratio.
  expect(ratioOf([12, 24, 36], [10, 20, 30])).toEqual({ median: 1.2, least: 1.2, most: 1.2 });
  expect(() => ratioOf([1], [])).toThrow('1 runs cannot be paired with 0');
  expect(verdictOf({ median: 1.2, least: 1.01, most: 1.4 })).toBe('faster');
  expect(verdictOf({ median: 0.9, least: 0.8, most: 0.99 })).toBe('slower');
  expect(verdictOf({ median: 1.2, least: 0.99, most: 1.4 })).toBe('no difference shown');
});
