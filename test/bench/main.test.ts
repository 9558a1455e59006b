// The command behind `make bench`: options that it does not take, and what it does instead.
import { execFileSync, spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { workloads } from '../../bench/workloads.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const root = resolve(import.meta.dirname, '../..');

beforeAll(() => {
  execFileSync(process.execPath, [
    join(root, 'node_modules/typescript/bin/tsc'),
    '-p',
    join(root, 'bench/tsconfig.json'),
  ]);
});

function bench(words: readonly string[], folder = root) {
  const main = join(root, 'bench/.built/bench/main.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...words], { cwd: folder, encoding: 'utf8' });
  return { status, stdout, stderr };
}

it('shows its options and its workloads', () => {
  const { status, stdout } = bench(['--help']);
  expect(status).toBe(0);
  for (const { name } of workloads) expect(stdout).toContain(name);
});

it.each([
  [['--rows', 'many'], '--rows many: give a whole number of at least 1\n\nmake bench '],
  [['--runs', '0'], '--runs 0: give a whole number of at least 1\n\nmake bench '],
  [['--only', 'csv,nothing'], '--only nothing: there is no workload of that name\n\nmake bench '],
  [['--against'], "Option '--against <value>' argument missing\n\nmake bench "],
])('refuses %j', (words, text) => {
  const { status, stdout, stderr } = bench(words);
  expect(stderr.slice(0, text.length)).toBe(text);
  expect({ status, stdout }).toEqual({ status: 64, stdout: '' });
});

it('refuses to start where nothing is built', () => {
  const folder = temporaryFolder();
  expect(bench([], folder)).toEqual({
    status: 78,
    stdout: '',
    stderr: `${folder}: no dist/cli/main.js; build it with: make -C ${folder} build\n`,
  });
});
