// What the tests of the sources need to name a shard and to ask for its profile.
import { statSync } from 'node:fs';
import type { Format, Shard } from '../../src/core/split.ts';
import { jobSchema } from '../../src/job/schema.ts';

const { csv } = jobSchema.parse({ model: { path: 'm' }, dataset: { path: 'd' }, output: { path: 'o' } }).dataset;

export const csvDefaults = { csv, gridRows: 1024 };

export const shardAt = (path: string, format: Format, change: Partial<Shard> = {}): Shard => {
  const { size, mtimeMs } = statSync(path);
  return {
    index: 0,
    path,
    format,
    compression: 'none',
    fileBytes: size,
    modifiedMs: mtimeMs,
    partition: {},
    ...change,
  };
};
