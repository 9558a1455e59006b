// What a run is made of, before anything is written and without native code: the job, the model's hash, the shards, and what
// of them must be the same for a resume.
import { dirname, resolve } from 'node:path';
import { canonicalJson, sha256OfText } from '../core/hash.ts';
import type { Shard } from '../core/split.ts';
import type { JobRequest, LoadedJob } from '../job/load.ts';
import type { Job } from '../job/schema.ts';
import { locateModel } from '../model/locate-model.ts';
import { identifyModel, type ModelIdentity, modelBytesOf } from '../model/model-file.ts';
import { filesOfFolder, type ModelFolder, readModelFolder } from '../model/model-folder.ts';
import { discoverShards } from '../plan/discover.ts';
import { locateTokenizer } from '../text/locate-tokenizer.ts';
import { transformFiles } from '../transform/transform-files.ts';
import { loadRun } from './load-run.ts';
import { threadsFor } from './room.ts';

export interface PreparedRun {
  /** With the model's path resolved to its file, and the threads of a worker to a number. */
  readonly job: Job;
  readonly loaded: LoadedJob;
  readonly model: ModelIdentity;
  readonly folder: ModelFolder;
  readonly shards: readonly Shard[];
  readonly inputFingerprint: string;
  /** What the fingerprints are made of, in words. */
  readonly facts: Readonly<Record<string, string>>;
}

export async function prepareRun(request: JobRequest): Promise<PreparedRun> {
  return prepareLoaded(await loadRun(request));
}

/** As `prepareRun`, for a job that was loaded and checked before; `modelFile` is the one of the model's folder to take. */
export async function prepareLoaded(loaded: LoadedJob, modelFile?: string): Promise<PreparedRun> {
  const { dataset, model: choice } = loaded.job;
  const [modelPath, shards] = await Promise.all([
    modelFile ?? locateModel(choice.path, choice),
    discoverShards({ paths: dataset.path, format: dataset.format }),
  ]);
  const folder = await readModelFolder(choice.path, modelPath);
  const modules = await moduleFiles(loaded.job);
  const sidecars = new Set([...filesOfFolder(folder), ...(await tokenizerFiles(loaded.job)), ...modules]);
  const model = await identifyModel(modelPath, [...sidecars]);
  const { run } = loaded.job;
  const job: Job = {
    ...loaded.job,
    model: { ...loaded.job.model, path: modelPath },
    run: { ...run, threadsPerWorker: threadsFor(run, modelBytesOf(model)) },
  };
  const external = model.externalFiles.map(({ path, sha256 }) => `${path} ${sha256.slice(0, 12)}`);
  return {
    job,
    loaded,
    model,
    folder,
    shards,
    inputFingerprint: inputFingerprintOf(shards),
    facts: {
      ...loaded.facts,
      'model file': [`${model.path} ${model.sha256.slice(0, 12)}`, ...external].join(', '),
      ...Object.fromEntries(
        model.sidecars.map(({ path, sha256 }) => [
          `${modules.some((file) => sameFile(model.path, path, file)) ? 'transform' : 'beside the model'}: ${path}`,
          `sha256 ${sha256.slice(0, 12)}`,
        ]),
      ),
      ...shardFacts(shards),
    },
  };
}

const sameFile = (modelPath: string, path: string, file: string): boolean => resolve(dirname(modelPath), path) === file;

/** The files of the job's own modules, and of what these import. */
async function moduleFiles({ transform }: Job): Promise<readonly string[]> {
  const modules = [transform?.before, transform?.after].filter((path) => path !== undefined);
  return [...new Set((await Promise.all(modules.map(transformFiles))).flat())];
}

type FoundShard = Pick<Shard, 'path' | 'fileBytes' | 'modifiedMs'>;

/** What identifies the input: which files it has, in which order, and when they were last written to. */
export const inputFingerprintOf = (shards: readonly FoundShard[]): string =>
  sha256OfText(canonicalJson(shards.map(({ path, fileBytes, modifiedMs }) => [path, fileBytes, modifiedMs])));

const shardFact = 'shard ';

export const shardFacts = (shards: readonly FoundShard[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    shards.map(({ path, fileBytes, modifiedMs }) => [
      `${shardFact}${path}`,
      `${fileBytes} bytes, modified ${new Date(modifiedMs).toISOString()}`,
    ]),
  );

/** The facts of job and model alone. */
export const withoutShards = (facts: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(facts).filter(([name]) => !name.startsWith(shardFact)));

/** The same job and model on other shards, numbered anew. */
export function ofShards(prepared: PreparedRun, shards: readonly Shard[]): PreparedRun {
  return {
    ...prepared,
    shards: shards.map((shard, index) => ({ ...shard, index })),
    inputFingerprint: inputFingerprintOf(shards),
    facts: { ...withoutShards(prepared.facts), ...shardFacts(shards) },
  };
}

/** The files of the tokenizers that the job names: a result depends on them as on those beside the model. */
async function tokenizerFiles({ inputs = {} }: Job): Promise<readonly string[]> {
  const named = Object.values(inputs).flatMap(({ text }) => text?.tokenizer ?? []);
  const found = await Promise.all(named.map(locateTokenizer));
  return found.flatMap(({ tokenizerPath, configPath }) => [
    tokenizerPath,
    ...(configPath === null ? [] : [configPath]),
  ]);
}
