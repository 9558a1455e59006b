// Every shard must have every column that is read, in one type: found here, in every file, before the first inference.
import { nearest } from '../core/edit-distance.ts';
import { type Failure, FailureError } from '../core/failure.ts';
import type { Shard } from '../core/split.ts';
import type { Job } from '../job/schema.ts';
import type { WantedColumn } from '../scoring/binding.ts';
import type { ShardProfile } from '../source/source.ts';

/** An empty JSON Lines shard: it names no columns, and no row of it lacks one. */
export const hasNoColumns = ({ columns, rows }: Pick<ShardProfile, 'columns' | 'rows'>): boolean =>
  rows === 0 && columns.length === 0;

/** Throws a FailureError that names each shard which lacks a column or has it in another type. */
export function checkShards(
  shards: readonly Shard[],
  profiles: readonly ShardProfile[],
  wanted: readonly WantedColumn[],
  job: Job,
): void {
  const failures: Failure[] = [];
  for (const [index, { columns, samples, rows }] of profiles.entries()) {
    if (hasNoColumns({ columns, rows })) continue;
    const types = new Map(columns.map(({ name, type }) => [name, type]));
    const known = [...types.keys()];
    for (const { name, type } of wanted) {
      const found = types.get(name);
      const shard = shards[index].path;
      if (found === undefined) {
        const where = job.keep?.includes(name) ? 'keep' : 'dataset';
        failures.push({
          reason: 'column-missing',
          where,
          column: name,
          shard,
          known,
          suggestion: nearest(name, known),
        });
      } else if (samples === undefined && found !== type) {
        failures.push({
          reason: 'shard-type',
          column: name,
          shard,
          type: found,
          firstShard: shards[0].path,
          firstType: type,
        });
      }
    }
  }
  if (failures.length > 0) throw new FailureError(...(failures as [Failure, ...Failure[]]));
}
