// Plans a finished run once more from what its manifest keeps: the same job on the same model and input, cut the same way.
// Whatever is not as it was is named, and nothing is scored.
import type { Manifest } from '../commit/manifest.ts';
import { FailureError } from '../core/failure.ts';
import { canonicalJson } from '../core/hash.ts';
import type { Piece, Split } from '../core/split.ts';
import type { Engine } from '../engine/engine.ts';
import { jobSchema } from '../job/schema.ts';
import type { Plan } from '../plan/plan.ts';
import { columnChanges, pinnedTypes } from './append-work.ts';
import { preflightIn } from './preflight-in.ts';
import { type PreparedRun, prepareLoaded } from './prepare-run.ts';
import { mayGrow } from './run-of-manifest.ts';

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
  const changes = [...modelChanges(manifest, prepared), ...(mayGrow(manifest) ? [] : shardChanges(manifest, prepared))];
  if (changes.length > 0) throw new FailureError({ reason: 'rescore-changed', output: outputPath, changes });
  return prepared;
}

/** The parts whose shards are all as they were when they were scored. */
export function partsToRepeat({ dataset, parts }: Manifest, { shards }: PreparedRun): Manifest['parts'] {
  const now = new Map(shards.map((shard) => [shard.path, shard]));
  const isThere = dataset.shards.map(({ path, fileBytes, modifiedMs }) => {
    const shard = now.get(path);
    return shard?.fileBytes === fileBytes && shard.modifiedMs === modifiedMs;
  });
  return parts.filter(({ pieces }) => pieces.every(({ shard }) => isThere[shard]));
}

/** The plan, with the splits of the manifest: of a result that grew they are taken from it, as their shards were cut among others. */
export async function planRepeat(
  engine: Engine,
  prepared: PreparedRun,
  { manifest, outputPath }: RepeatRequest,
  scratchFolder: string,
  memoryBytes: number,
): Promise<Plan> {
  const isGrown = mayGrow(manifest);
  const plan = await preflightIn(engine, prepared, scratchFolder, memoryBytes, {
    batchRows: manifest.batchRows,
    pinnedTypes: isGrown ? pinnedTypes(manifest) : {},
  });
  const before = manifest.parts.map(({ pieces }) => pieces);
  const now = plan.splits.map(({ pieces }) => pieces);
  const isSameCut = isGrown || canonicalJson(before) === canonicalJson(now);
  const changes = [
    ...(plan.batchRows === manifest.batchRows ? [] : [`batches: ${plan.batchRows} rows (was ${manifest.batchRows})`]),
    ...(isSameCut
      ? []
      : [`splits: this version of scoremill cuts the input into ${now.length} others (was ${before.length})`]),
    ...columnChanges(plan.columns, manifest.columns),
  ];
  const adaptations = [manifest.model.adaptations, plan.model.adaptations].map((all) => all.join('; ') || 'none');
  if (adaptations[0] !== adaptations[1])
    changes.push(`adaptations of the model: ${adaptations[1]} (was: ${adaptations[0]})`);
  if (changes.length > 0) throw new FailureError({ reason: 'rescore-changed', output: outputPath, changes });
  return isGrown ? { ...plan, splits: manifest.parts.map(splitOf) } : plan;
}

const splitOf = ({ split, pieces }: Manifest['parts'][number]): Split => ({
  index: split,
  pieces: pieces.map(plainPiece),
  rows: pieces.reduce((sum, { startRow, endRow }) => sum + endRow - startRow, 0),
});

/** Without keys that are there and undefined. */
const plainPiece = ({
  shard,
  startRow,
  endRow,
  startByte,
  endByte,
}: Manifest['parts'][number]['pieces'][number]): Piece =>
  startByte === undefined || endByte === undefined
    ? { shard, startRow, endRow }
    : { shard, startRow, endRow, startByte, endByte };

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
