// What the job's transform is given and what it adds, decided by running it on the first rows.
import { type ArrowReader, arrowReader } from '../core/arrow-from-duckdb.ts';
import { type Connection, normalisedType } from '../core/duckdb.ts';
import { nearest } from '../core/edit-distance.ts';
import { type Failure, FailureError } from '../core/failure.ts';
import type { SourceColumn } from '../core/split.ts';
import { arrowTypeText, TransformCall, type TransformedArrays } from '../transform/call-transform.ts';
import { loadTransform } from '../transform/load-transform.ts';
import { emptyBatch, transformBatches } from '../transform/transform-batches.ts';
import type { TransformedColumn, TransformPlan } from '../transform/transform-plan.ts';

/** Rows that the function is tried on. */
const dryRows = 64;
/** Names that a relation has for itself. */
const reserved = /^scoremill_/i;

export interface PlanTransformRequest {
  readonly connection: Connection;
  readonly path: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** The place in the job, for messages: `transform.before`. */
  readonly where: string;
  readonly columns: readonly SourceColumn[];
  readonly shardPath: string;
  /** Opens the first rows with the columns to read, with SQL of shard and row; null when there are none to try. */
  readonly withRows:
    | ((
        reads: readonly SourceColumn[],
        use: (at: { readonly relation: string; readonly shard: string; readonly row: string }) => Promise<void>,
      ) => Promise<void>)
    | null;
}

export async function planTransform(request: PlanTransformRequest): Promise<TransformPlan> {
  const { connection, path, params, shardPath, withRows } = request;
  const module = await loadTransform(path);
  const call = new TransformCall(path, module.transform);
  const reads = readsOf(module.columns, request);
  let seen: TransformedArrays | null = null;
  let tried = 0;
  let message = '';
  const unknown = new Set<string>();
  if (withRows !== null) {
    await withRows(reads, async ({ relation, shard, row }) => {
      const first = `(SELECT * FROM ${relation} LIMIT ${dryRows})`;
      const at = { connection, relation: first, shard, row, pathOfShard: () => shardPath };
      for await (const piece of transformBatches({ ...at, reads, params, call })) {
        tried += piece.rowNumbers.length;
        if (piece.arrays === null) message = piece.message;
        else seen = merged(seen, piece.arrays);
      }
    });
  }
  if (tried > 0 && seen === null)
    throw new FailureError({ reason: 'transform-fails-on-every-row', path, rows: tried, shard: shardPath, message });
  const arrays: TransformedArrays =
    seen ?? (await call.call(emptyBatch(reads), { params, shard: shardPath, firstRow: 0 }));
  const columns: TransformedColumn[] = [];
  for (const [name, { type }] of arrays) {
    const arrowType = arrowTypeText(type);
    if (arrowType === '"NULL"') unknown.add(name);
    const sqlType = await normalisedType(connection, arrowType);
    if (sqlType === undefined || /^UNSUPPORTED/.test(arrowType))
      throw call.wrong(
        `its column "${name}" is of the type ${type}, which cannot be taken; give numbers, texts, dates or lists of them`,
      );
    if (reserved.test(name))
      throw call.wrong(`its column "${name}" has a name that scoremill keeps to itself; rename it`);
    columns.push({ name, type: sqlType, arrowType });
  }
  const [unclear] = unknown;
  if (unclear !== undefined)
    throw call.wrong(
      `its column "${unclear}" has no value in the first rows, so its type is not known; give a typed array or an Arrow vector`,
    );
  if (columns.length === 0) throw call.wrong('it gave no columns; return those that it adds or replaces');
  return { path, params, reads, columns };
}

/** Of a column without values in some pieces, the type is that of the others. */
function merged(before: TransformedArrays | null, arrays: TransformedArrays): TransformedArrays {
  if (before === null) return arrays;
  const isUnknown = (name: string): boolean => arrowTypeText(before.get(name)!.type) === '"NULL"';
  return new Map([...before].map(([name, array]) => [name, isUnknown(name) ? (arrays.get(name) ?? array) : array]));
}

function readsOf(names: readonly string[] | null, request: PlanTransformRequest): readonly SourceColumn[] {
  const { columns, shardPath, where, path } = request;
  const known = columns.map(({ name }) => name);
  const failures: Failure[] = [];
  const reads: SourceColumn[] = [];
  for (const name of new Set(names ?? known)) {
    const column = columns.find((one) => one.name === name);
    if (column === undefined) {
      const suggestion = nearest(name, known);
      failures.push({
        reason: 'column-missing',
        where: `${where} (columns)`,
        column: name,
        shard: shardPath,
        known,
        suggestion,
      });
      continue;
    }
    const reader: ArrowReader | null = arrowReader(column.type);
    if (reader === null) failures.push({ reason: 'transform-column-type', path, column: name, type: column.type });
    else reads.push({ name, type: column.type });
  }
  if (failures.length > 0) throw new FailureError(...(failures as [Failure, ...Failure[]]));
  return reads;
}
