// A control group with a memory limit, where this machine lets us make one: the kernel then kills for memory, as in a container.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Version 1 has a folder for memory alone; version 2 has one tree for all. */
const roots = [
  { folder: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes', swap: 'memory.memsw.limit_in_bytes' },
  { folder: '/sys/fs/cgroup', limit: 'memory.max', swap: 'memory.swap.max' },
];

export interface MemoryGroup {
  /** Words before a command that put it into the group. */
  readonly through: readonly string[];
  remove(): void;
}

/** A group whose processes get so many bytes together, or null where none can be made. */
export function memoryGroup(name: string, bytes: number): MemoryGroup | null {
  for (const { folder, limit, swap } of roots) {
    const group = join(folder, name);
    try {
      mkdirSync(group);
    } catch {
      continue;
    }
    try {
      writeFileSync(join(group, limit), String(bytes));
      if (existsSync(join(group, swap)))
        writeFileSync(join(group, swap), swap === 'memory.swap.max' ? '0' : String(bytes));
      const processes = join(group, 'cgroup.procs');
      const through = ['sh', '-c', `echo $$ > ${processes} && exec "$@"`, 'sh'];
      if (spawnSync(through[0], [...through.slice(1), 'true']).status === 0) {
        return { through, remove: () => rmdirSync(group) };
      }
    } catch {}
    rmdirSync(group);
  }
  return null;
}
