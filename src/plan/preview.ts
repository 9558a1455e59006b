// The first rows of a dataset, for what only rows can tell: the length of a list, the shapes of results, whether a model that
// was changed still gives the same.
import type { Connection } from '../core/duckdb.ts';
import type { Job } from '../job/schema.ts';
import type { Session } from '../model/session.ts';
import type { Batch } from '../scoring/batch.ts';
import type { Binding, WantedColumn } from '../scoring/binding.ts';
import { openPreparers } from '../scoring/open-preparers.ts';
import { readBatches } from '../scoring/read-batches.ts';
import type { PlannedShard } from '../scoring/scoring-job.ts';
import { filteredRelation, readFailure } from '../scoring/split-rows.ts';
import { rowsOfPieces } from '../source/open.ts';
import { type ReadPiece, type Rows, rowColumn, type ShardProfile } from '../source/source.ts';
import { startStopwatch } from '../stats/stopwatch.ts';
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

/** A list of any kind, or a BLOB, as a connection returns it; what is neither has no items and no bytes. */
interface ListValue {
  readonly bytes?: Uint8Array;
  readonly items?: readonly (ListValue | null)[];
}

/** The first rows of the dataset, opened when they are first asked for. */
export class Preview {
  readonly #request: PreviewRequest;
  readonly #pieces: readonly ReadPiece[];
  readonly #shards: readonly PlannedShard[];

  constructor(request: PreviewRequest, shards: readonly PlannedShard[], profiles: readonly ShardProfile[]) {
    this.#request = request;
    this.#shards = shards;
    const index = profiles.findIndex(({ rows }) => rows > 0);
    this.#pieces = index === -1 || hasNoPlainFile(shards[index]) ? [] : [firstPiece(shards[index], profiles[index])];
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
    const { job, connection, dryRows } = this.#request;
    if (this.#pieces.length === 0 || dryRows !== 'first') return null;
    const preparers = await openPreparers(binding.preparations);
    return this.#withRows(wanted, async (found) => {
      const first = `(SELECT * FROM ${filteredRelation(found, job.dataset.where ?? null)} LIMIT ${rows})`;
      const relation = `(SELECT * REPLACE ((row_number() OVER () - 1) AS ${rowColumn}) FROM ${first})`;
      const request = { connection, binding, preparers, relation, hasFaults: found.hasFaults, batchRows: rows + 1 };
      const pathOfShard = (shard: number): string => this.#shards[shard].path;
      let value: Value | null = null;
      for await (const batch of readBatches({ ...request, pathOfShard, stopwatch: startStopwatch() })) {
        value ??= await use(batch);
      }
      return value;
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
