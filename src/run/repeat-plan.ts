// Plans a finished run once more from what its manifest keeps: the same job on the same model and input, cut the same way.
// Whatever is not as it was is named, and nothing is scored.
import type { Manifest } from '../commit/manifest.ts';
import { FailureError } from '../core/failure.ts';
import { canonicalJson } from '../core/hash.ts';
import type { Engine } from '../engine/engine.ts';
import { jobSchema } from '../job/schema.ts';
import type { Plan } from '../plan/plan.ts';
import { preflightIn } from './preflight-in.ts';
import { type PreparedRun, prepareLoaded } from './prepare-run.ts';

export interface RepeatRequest {
  readonly manifest: Manifest;
  readonly outputPath: string;
}

/** The job of a manifest on its model and shards. Fails with `rescore-changed`, or as preparing a run does. */
export async function prepareRepeat({ manifest, outputPath }: RepeatRequest): Promise<PreparedRun> {
  const parsed = jobSchema.safeParse(manifest.job.definition);
  if (!parsed.success) {
    const change = `the job in the manifest was written for scoremill ${manifest.versions.scoremill} and is no job for this version`;
    throw new FailureError({ reason: 'rescore-changed', output: outputPath, changes: [change] });
  }
  const { fingerprint, facts } = manifest.job;
  // The very file that was used: "latest" may mean another one by now.
  const prepared = await prepareLoaded({ job: parsed.data, jobPath: null, fingerprint, facts }, manifest.model.path);
  const changes = [...modelChanges(manifest, prepared), ...shardChanges(manifest, prepared)];
  if (changes.length > 0) throw new FailureError({ reason: 'rescore-changed', output: outputPath, changes });
  return prepared;
}

/** The plan, with the splits of the manifest. */
export async function planRepeat(
  engine: Engine,
  prepared: PreparedRun,
  { manifest, outputPath }: RepeatRequest,
  scratchFolder: string,
  memoryBytes: number,
): Promise<Plan> {
  const plan = await preflightIn(engine, prepared, scratchFolder, memoryBytes, {
    batchRows: manifest.batchRows,
  });
  const before = manifest.parts.map(({ pieces }) => pieces);
  const now = plan.splits.map(({ pieces }) => pieces);
  const changes = [
    ...(plan.batchRows === manifest.batchRows ? [] : [`batches: ${plan.batchRows} rows (was ${manifest.batchRows})`]),
    ...(canonicalJson(before) === canonicalJson(now)
      ? []
      : [`splits: this version of scoremill cuts the input into ${now.length} others (was ${before.length})`]),
  ];
  const adaptations = [manifest.model.adaptations, plan.model.adaptations].map((all) => all.join('; ') || 'none');
  if (adaptations[0] !== adaptations[1])
    changes.push(`adaptations of the model: ${adaptations[1]} (was: ${adaptations[0]})`);
  if (changes.length > 0) throw new FailureError({ reason: 'rescore-changed', output: outputPath, changes });
  return plan;
}

function modelChanges({ model: before }: Manifest, { model: now }: PreparedRun): readonly string[] {
  const changes: string[] = [];
  const compare = (path: string, one: string | undefined, other: string): void => {
    if (one !== other)
      changes.push(`model ${path}: sha256 ${other.slice(0, 12)}... (was ${one?.slice(0, 12) ?? 'not there'}...)`);
  };
  compare(now.path, before.sha256, now.sha256);
  for (const { path, sha256 } of now.externalFiles)
    compare(path, before.externalFiles.find((file) => file.path === path)?.sha256, sha256);
  for (const { path, sha256 } of now.sidecars)
    compare(path, before.sidecars.find((file) => file.path === path)?.sha256, sha256);
  return changes;
}

function shardChanges({ dataset }: Manifest, { shards }: PreparedRun): readonly string[] {
  const before = new Map(dataset.shards.map((shard) => [shard.path, shard]));
  const now = new Set(shards.map(({ path }) => path));
  const stateOf = ({ fileBytes, modifiedMs }: { readonly fileBytes: number; readonly modifiedMs: number }): string =>
    `${fileBytes} bytes, modified ${new Date(modifiedMs).toISOString()}`;
  return [
    ...shards.flatMap((shard) => {
      const old = before.get(shard.path);
      if (old === undefined) return [`shard ${shard.path}: new`];
      const isSame = old.fileBytes === shard.fileBytes && old.modifiedMs === shard.modifiedMs;
      return isSame ? [] : [`shard ${shard.path}: ${stateOf(shard)} (was ${stateOf(old)})`];
    }),
    ...dataset.shards.filter(({ path }) => !now.has(path)).map(({ path }) => `shard ${path}: gone`),
  ];
}
