// A disk that fails on request: put in the place of node:fs/promises, it counts every operation that changes something,
// and kills the process or reports an error at a chosen one. It also knows what would be left after a power cut: the
// names of each folder as of its last sync, with the bytes of each file as of its own. (So it need not sync for real.)
import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type * as promises from 'node:fs/promises';
import { join } from 'node:path';

export type Fault = 'killed' | 'ENOSPC' | 'EIO' | 'EACCES';

let faultAt = Number.POSITIVE_INFINITY;
let fault: Fault = 'killed';
let operations = 0;
let dead = false;
let folders = new Map<string, ReadonlyMap<string, string | null>>();
let contents = new Map<string, Buffer>();

/** All that is under `root` counts as durable; operation number `at` (from 1) fails, and after a kill all later ones. */
export function arm(root: string, at: number, kind: Fault): void {
  faultAt = at;
  fault = kind;
  operations = 0;
  dead = false;
  folders = new Map();
  contents = new Map();
  remember(root, true);
}

/** Back to a disk that works. Returns how many operations there were since `arm`. */
export function disarm(): number {
  faultAt = Number.POSITIVE_INFINITY;
  dead = false;
  return operations;
}

/** Writes to `target` what a power cut would have left of `root`. */
export function restoreDurable(root: string, target: string): void {
  mkdirSync(target, { recursive: true });
  for (const [name, file] of folders.get(root) ?? []) {
    if (file === null) restoreDurable(join(root, name), join(target, name));
    else writeFileSync(join(target, name), contents.get(file) ?? '');
  }
}

export function wrap(actual: typeof promises): typeof promises {
  const counted = <A extends unknown[], R>(operation: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      step();
      return operation(...args);
    };
  };
  return {
    ...actual,
    open: (async (path: string, flags: string | number) => {
      if (flags !== 0 && flags !== 0o400000) step();
      return handle(await actual.open(path, flags), path);
    }) as typeof promises.open,
    rename: counted(actual.rename),
    link: counted(actual.link),
    unlink: counted(actual.unlink),
    rm: counted(actual.rm) as typeof promises.rm,
    mkdir: counted(actual.mkdir as (path: string) => Promise<undefined>) as typeof promises.mkdir,
  };
}

function handle(file: promises.FileHandle, path: string): promises.FileHandle {
  return new Proxy(file, {
    get(target, key) {
      if (key === 'writeFile') {
        return async (bytes: string | Uint8Array) => {
          const all = Buffer.from(bytes as Uint8Array);
          try {
            step();
          } catch (error) {
            await target.writeFile(all.subarray(0, all.length >> 1));
            throw error;
          }
          await target.writeFile(all);
        };
      }
      if (key === 'sync') {
        return async () => {
          step();
          remember(path, false);
        };
      }
      const value = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function step(): void {
  operations++;
  if (operations === faultAt && fault === 'killed') dead = true;
  if (dead) throw new Error('killed');
  if (operations === faultAt)
    throw Object.assign(new Error(`${fault}: injected`), { code: fault, syscall: 'injected' });
}

function remember(path: string, deep: boolean): void {
  const entry = lstatSync(path, { bigint: true });
  if (!entry.isDirectory()) {
    contents.set(identityOf(path), readFileSync(path));
    return;
  }
  const names = new Map<string, string | null>();
  for (const name of readdirSync(path)) {
    const child = join(path, name);
    if (deep) remember(child, true);
    names.set(name, lstatSync(child).isDirectory() ? null : identityOf(child));
  }
  folders.set(path, names);
}

/** Inode numbers are used again; together with the time of birth they are not. */
function identityOf(path: string): string {
  const { ino, birthtimeNs } = lstatSync(path, { bigint: true });
  return `${ino}@${birthtimeNs}`;
}
