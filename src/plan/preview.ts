// The first rows of a dataset, for what only rows can tell: the length of a list, the shapes of results, whether a model that
// was changed still gives the same.
import type { Connection } from '../core/duckdb.ts';
import { FailureError } from '../core/failure.ts';
import type { SourceColumn } from '../core/split.ts';
import type { Job } from '../job/schema.ts';
import type { Session } from '../model/session.ts';
import { applyOutputs } from '../scoring/apply-outputs.ts';
import type { Batch } from '../scoring/batch.ts';
import type { Binding, WantedColumn } from '../scoring/binding.ts';
import { joinedRows } from '../scoring/join-results.ts';
import { openPreparers } from '../scoring/open-preparers.ts';
import { type BatchRequest, readBatches } from '../scoring/read-batches.ts';
import { ResultTable } from '../scoring/result-table.ts';
import { type ScoredBatch, scoreBatch } from '../scoring/score-batch.ts';
import type { PlannedShard } from '../scoring/scoring-job.ts';
import { filteredRelation, readFailure, rowsAfterTransform } from '../scoring/split-rows.ts';
import { type ReadPiece, type Rows, rowColumn, type ShardProfile, shardColumn } from '../source/source.ts';
import { startStopwatch } from '../stats/stopwatch.ts';
import type { TransformPlan } from '../transform/transform-plan.ts';
import type { DryRows } from './dry-rows.ts';
import { dryRun } from './dry-run.ts';
import type { Feature } from './features.ts';

export interface PreviewRequest {
  readonly job: Job;
  readonly connection: Connection;
  /** A folder for what reading needs on the way. */
  readonly temporaryFolder: string;
  readonly dryRows: DryRows;
}

export interface AfterRequest {
  /** The module's file. */
  readonly path: string;
  /** With the results that the module is given. */
  readonly binding: Binding;
  readonly wanted: readonly WantedColumn[];
  readonly session: Session;
}

/** A list of any kind, or a BLOB, as a connection returns it; what is neither has no items and no bytes. */
interface ListValue {
  readonly bytes?: Uint8Array;
  readonly items?: readonly (ListValue | null)[];
}

/** Modules of the user's need apache-arrow, which jobs without one do not load. */
const loadPlanner = () => import('./plan-transform.ts');

/** The first rows of the dataset, opened when they are first asked for. */
export class Preview {
  readonly #request: PreviewRequest;
  readonly #pieces: readonly ReadPiece[];
  readonly #shards: readonly PlannedShard[];
  #transform: TransformPlan | null = null;

  constructor(request: PreviewRequest, shards: readonly PlannedShard[], profiles: readonly ShardProfile[]) {
    this.#request = request;
    this.#shards = shards;
    const index = profiles.findIndex(({ rows }) => rows > 0);
    this.#pieces = index === -1 || hasNoPlainFile(shards[index]) ? [] : [firstPiece(shards[index], profiles[index])];
  }

  /** Decides what the job's transform adds; from then on its columns are among those of the rows. */
  async planTransform(columns: readonly SourceColumn[]): Promise<TransformPlan | null> {
    const { job, connection, dryRows } = this.#request;
    if (job.transform?.before === undefined) return null;
    const hasRows = this.#pieces.length > 0 && dryRows === 'first';
    const { planTransform } = await loadPlanner();
    this.#transform = await planTransform({
      connection,
      path: job.transform.before,
      params: job.transform.params,
      where: 'transform.before',
      columns,
      shardPath: this.#shards[0].path,
      withRows: hasRows
        ? (reads, use) => this.#withRows(reads, ({ relation }) => use({ relation, shard: shardColumn, row: rowColumn }))
        : null,
    });
    return this.#transform;
  }

  /** Decides what the job's module makes of the results: of those of the first rows. */
  async planAfter({ path, binding, wanted, session }: AfterRequest): Promise<TransformPlan> {
    const { job, connection, dryRows } = this.#request;
    const kept = wanted.filter(({ name }) => binding.kept.includes(name));
    const hasRows = this.#pieces.length > 0 && dryRows === 'first';
    const { planTransform } = await loadPlanner();
    const plan = await planTransform({
      connection,
      path,
      params: job.transform?.params ?? {},
      where: 'transform.after',
      columns: [...kept, ...binding.results],
      shardPath: this.#shards[0].path,
      withRows: hasRows ? (_, use) => this.#withResults({ binding, wanted, session }, use) : null,
    });
    const [taken] = plan.columns.filter(({ name }) => kept.some((column) => column.name === name));
    if (taken === undefined) return plan;
    const advice = `${path} gives it, and the column of the row is kept; leave it out of keep, or rename it in the module`;
    throw new FailureError({ reason: 'result-name-taken', column: taken.name, advice });
  }

  /** The first rows with their results, placed, as far as they can be scored. */
  async #withResults(
    { binding, wanted, session }: Pick<AfterRequest, 'binding' | 'wanted' | 'session'>,
    use: (at: { readonly relation: string; readonly shard: string; readonly row: string }) => Promise<void>,
  ): Promise<void> {
    const { connection } = this.#request;
    await this.#withRows(wanted, async (found) => {
      const first = await this.#firstRows(found, binding, 16);
      let scored: { readonly batch: Batch; readonly results: ScoredBatch } | null = null;
      for await (const batch of readBatches(first)) {
        const results = applyOutputs(scoreBatch(batch, { session, binding, onCall: () => {} }), binding.applied);
        scored = { batch, results };
      }
      if (scored === null) return;
      const table = await ResultTable.create(connection, 'scoremill_first_results', binding.results);
      try {
        table.append(scored.batch, scored.results);
        table.finish();
        const rows = joinedRows(binding, first.relation, table.name, true);
        await use({ relation: `(${rows})`, shard: shardColumn, row: rowColumn });
      } finally {
        await table.drop();
      }
    });
  }

  async firstListOf({ sql }: Feature, wanted: readonly WantedColumn[]): Promise<readonly number[] | null> {
    if (this.#pieces.length === 0) return null;
    const query = (relation: string): string =>
      `SELECT ${sql} AS list FROM ${relation} WHERE ${sql} IS NOT NULL LIMIT 1`;
    const [first] = await this.#withRows(wanted, ({ relation }) =>
      this.#request.connection.rows<{ list: ListValue }>(query(relation)),
    );
    if (first === undefined) return null;
    if (first.list.bytes !== undefined) return [first.list.bytes.length];
    const sizes: number[] = [];
    for (let level: ListValue | null = first.list; level?.items; level = level.items[0] ?? null)
      sizes.push(level.items.length);
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
      preparers: await openPreparers(binding.preparations),
      pathOfShard: (shard: number) => this.#shards[shard].path,
      shardPath: this.#shards[0].path,
    };
    if (this.#pieces.length === 0 || dryRows === 'blank') return dryRun({ ...request, rows: null });
    return this.#withRows(wanted, (rows) => {
      const relation = `(SELECT * FROM ${filteredRelation(rows, job.dataset.where ?? null)} LIMIT ${Math.max(16, rowsPerCall)})`;
      return dryRun({ ...request, rows: { relation, hasFaults: rows.hasFaults } });
    });
  }

  /** The first rows as one batch with places `[0, rows)` and room for one more; null when there are none to try. */
  async withBatch<Value>(
    binding: Binding,
    wanted: readonly WantedColumn[],
    rows: number,
    use: (batch: Batch) => Promise<Value>,
  ): Promise<Value | null> {
    if (this.#pieces.length === 0 || this.#request.dryRows !== 'first') return null;
    return this.#withRows(wanted, async (found) => {
      let value: Value | null = null;
      for await (const batch of readBatches(await this.#firstRows(found, binding, rows))) value ??= await use(batch);
      return value;
    });
  }

  /** What reads the first rows as one batch with places `[0, rows)` and room for one more. */
  async #firstRows(found: Rows, binding: Binding, rows: number): Promise<BatchRequest> {
    const { job, connection } = this.#request;
    const first = `(SELECT * FROM ${filteredRelation(found, job.dataset.where ?? null)} LIMIT ${rows})`;
    return {
      connection,
      binding,
      preparers: await openPreparers(binding.preparations),
      relation: `(SELECT * REPLACE ((row_number() OVER () - 1) AS ${rowColumn}) FROM ${first})`,
      hasFaults: found.hasFaults,
      batchRows: rows + 1,
      pathOfShard: (shard) => this.#shards[shard].path,
      stopwatch: startStopwatch(),
    };
  }

  async #withRows<Value>(wanted: readonly WantedColumn[], use: (rows: Rows) => Promise<Value>): Promise<Value> {
    const { connection, job, temporaryFolder } = this.#request;
    const reading = { csv: job.dataset.csv, wanted, transform: this.#transform, shards: this.#shards };
    try {
      await using rows = await rowsAfterTransform(this.#pieces, reading, connection, temporaryFolder);
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
