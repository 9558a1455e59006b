// Everything that is checked before the first inference: the model against the columns of every shard, a dry batch through
// the real session, and the cut into splits. Its result is the plan; whatever is wrong comes out here, all at once.
import { type Connection, duckdbVersion } from '../core/duckdb.ts';
import { type Failure, FailureError } from '../core/failure.ts';
import { listed } from '../core/failures/failure-kind.ts';
import type { Shard, SourceColumn } from '../core/split.ts';
import type { Job } from '../job/schema.ts';
import { threadsOf } from '../job/threads-of.ts';
import { type Model, modelBytesOf } from '../model/model-file.ts';
import { knownModel } from '../model/require-same-model.ts';
import { runtimeVersion, type Session } from '../model/session.ts';
import { resultsWith } from '../scoring/binding.ts';
import type { PlannedShard } from '../scoring/scoring-job.ts';
import { sourceColumns } from '../scoring/source-columns.ts';
import { profileShards } from '../source/open.ts';
import type { TransformPlan } from '../transform/transform-plan.ts';
import { autoBatchRows, gridRowsFor } from './batch-rows.ts';
import { bindInputs } from './bind.ts';
import { bindExpressions } from './bind-expressions.ts';
import { bindResults } from './bind-results.ts';
import { calibrationNotices } from './calibrate.ts';
import { checkShards } from './check-shards.ts';
import { chooseBatchRows } from './choose-batch-rows.ts';
import { datasetColumns, transformedColumns } from './dataset-columns.ts';
import { declaredTypes } from './declared-types.ts';
import type { DryRows } from './dry-rows.ts';
import { draftBinding, fitModel } from './fit-model.ts';
import { leaveUnread } from './leave-unread.ts';
import { canScoreInOnePass } from './one-pass.ts';
import type { Plan } from './plan.ts';
import { Preview } from './preview.ts';
import { resultEntries } from './result-entries.ts';
import { sampleRows } from './sample-rows.ts';
import { sharedScaleNotice } from './shared-scale-notice.ts';
import { sliceSplits } from './slice-splits.ts';
import { cutSplits } from './splits.ts';

export interface PreflightRequest {
  readonly job: Job;
  readonly shards: readonly Shard[];
  readonly model: Model;
  readonly session: Session;
  readonly connection: Connection;
  /** Where plain copies of compressed text go; null when nothing is to be written. */
  readonly scratchFolder: string | null;
  /** A folder for what reading needs on the way. */
  readonly temporaryFolder: string;
  /** Other than the first where these end the process. */
  readonly dryRows: DryRows;
  /** Those of the unfinished or finished run that this one repeats; null: to be chosen. */
  readonly batchRows: number | null;
  /** Whether what is found out about the model on this machine may be kept for the next run. */
  readonly remembers: boolean;
  /** Types that text columns have in the result already, where the job declares none. */
  readonly pinnedTypes?: Readonly<Record<string, string>>;
}

/** Makes the plan, or throws a FailureError with everything that stands against the run. */
export async function preflight(request: PreflightRequest): Promise<Plan> {
  const { job, shards, connection, scratchFolder } = request;
  const { csv } = job.dataset;
  const textGridRows = gridRowsFor(job, request.model.signature);
  const profiles = await profileShards(shards, { connection, csv, gridRows: textGridRows, scratchFolder });
  const found = datasetColumns(profiles, await declaredTypes(connection, job.dataset.types), request.pinnedTypes);
  const planned = shards.map(
    (shard, index): PlannedShard => ({
      ...shard,
      rows: profiles[index].rows,
      plainPath: profiles[index].plainPath ?? null,
      footerSha256: profiles[index].footerSha256,
    }),
  );
  const preview = new Preview(request, planned, profiles);
  const transform = await preview.planTransform(found);
  const columns = transformedColumns(found, transform?.columns ?? []);
  const fitted = await fitModel({
    job,
    model: request.model,
    session: request.session,
    preview,
    bindTo: (signature) =>
      bindInputs({
        connection,
        signature,
        folder: request.model.folder,
        job,
        columns,
        shardPath: shards[0].path,
        transformReads: (transform?.reads ?? []).map(({ name }) => name),
        firstListOf: (feature, wanted) => preview.firstListOf(feature, wanted),
      }),
  });
  const { model, session, rewrite } = fitted;
  checkShards(shards, profiles, sourceColumns(fitted.bound.wanted, transform), job);
  const unread = await leaveUnread(fitted.bound.inputs, { model, shards, connection });
  const bound = { ...fitted.bound, inputs: unread.inputs };
  const isFixedBatch = bound.callRows !== null;
  const entries = resultEntries(model.signature, job.outputs);
  const draft = draftBinding(bound, model.signature, job);
  const observed = await preview.dryRun(draft, bound.wanted, session, bound.callRows);
  const tensors = [...bound.inputs, ...bound.preparations.flatMap(({ inputs }) => inputs)];
  const hasRowAxis = tensors.some((input) => input.hasRowAxis);
  const { results, applied, failures } = bindResults({
    signature: model.signature,
    outputs: job.outputs,
    kept: bound.kept,
    hasRowAxis,
    isEven: tensors.every(({ rowShape }) => rowShape.every((size) => size !== null)),
    observed: observed.rowShapes,
  });
  const kept = columns.filter(({ name }) => bound.kept.includes(name));
  const unkeepable = kept
    .filter(({ type }) => /\bINTERVAL\b/.test(type))
    .map(({ name, type }): Failure => ({ reason: 'keep-type', column: name, type }));
  const after =
    job.transform?.after === undefined || failures.length > 0
      ? undefined
      : await preview.planAfter({
          path: job.transform.after,
          binding: { ...draft, applied, results, callRows: bound.callRows ?? 16 },
          wanted: bound.wanted,
          session,
        });
  const written = resultsWith(results, after);
  const { computed, writeWhere, ...unbound } = await bindExpressions({
    connection,
    expressions: entries.expressions,
    writeWhere: job.output.where ?? null,
    results: written,
    kept: bound.kept,
    wanted: bound.wanted,
  });
  // Of results that cannot be bound, the columns that expressions would read are not known.
  const all = [...failures, ...(failures.length === 0 ? unbound.failures : []), ...unkeepable];
  if (all.length > 0) throw new FailureError(...(all as [Failure, ...Failure[]]));
  const resultBytesPerRow = Object.values(observed.rowShapes).reduce(
    (sum, shape) => sum + 8 * shape.reduce((product, size) => product * size, 1),
    0,
  );
  const gridRows = autoBatchRows(job, tensors, bound.callRows, resultBytesPerRow);
  const { batchRows, calibration } = await chooseBatchRows({
    gridRows,
    repeated: request.batchRows,
    isOpen: job.run.batchRows === 'auto' && !isFixedBatch && draft.preparations.length === 0 && hasRowAxis,
    remembers: request.remembers,
    observedMs: observed.msPerCall,
    observedRows: dryRunRows,
    datasetRows: profiles.reduce((sum, { rows }) => sum + rows, 0),
    modelSha256: model.identity.sha256,
    threads: threadsOf(job.run),
    binding: draft,
    wanted: bound.wanted,
    preview,
    session,
  });
  const { slice } = job.dataset;
  // Pictures, texts, a user's module and calls of few rows take longer than any model of that size.
  const isSlow = isFixedBatch || draft.preparations.length > 0 || (transform ?? after) !== undefined;
  // By the grid: all machines that share a dataset in slices cut it alike, whatever batch each of them measured.
  const allSplits = cutSplits(
    profiles.map(({ rows, starts, endByte, decodedBytes }) => ({ rows, starts, endByte, decodedBytes })),
    {
      rowsPerFile: job.output.rowsPerFile,
      batchRows: gridRows,
      resultBytesPerRow,
      modelBytes: isSlow ? Number.POSITIVE_INFINITY : modelBytesOf(model.identity),
      slices: slice?.count ?? 1,
    },
  );
  const { splits, covers } =
    slice === undefined ? { splits: allSplits, covers: undefined } : sliceSplits(allSplits, planned, slice);
  const wantedTypes = new Map(bound.wanted.map(({ name, type }) => [name, type]));
  const sharedScale = sharedScaleNotice(model.operators, bound.callRows ?? batchRows);
  return {
    model: {
      ...knownModel(model.identity),
      adaptations: model.adaptations,
      folder: model.folder,
      rewrite,
    },
    shards: planned,
    splits,
    covers,
    rows: splits.reduce((sum, { rows }) => sum + rows, 0),
    binding: {
      ...draft,
      applied,
      results,
      ...(after === undefined ? {} : { after }),
      computed,
      writeWhere,
      callRows: bound.callRows ?? batchRows,
    },
    wanted: bound.wanted,
    transform,
    where: job.dataset.where ?? null,
    csv,
    compression: job.output.compression,
    batchRows,
    isOnePass: canScoreInOnePass(job, { ...draft, writeWhere }, resultBytesPerRow),
    calibration,
    sample:
      job.output.columnSummary === 'off'
        ? null
        : sampleRows({
            shardRows: profiles.map(({ rows }) => rows),
            batchRows,
            splits: splits.length,
            binding: { ...draft, results, computed, ...(after === undefined ? {} : { after }) },
          }),
    threads: threadsOf(job.run),
    expectedCallMs: expectedCallMs(observed.msPerCall, bound.callRows, batchRows),
    columns: [
      ...bound.kept.map((name): SourceColumn => ({ name, type: wantedTypes.get(name) ?? '' })),
      ...[...written, ...computed].map(({ name, type }) => ({ name, type })),
    ],
    notices: [
      ...[transform, after].flatMap((one) => (one === undefined || one === null ? [] : [transformNotice(one)])),
      ...model.adaptations,
      ...fitted.notices,
      ...unread.notices,
      ...(isFixedBatch ? [fixedBatchNotice(bound.callRows ?? 1, observed.msPerCall)] : []),
      ...(calibration === null ? [] : calibrationNotices(calibration)),
      ...(sharedScale === null ? [] : [sharedScale]),
    ],
    versions: { onnxruntime: await runtimeVersion(), duckdb: duckdbVersion() },
  };
}

/** The first rows are tried so many at a time, or as many as the model takes. */
const dryRunRows = 16;

function expectedCallMs(msPerCall: number | null, callRows: number | null, batchRows: number): number | null {
  if (msPerCall === null) return null;
  return callRows === null ? msPerCall * Math.max(1, batchRows / dryRunRows) : msPerCall;
}

const transformNotice = ({ path, reads, columns }: TransformPlan): string =>
  `transform ${path}: given ${listed(reads.map(({ name }) => name))}; gives ${listed(columns.map(({ name, type }) => `${name} (${type})`))}`;

const fixedBatchNotice = (rows: number, msPerCall: number | null): string =>
  `the model takes ${rows === 1 ? 'one row' : `${rows} rows`} a call${msPerCall === null ? '' : `: about ${Math.round((1000 * rows) / Math.max(msPerCall, 0.001))} rows per second and worker`}`;
