// How many cores and how much memory this process may use: the machine, its affinity mask, and the limits of its cgroup
// and of every cgroup above it (v1, v2 and hybrids), as containers set them. Node 20 itself ignores processor quotas.
// Format: https://docs.kernel.org/admin-guide/cgroup-v2.html and man 5 proc (cgroup, mountinfo).
import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join, relative } from 'node:path';

export interface MachineView {
  /** Where `/proc` and `/sys` are found. */
  readonly root?: string;
  /** Cores of the affinity mask. */
  readonly affinityCores?: number;
  readonly machineMemoryBytes?: number;
}

/**
 * Cores to plan for, at least 1. A fractional quota is rounded down: 2.5 cores are 2, since a third thread would only use up
 * the quota sooner and stop all three for the rest of every period.
 */
export function usableCores({ root = '/', affinityCores = availableParallelism() }: MachineView = {}): number {
  return Math.max(1, Math.floor(Math.min(affinityCores, quotaCores(root))));
}

/** Memory that this process and its children may use together, in bytes. */
export function usableMemoryBytes({ root = '/', machineMemoryBytes = totalmem() }: MachineView = {}): number {
  const limits = cgroupFolders(root, 'memory').map((folder) =>
    Math.min(
      numberIn(join(folder, 'memory.max')) ?? Number.POSITIVE_INFINITY,
      numberIn(join(folder, 'memory.limit_in_bytes')) ?? Number.POSITIVE_INFINITY,
    ),
  );
  return Math.min(machineMemoryBytes, ...limits);
}

/** `4GiB` and `4Gi` are 2^32 bytes, `512MB` and `512M` are 512 million; without a unit it is bytes. */
export function parseSize(size: string | number): number {
  if (typeof size === 'number') return size;
  const match = /^(\d+(?:\.\d+)?)\s*(?:([KMGT])(i)?)?B?$/i.exec(size.trim());
  if (match === null) throw new Error(`not a size: ${size}`);
  const [, amount, prefix, binary] = match;
  const power = prefix === undefined ? 0 : 'KMGT'.indexOf(prefix.toUpperCase()) + 1;
  return Math.floor(Number(amount) * (binary === undefined ? 1000 : 1024) ** power);
}

/** The smallest processor quota that applies, in cores; infinite when there is none. */
function quotaCores(root: string): number {
  const quotas = cgroupFolders(root, 'cpu').map((folder) => {
    const [quota, period] = textOf(join(folder, 'cpu.max'))?.split(/\s+/) ?? [];
    if (quota !== undefined && quota !== 'max') return Number(quota) / Number(period);
    const quotaMicroseconds = numberIn(join(folder, 'cpu.cfs_quota_us'));
    const periodMicroseconds = numberIn(join(folder, 'cpu.cfs_period_us'));
    if (quotaMicroseconds === undefined || periodMicroseconds === undefined || quotaMicroseconds <= 0) {
      return Number.POSITIVE_INFINITY;
    }
    return quotaMicroseconds / periodMicroseconds;
  });
  return Math.min(Number.POSITIVE_INFINITY, ...quotas);
}

/** The folders of this process's cgroup and of those above it, as far as they are mounted, for one controller. */
function cgroupFolders(root: string, controller: string): string[] {
  const memberships = (textOf(join(root, 'proc/self/cgroup')) ?? '').split('\n').map((line) => {
    const [, controllers = '', ...path] = line.split(':');
    return { controllers: controllers.split(','), path: path.join(':') };
  });
  return mounts(root).flatMap((mount) => {
    if (mount.version === 1 && !mount.options.includes(controller)) return [];
    const name = mount.version === 1 ? controller : '';
    const membership = memberships.find(({ controllers, path }) => controllers.includes(name) && path !== '');
    if (membership === undefined) return [];
    const inside = relative(mount.top, membership.path);
    const names = inside.startsWith('..') ? [] : inside.split('/').filter((part) => part !== '');
    const top = join(root, mount.folder);
    return Array.from({ length: names.length + 1 }, (_, depth) => join(top, ...names.slice(0, depth)));
  });
}

/** Where cgroup hierarchies are mounted, and which cgroup is at the top of each mount. */
function mounts(root: string): { version: 1 | 2; top: string; folder: string; options: string[] }[] {
  const lines = (textOf(join(root, 'proc/self/mountinfo')) ?? '').split('\n');
  return lines.flatMap((line) => {
    const [mount, system] = line.split(' - ');
    const [type, , options] = system?.split(' ') ?? [];
    if (type !== 'cgroup' && type !== 'cgroup2') return [];
    const [, , , top, folder] = mount.split(' ').map(unescaped);
    return [{ version: type === 'cgroup2' ? (2 as const) : (1 as const), top, folder, options: options.split(',') }];
  });
}

/** mountinfo writes blanks and backslashes as three octal digits. */
const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));

function numberIn(path: string): number | undefined {
  const text = textOf(path);
  return text === undefined || text === 'max' ? undefined : Number(text);
}

/** A file's text without blanks around it; undefined when it is not there or may not be read. */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
