// Everything that is checked before the first inference: the model against the columns of every shard, a dry batch through
// the real session, and the cut into splits. Its result is the plan; whatever is wrong comes out here, all at once.
import { type Connection, duckdbVersion } from '../core/duckdb.ts';
import { type Failure, FailureError } from '../core/failure.ts';
import type { Shard, SourceColumn } from '../core/split.ts';
import type { Job } from '../job/schema.ts';
import type { Binding, WantedColumn } from '../model/binding.ts';
import type { Model } from '../model/model-file.ts';
import { runtimeVersion, type Session } from '../model/session.ts';
import type { PlannedShard } from '../scoring/scoring-job.ts';
import { filteredRelation, readFailure } from '../scoring/split-rows.ts';
import { profileShards, rowsOfPieces } from '../source/open.ts';
import type { ReadPiece, Rows, ShardProfile } from '../source/source.ts';
import { autoBatchRows, gridRowsFor } from './batch-rows.ts';
import { bindInputs } from './bind.ts';
import { bindResults } from './bind-results.ts';
import { checkShards } from './check-shards.ts';
import { datasetColumns } from './dataset-columns.ts';
import { declaredTypes } from './declared-types.ts';
import type { DryRows } from './dry-rows.ts';
import { dryRun } from './dry-run.ts';
import type { Feature } from './features.ts';
import type { Plan } from './plan.ts';
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
}

/** Makes the plan, or throws a FailureError with everything that stands against the run. */
export async function preflight(request: PreflightRequest): Promise<Plan> {
  const { job, shards, model, session, connection, scratchFolder } = request;
  const { csv } = job.dataset;
  const gridRows = gridRowsFor(job, model.signature);
  const profiles = await profileShards(shards, { connection, csv, gridRows, scratchFolder });
  const columns = datasetColumns(profiles, await declaredTypes(connection, job.dataset.types));
  const planned = shards.map(
    (shard, index): PlannedShard => ({
      ...shard,
      rows: profiles[index].rows,
      plainPath: profiles[index].plainPath ?? null,
    }),
  );
  const preview = new Preview(request, planned, profiles);
  const bound = await bindInputs({
    connection,
    signature: model.signature,
    job,
    columns,
    shardPath: shards[0].path,
    firstListOf: (feature, wanted) => preview.firstListOf(feature, wanted),
  });
  checkShards(shards, profiles, bound.wanted, job);
  const isFixedBatch = bound.callRows !== null;
  const draft: Binding = {
    ...bound,
    results: [],
    fetches: fetchesOf(model, job),
    callRows: bound.callRows ?? 1,
    isFixedBatch,
  };
  const observed = await preview.dryRun(draft, bound.wanted, session, bound.callRows);
  const hasRowAxis = bound.inputs.some((input) => input.hasRowAxis);
  const { results, failures } = bindResults({
    signature: model.signature,
    outputs: job.outputs,
    kept: bound.kept,
    hasRowAxis,
    isEven: bound.inputs.every(({ rowShape }) => rowShape.every((size) => size !== null)),
    observed: observed.rowShapes,
  });
  const kept = columns.filter(({ name }) => bound.kept.includes(name));
  const unkeepable = kept
    .filter(({ type }) => /\bINTERVAL\b/.test(type))
    .map(({ name, type }): Failure => ({ reason: 'keep-type', column: name, type }));
  const all = [...failures, ...unkeepable];
  if (all.length > 0) throw new FailureError(...(all as [Failure, ...Failure[]]));
  const resultBytesPerRow = Object.values(observed.rowShapes).reduce(
    (sum, shape) => sum + 8 * shape.reduce((product, size) => product * size, 1),
    0,
  );
  const batchRows = autoBatchRows(job, bound.inputs, bound.callRows, resultBytesPerRow);
  const splits = cutSplits(
    profiles.map(({ rows, starts, endByte, decodedBytes }) => ({ rows, starts, endByte, decodedBytes })),
    { rowsPerFile: job.output.rowsPerFile, batchRows, resultBytesPerRow },
  );
  const wantedTypes = new Map(bound.wanted.map(({ name, type }) => [name, type]));
  return {
    model: { path: model.identity.path, sha256: model.identity.sha256, adaptations: model.adaptations },
    shards: planned,
    splits,
    rows: splits.reduce((sum, { rows }) => sum + rows, 0),
    binding: {
      ...draft,
      results,
      fetches: [...new Set(results.map(({ output }) => output))],
      callRows: bound.callRows ?? batchRows,
    },
    wanted: bound.wanted,
    where: job.dataset.where ?? null,
    csv,
    compression: job.output.compression,
    batchRows,
    threads: job.run.threadsPerWorker,
    columns: [
      ...bound.kept.map((name): SourceColumn => ({ name, type: wantedTypes.get(name) ?? '' })),
      ...results.map(({ name, type }) => ({ name, type })),
    ],
    notices: [
      ...model.adaptations,
      ...(isFixedBatch ? [fixedBatchNotice(bound.callRows ?? 1, observed.msPerCall)] : []),
    ],
    versions: { onnxruntime: await runtimeVersion(), duckdb: duckdbVersion() },
  };
}

const fetchesOf = ({ signature }: Model, { outputs }: Job): readonly string[] =>
  signature.outputs.map(({ name }) => name).filter((name) => outputs === undefined || outputs[name] !== undefined);

const fixedBatchNotice = (rows: number, msPerCall: number | null): string =>
  `the model takes ${rows === 1 ? 'one row' : `${rows} rows`} a call${msPerCall === null ? '' : `: about ${Math.round((1000 * rows) / Math.max(msPerCall, 0.001))} rows per second and worker`}`;

/** The first rows of the dataset, opened when they are first asked for. */
class Preview {
  readonly #request: PreflightRequest;
  readonly #pieces: readonly ReadPiece[];
  readonly #shards: readonly PlannedShard[];

  constructor(request: PreflightRequest, shards: readonly PlannedShard[], profiles: readonly ShardProfile[]) {
    this.#request = request;
    this.#shards = shards;
    const index = profiles.findIndex(({ rows }) => rows > 0);
    this.#pieces = index === -1 || hasNoPlainFile(shards[index]) ? [] : [firstPiece(shards[index], profiles[index])];
  }

  async firstListOf({ sql }: Feature, wanted: readonly WantedColumn[]): Promise<readonly number[] | null> {
    if (this.#pieces.length === 0) return null;
    const query = (relation: string): string =>
      `SELECT to_json(${sql})::VARCHAR AS list FROM ${relation} WHERE ${sql} IS NOT NULL LIMIT 1`;
    const [first] = await this.#withRows(wanted, ({ relation }) =>
      this.#request.connection.rows<{ list: string }>(query(relation)),
    );
    if (first === undefined) return null;
    const sizes: number[] = [];
    for (let level: unknown = JSON.parse(first.list); Array.isArray(level); level = level[0]) sizes.push(level.length);
    return sizes;
  }

  async dryRun(
    binding: Binding,
    wanted: readonly WantedColumn[],
    session: Session,
    callRows: number | null,
  ): ReturnType<typeof dryRun> {
    const { job, connection, dryRows } = this.#request;
    if (dryRows === 'none') return { rowShapes: {}, msPerCall: null };
    const rowsPerCall = callRows ?? (job.run.batchRows === 'auto' ? 16 : Math.min(16, job.run.batchRows));
    const request = {
      connection,
      session,
      binding: { ...binding, callRows: rowsPerCall },
      shardPath: this.#shards[0].path,
    };
    if (this.#pieces.length === 0 || dryRows === 'blank') return dryRun({ ...request, rows: null });
    return this.#withRows(wanted, (rows) => {
      const relation = `(SELECT * FROM ${filteredRelation(rows, job.dataset.where ?? null)} LIMIT ${Math.max(16, rowsPerCall)})`;
      return dryRun({ ...request, rows: { relation, hasFaults: rows.hasFaults } });
    });
  }

  async #withRows<Value>(wanted: readonly WantedColumn[], use: (rows: Rows) => Promise<Value>): Promise<Value> {
    const { connection, job, temporaryFolder } = this.#request;
    const request = { connection, csv: job.dataset.csv, columns: wanted, scratchFolder: temporaryFolder };
    try {
      await using rows = await rowsOfPieces(this.#pieces, request);
      return await use(rows);
    } catch (error) {
      throw readFailure(error, this.#pieces, job.dataset.where ?? null);
    }
  }
}

/** Compressed text of which no plain copy was made (`scoremill plan`) cannot be previewed. */
const hasNoPlainFile = ({ compression, plainPath }: PlannedShard): boolean =>
  compression !== 'none' && plainPath === null;

function firstPiece(shard: PlannedShard, { rows, starts, endByte }: ShardProfile): ReadPiece {
  const base = { shard: shard.index, source: shard, path: shard.plainPath ?? shard.path, startRow: 0 };
  if (endByte === undefined) return { ...base, endRow: Math.min(rows, 2048) };
  const next = starts[1];
  return { ...base, endRow: next?.row ?? rows, startByte: starts[0]?.byte ?? 0, endByte: next?.byte ?? endByte };
}
