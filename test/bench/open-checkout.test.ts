// What can be measured: folders that are built, and revisions, which are built. What cannot is refused with what to do.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mainOf, openCheckout, openFolder } from '../../bench/open-checkout.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const root = resolve(import.meta.dirname, '../..');
const isGitHere = existsSync(join(root, '.git')) && spawnSync('git', ['-C', root, 'rev-parse', 'HEAD']).status === 0;

function builtFolder(): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'dist/cli'), { recursive: true });
  mkdirSync(join(folder, 'src/cli'), { recursive: true });
  writeFileSync(join(folder, 'src/cli/main.ts'), '');
  writeFileSync(join(folder, 'dist/cli/main.js'), '');
  writeFileSync(join(folder, 'dist/.built'), '');
  utimesSync(join(folder, 'src/cli/main.ts'), 1000, 1000);
  utimesSync(join(folder, 'src/cli'), 1000, 1000);
  return folder;
}

describe('a folder', () => {
  it('is measured as it was built, under the name that it was given', () => {
    const folder = builtFolder();
    expect(openCheckout(root, folder, '/nowhere')).toEqual({ folder, name: folder, revision: null });
  });

  it('is refused where nothing is built', () => {
    const folder = temporaryFolder();
    expect(() => openFolder(folder)).toThrow(`${folder}: no dist/cli/main.js; build it with: make -C ${folder} build`);
  });

  it('is refused where a source is newer than the build', () => {
    const folder = builtFolder();
    utimesSync(join(folder, 'src/cli/main.ts'), 4e9, 4e9);
    expect(() => openFolder(folder)).toThrow(
      `${folder}: src/cli/main.ts is newer than dist; build it with: make -C ${folder} build`,
    );
  });
});

it('refuses what is neither a folder nor a revision', () => {
  expect(() => openCheckout(root, 'no-such-thing', temporaryFolder())).toThrow(
    `no-such-thing: neither a folder nor a revision of ${root}; give AGAINST=../checkout or AGAINST=HEAD~1`,
  );
});

it.skipIf(!isGitHere)('builds a revision once, and leaves no worktree in the repository', { timeout: 240_000 }, () => {
  const cache = temporaryFolder();
  const git = (...words: string[]): string => execFileSync('git', ['-C', root, ...words], { encoding: 'utf8' });
  const checkout = openCheckout(root, 'HEAD', cache);
  expect(checkout).toEqual({
    folder: join(cache, git('rev-parse', 'HEAD').trim()),
    name: 'HEAD',
    revision: git('rev-parse', '--short=12', 'HEAD').trim(),
  });
  expect(execFileSync(process.execPath, [mainOf(checkout), '--version'], { encoding: 'utf8' })).toMatch(
    /^\d+\.\d+\.\d+/,
  );
  writeFileSync(join(checkout.folder, 'mark'), '');
  openCheckout(root, 'HEAD', cache);
  expect(existsSync(join(checkout.folder, 'mark'))).toBe(true);
  expect(git('worktree', 'list')).not.toContain(cache);
});
