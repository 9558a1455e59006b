// Whether input files are still the ones that the plan was made from. A run reads its input more than once, hours apart: rows of
// a file that was written to meanwhile are never mixed with those of before. Size and time of modification tell, and the
// footer where the format has one; a file that was rewritten with all three restored is taken for the same.
import { type Stats, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type Failure, FailureError } from '../core/failure.ts';
import type { Shard } from '../core/split.ts';
import { visitFiles } from './few-at-a-time.ts';
import { failureOfFile } from './file-failure.ts';

/** One failure for each file that is not as it was found (`input-changed`) or cannot be looked at any more. */
export async function changedInputs(shards: readonly Shard[]): Promise<readonly Failure[]> {
  const distinct = [...new Map(shards.map((shard) => [shard.path, shard])).values()];
  const changes = await visitFiles(distinct, {
    now: (shard) => {
      try {
        return changeOf(shard, statSync(shard.path));
      } catch (error) {
        return [failureOfFile(error, shard.path)];
      }
    },
    later: async (shard) => {
      try {
        return changeOf(shard, await stat(shard.path));
      } catch (error) {
        return [failureOfFile(error, shard.path)];
      }
    },
  });
  return changes.flat();
}

function changeOf({ path, fileBytes, modifiedMs }: Shard, now: Stats): readonly Failure[] {
  if (now.size === fileBytes && now.mtimeMs === modifiedMs) return [];
  const found = { fileBytes: now.size, modifiedMs: now.mtimeMs };
  return [{ reason: 'input-changed', path, planned: { fileBytes, modifiedMs }, found }];
}

/** Fails unless every file is as it was found. To be called before rows are read and again after the last one. */
export async function mustBeUnchanged(shards: readonly Shard[]): Promise<void> {
  const [first, ...others] = await changedInputs(shards);
  if (first !== undefined) throw new FailureError(first, ...others);
}
