// The package as its users get it: packed by npm and unpacked into a node_modules of its own, beside its dependencies. So
// `exports`, `types`, `bin` and `files` are what is tested.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll } from 'vitest';

const root = resolve(import.meta.dirname, '..');

/** A folder of a user's for the tests of one file: scoremill installed, the files of an example compiled as its tsconfig.json says. */
export function packedInstall(example: string): string {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'scoremill-packed-'));
  beforeAll(() => {
    install(folder);
    cpSync(join(root, 'examples', example), folder, { recursive: true });
    compile(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function install(folder: string): void {
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  for (const name of readdirSync(join(root, 'node_modules')))
    if (!name.startsWith('.')) symlinkSync(join(root, 'node_modules', name), join(modules, name));
  // Scripts are not run: `prepack` builds what the tests have built already.
  const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], {
    cwd: root,
    encoding: 'utf8',
  });
  execFileSync('tar', ['-xzf', join(folder, packed.trim()), '-C', folder]);
  execFileSync('mv', [join(folder, 'package'), join(modules, 'scoremill')]);
}

/** Throws with what the compiler prints. */
function compile(folder: string): void {
  try {
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], { encoding: 'utf8' });
  } catch (error) {
    throw new Error((error as { stdout: string }).stdout);
  }
}
