import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { parseSize, usableCores, usableMemoryBytes } from '../../src/core/resources.ts';

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true });
});

/** A machine with the given files, as `/proc` and `/sys` show them. */
function machine(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'resources-'));
  roots.push(root);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `${content}\n`);
  }
  return root;
}

const unified = '35 25 0:30 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate';
const version1 = (top = '/') =>
  [
    '24 1 8:1 / / rw - ext4 /dev/root rw',
    `32 31 0:29 ${top} /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct`,
    `35 31 0:32 ${top} /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory`,
  ].join('\n');

const coresOf = (files: Record<string, string>) => usableCores({ root: machine(files), affinityCores: 8 });
const memoryOf = (files: Record<string, string>) =>
  usableMemoryBytes({ root: machine(files), machineMemoryBytes: 8e9 });

describe('usable cores', () => {
  test('are those of the affinity mask where there is no cgroup', () => {
    expect(coresOf({})).toBe(8);
    expect(usableCores()).toBeGreaterThanOrEqual(1);
    expect(usableCores()).toBeLessThanOrEqual(availableParallelism());
  });

  test.each([
    ['200000 100000', 2],
    ['250000 100000', 2],
    ['150000 100000', 1],
    ['50000 100000', 1],
    ['max 100000', 8],
    ['6400000 100000', 8],
  ])('under a version 2 quota of %s are %i', (quota, cores) => {
    const files = { 'proc/self/cgroup': '0::/', 'proc/self/mountinfo': unified, 'sys/fs/cgroup/cpu.max': quota };
    expect(coresOf(files)).toBe(cores);
  });

  test('obey the tightest quota of the cgroups above, however deep', () => {
    expect(
      coresOf({
        'proc/self/cgroup': '0::/kubepods/pod1/container',
        'proc/self/mountinfo': unified,
        'sys/fs/cgroup/kubepods/cpu.max': '700000 100000',
        'sys/fs/cgroup/kubepods/pod1/cpu.max': '300000 100000',
        'sys/fs/cgroup/kubepods/pod1/container/cpu.max': 'max 100000',
      }),
    ).toBe(3);
  });

  test('obey a version 1 quota, where -1 means none', () => {
    const files = (quota: string) => ({
      'proc/self/cgroup': '5:memory:/job\n4:cpu,cpuacct:/job',
      'proc/self/mountinfo': version1(),
      'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '-1',
      'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000',
      'sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us': quota,
      'sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us': '50000',
    });
    expect(coresOf(files('200000'))).toBe(4);
    expect(coresOf(files('-1'))).toBe(8);
  });

  test('are found in a container that is shown its cgroup by the path outside', () => {
    expect(
      coresOf({
        'proc/self/cgroup': '4:cpu,cpuacct:/docker/0123',
        'proc/self/mountinfo': version1('/docker/0123'),
        'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '300000',
        'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000',
      }),
    ).toBe(3);
  });

  test('are found where the mount point has blanks in its name', () => {
    expect(
      coresOf({
        'proc/self/cgroup': '0::/',
        'proc/self/mountinfo': '35 25 0:30 / /my\\040cgroups rw - cgroup2 cgroup2 rw',
        'my cgroups/cpu.max': '100000 100000',
      }),
    ).toBe(1);
  });
});

describe('usable memory', () => {
  test('is the machine without a limit', () => {
    expect(memoryOf({})).toBe(8e9);
    expect(usableMemoryBytes()).toBeLessThanOrEqual(totalmem());
  });

  test('obeys the tightest version 2 limit above', () => {
    expect(
      memoryOf({
        'proc/self/cgroup': '0::/pod/container',
        'proc/self/mountinfo': unified,
        'sys/fs/cgroup/pod/memory.max': '536870912',
        'sys/fs/cgroup/pod/container/memory.max': 'max',
      }),
    ).toBe(536_870_912);
  });

  test('obeys a version 1 limit, and takes the huge number for none, also beside an empty version 2 hierarchy', () => {
    const files = (limit: string) => ({
      'proc/self/cgroup': '5:memory:/job\n0::/',
      'proc/self/mountinfo': `${version1()}\n41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw`,
      'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712',
      'sys/fs/cgroup/memory/job/memory.limit_in_bytes': limit,
    });
    expect(memoryOf(files('1073741824'))).toBe(1_073_741_824);
    expect(memoryOf(files('9223372036854771712'))).toBe(8e9);
  });
});

describe('a size', () => {
  test.each<[string | number, number]>([
    [4096, 4096],
    ['512', 512],
    ['512B', 512],
    ['512MB', 512_000_000],
    ['512m', 512_000_000],
    ['4GiB', 4_294_967_296],
    ['4 Gi', 4_294_967_296],
    ['1.5 KiB', 1536],
    ['2T', 2_000_000_000_000],
  ])('of %s is %i bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  test.each(['', 'GB', '4 gigabytes', '-1', '1e9', '4iB'])('is not read from "%s"', (text) => {
    expect(() => parseSize(text)).toThrow(`not a size: ${text}`);
  });
});
