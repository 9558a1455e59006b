// A checkout to measure: a folder that is built, or a revision of this repository, which is unpacked and built below the cache.
// A revision is built once; a build that was broken off is begun again.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';

export interface Checkout {
  readonly folder: string;
  /** As its user named it. */
  readonly name: string;
  /** The commit, `+` after it where files differ from it; null outside of git. */
  readonly revision: string | null;
}

/** What was asked for cannot be measured; the message says what to do. */
export class UnusableCheckout extends Error {}

export const mainOf = ({ folder }: Checkout): string => join(folder, 'dist/cli/main.js');

/** A folder with a build that is not older than its sources. */
export function openFolder(path: string, name = path): Checkout {
  const folder = resolve(path);
  const checkout = { folder, name, revision: revisionOf(folder) };
  const builtMs = statSync(mainOf(checkout), { throwIfNoEntry: false })?.mtimeMs;
  const build = `build it with: make -C ${folder} build`;
  if (builtMs === undefined) throw new UnusableCheckout(`${folder}: no dist/cli/main.js; ${build}`);
  const stampMs = statSync(join(folder, 'dist/.built'), { throwIfNoEntry: false })?.mtimeMs ?? builtMs;
  const newer = sourcesOf(folder).find((source) => statSync(join(folder, source)).mtimeMs > stampMs);
  if (newer !== undefined) throw new UnusableCheckout(`${folder}: ${newer} is newer than dist; ${build}`);
  return checkout;
}

/** A folder if there is one of that name, otherwise a revision. */
export function openCheckout(root: string, name: string, cache: string): Checkout {
  if (existsSync(name)) return openFolder(name, name);
  const found = git(root, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`);
  if (found === null) {
    throw new UnusableCheckout(
      `${name}: neither a folder nor a revision of ${root}; give AGAINST=../checkout or AGAINST=HEAD~1`,
    );
  }
  const folder = join(cache, found);
  if (!existsSync(folder)) unpackAndBuild(root, found, folder);
  return { folder, name, revision: found.slice(0, 12) };
}

function unpackAndBuild(root: string, revision: string, folder: string): void {
  const unfinished = `${folder}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  mustRun(root, 'git', ['archive', '--format=tar', `--output=${unfinished}.tar`, revision]);
  mustRun(unfinished, 'tar', ['-xf', `${unfinished}.tar`]);
  rmSync(`${unfinished}.tar`);
  const lock = (checkout: string): string => readFileSync(join(checkout, 'package-lock.json'), 'utf8');
  // The same packages need no second copy.
  if (lock(unfinished) === lock(root)) symlinkSync(join(root, 'node_modules'), join(unfinished, 'node_modules'));
  else mustRun(unfinished, 'npm', ['ci', '--include=dev']);
  // Each revision knows how it is built.
  mustRun(unfinished, 'npm', ['run', 'build']);
  renameSync(unfinished, folder);
}

function mustRun(folder: string, program: string, words: readonly string[]): void {
  const { status, error, stdout, stderr } = spawnSync(program, words, { cwd: folder, encoding: 'utf8' });
  if (status === 0) return;
  const said = error?.message ?? `${stdout}${stderr}`.trim();
  throw new UnusableCheckout(`${folder}: ${[program, ...words].join(' ')} failed: ${said}`);
}

function revisionOf(folder: string): string | null {
  const revision = git(folder, 'rev-parse', '--short=12', 'HEAD');
  if (revision === null) return null;
  return git(folder, 'status', '--porcelain', '--', 'src', 'package-lock.json') === '' ? revision : `${revision}+`;
}

function git(folder: string, ...words: readonly string[]): string | null {
  const { status, stdout } = spawnSync('git', ['-C', folder, ...words], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}

function sourcesOf(folder: string): readonly string[] {
  const source = join(folder, 'src');
  if (!existsSync(source)) return [];
  return readdirSync(source, { recursive: true, encoding: 'utf8' }).map((name) => join('src', name));
}
