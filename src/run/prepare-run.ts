// What a run is made of, before anything is written and without native code: the job, the model's hash, the shards, and what
// of them must be the same for a resume.
import { canonicalJson, sha256OfText } from '../core/hash.ts';
import type { Shard } from '../core/split.ts';
import { type JobRequest, type LoadedJob, loadJob } from '../job/load.ts';
import type { Job } from '../job/schema.ts';
import { locateModel } from '../model/locate-model.ts';
import { identifyModel, type ModelIdentity } from '../model/model-file.ts';
import { discoverShards } from '../plan/discover.ts';

export interface PreparedRun {
  /** With the model's path resolved to its file. */
  readonly job: Job;
  readonly loaded: LoadedJob;
  readonly model: ModelIdentity;
  readonly shards: readonly Shard[];
  readonly inputFingerprint: string;
  /** What the fingerprints are made of, in words. */
  readonly facts: Readonly<Record<string, string>>;
}

export async function prepareRun(request: JobRequest): Promise<PreparedRun> {
  return prepareLoaded(await loadJob(request));
}

/** As `prepareRun`, for a job that was loaded and checked before. */
export async function prepareLoaded(loaded: LoadedJob): Promise<PreparedRun> {
  const { dataset } = loaded.job;
  const [modelPath, shards] = await Promise.all([
    locateModel(loaded.job.model.path, loaded.job.model.version),
    discoverShards({ paths: dataset.path, format: dataset.format }),
  ]);
  const model = await identifyModel(modelPath);
  const job: Job = { ...loaded.job, model: { ...loaded.job.model, path: modelPath } };
  const inputs = shards.map(({ path, fileBytes, modifiedMs }) => [path, fileBytes, modifiedMs]);
  const external = model.externalFiles.map(({ path, sha256 }) => `${path} ${sha256.slice(0, 12)}`);
  return {
    job,
    loaded,
    model,
    shards,
    inputFingerprint: sha256OfText(canonicalJson(inputs)),
    facts: {
      ...loaded.facts,
      'model file': [`${model.path} ${model.sha256.slice(0, 12)}`, ...external].join(', '),
      ...Object.fromEntries(
        shards.map(({ path, fileBytes, modifiedMs }) => [
          `shard ${path}`,
          `${fileBytes} bytes, modified ${new Date(modifiedMs).toISOString()}`,
        ]),
      ),
    },
  };
}
