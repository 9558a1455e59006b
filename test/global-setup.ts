// Bundles dist before the tests when a source is newer, since some of them start the built command line, and the process
// that scores damaged files. The stamp is the Makefile's too. A type error does not keep the tests from running: that is
// for `make check` to refuse.
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const stamp = join(root, 'dist/.built');
const shardScorer = join(root, 'coverage/score-shards/score-shards.js');

export function setup(): void {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).map((name) =>
    join('src', name),
  );
  const build = readdirSync(join(root, 'build')).map((name) => join('build', name));
  const inputs = [...sources, ...build, 'package.json', 'tsconfig.json', 'tsconfig.build.json'];
  if (!isNewer(stamp, inputs)) {
    rmSync(join(root, 'dist'), { recursive: true, force: true });
    const types = runNode('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json');
    const bundled = runNode('build/bundle.mjs');
    if (bundled.status !== 0) throw new Error(`dist cannot be built:\n${bundled.stdout}${bundled.stderr}`);
    if (types.status === 0) writeFileSync(stamp, '');
    else console.warn(`dist is built in spite of these errors:\n${types.stdout}${types.stderr}`);
  }
  const script = 'test/safety/score-shards.mjs';
  if (isNewer(shardScorer, [...inputs, script])) return;
  const { status, stderr } = runNode('build/bundle.mjs', 'coverage/score-shards', script);
  if (status !== 0) throw new Error(`${script} cannot be bundled:\n${stderr}`);
}

const runNode = (...words: string[]) => spawnSync(process.execPath, words, { cwd: root, encoding: 'utf8' });

const isNewer = (target: string, inputs: readonly string[]): boolean =>
  inputs.every((name) => modifiedMs(join(root, name)) < modifiedMs(target));

/** When a file was last written; -Infinity where there is none. */
function modifiedMs(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.NEGATIVE_INFINITY;
}
