// Builds dist before the tests when a source is newer, since some of them start the built command line. The stamp is the
// Makefile's too. A type error does not keep the tests from running: that is for `make check` to refuse.
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const stamp = join(root, 'dist/.built');

export function setup(): void {
  if (isBuilt()) return;
  rmSync(stamp, { force: true });
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tsconfig.build.json')],
    { encoding: 'utf8' },
  );
  if (status === 0) writeFileSync(stamp, '');
  else console.warn(`dist is built in spite of these errors:\n${stdout}${stderr}`);
}

function isBuilt(): boolean {
  const builtMs = modifiedMs(stamp);
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).map((name) =>
    join('src', name),
  );
  return [...sources, 'package.json', 'tsconfig.json', 'tsconfig.build.json'].every(
    (name) => modifiedMs(join(root, name)) < builtMs,
  );
}

/** When a file was last written; -Infinity where there is none. */
function modifiedMs(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.NEGATIVE_INFINITY;
}
