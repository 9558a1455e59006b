// The columns that a user's function makes of a relation, as a table beside it: a row for every row of the relation, in its
// order. The pieces wait in memory until the stream is read to its end, since a connection does one thing at a time.
import { rangeOf, writeArrow } from '../core/arrow-to-duckdb.ts';
import { type Connection, chunkRows } from '../core/duckdb.ts';
import {
  createChunk,
  resetChunk,
  setRows,
  vectorOf,
  writeNumbers,
  writeString,
  writeValidity,
} from '../core/duckdb-vectors.ts';
import { quoteName } from '../core/sql.ts';
import { arrowTypeText, TransformCall, type TransformedArrays } from './call-transform.ts';
import { loadTransform } from './load-transform.ts';
import { type BatchesRequest, type TransformedPiece, transformBatches } from './transform-batches.ts';
import type { TransformPlan } from './transform-plan.ts';

export interface TransformTable extends AsyncDisposable {
  /** Columns: `scoremill_at_shard`, `scoremill_at_row` (DOUBLE), `scoremill_failed` (why, or null), and those of the plan. */
  readonly name: string;
  /** How many rows the function throws on. */
  readonly failed: number;
}

export const tableShard = 'scoremill_at_shard';
export const tableRow = 'scoremill_at_row';
export const tableFailed = 'scoremill_failed';

let tables = 0;

/** Makes the table. Throws a FailureError, `transform-result`, when the function gives other columns than were planned. */
export async function transformTable(
  plan: TransformPlan,
  rows: Pick<BatchesRequest, 'connection' | 'relation' | 'shard' | 'row' | 'pathOfShard' | 'hasGaps'>,
): Promise<TransformTable> {
  const { transform } = await loadTransform(plan.path);
  const call = new TransformCall(plan.path, transform);
  const pieces: TransformedPiece[] = [];
  for await (const piece of transformBatches({ ...rows, reads: plan.reads, params: plan.params, call })) {
    if (piece.arrays !== null) requirePlanned(piece.arrays, plan, call);
    pieces.push(piece);
  }
  const { connection } = rows;
  const name = `scoremill_transformed_${++tables}`;
  const types = ['INTEGER', 'DOUBLE', 'VARCHAR', ...plan.columns.map(({ type }) => type)];
  const names = [tableShard, tableRow, tableFailed, ...plan.columns.map((column) => column.name)];
  const definitions = names.map((column, index) => `${quoteName(column)} ${types[index]}`);
  await connection.run(`CREATE TEMP TABLE ${name} (${definitions.join(', ')})`);
  const drop = async (): Promise<void> => {
    await connection.run(`DROP TABLE IF EXISTS ${name}`);
  };
  try {
    await append(pieces, plan, connection, name, types);
  } catch (error) {
    await drop();
    throw error;
  }
  const failed = pieces.filter(({ arrays }) => arrays === null).length;
  return { name, failed, [Symbol.asyncDispose]: drop };
}

function requirePlanned(arrays: TransformedArrays, { columns }: TransformPlan, call: TransformCall): void {
  for (const { name, arrowType } of columns) {
    const array = arrays.get(name);
    if (array === undefined)
      throw call.wrong(`it gave no column "${name}" for some rows; return the same columns each time`);
    const found = arrowTypeText(array.type);
    if (found !== arrowType && found !== '"NULL"')
      throw call.wrong(
        `its column "${name}" is ${found} for some rows and ${arrowType} for the first; return one type, such as that of a typed array`,
      );
  }
  const stray = [...arrays.keys()].find((name) => columns.every((column) => column.name !== name));
  if (stray !== undefined)
    throw call.wrong(`it gave a column "${stray}" that the first rows had not; return the same columns each time`);
}

async function append(
  pieces: readonly TransformedPiece[],
  { columns }: TransformPlan,
  connection: Connection,
  table: string,
  types: readonly string[],
): Promise<void> {
  const logicalTypes = [];
  for (const type of types) logicalTypes.push(await connection.logicalType(type));
  const chunk = createChunk(logicalTypes);
  const appender = connection.appender(table);
  for (const { shard, rowNumbers, arrays, message } of pieces) {
    const rows = rowNumbers.length;
    for (let from = 0; from < rows; from += chunkRows) {
      const count = Math.min(chunkRows, rows - from);
      resetChunk(chunk);
      writeNumbers(vectorOf(chunk, 0), new Int32Array(count).fill(shard));
      writeNumbers(vectorOf(chunk, 1), rowNumbers.slice(from, from + count));
      if (arrays === null) writeString(vectorOf(chunk, 2), 0, message);
      else writeValidity(vectorOf(chunk, 2), new Uint8Array(count));
      for (const [index, { name }] of columns.entries()) {
        const array = arrays?.get(name);
        const isNull = array === undefined || arrowTypeText(array.type) === '"NULL"';
        if (isNull) writeValidity(vectorOf(chunk, index + 3), new Uint8Array(count));
        else writeArrow(vectorOf(chunk, index + 3), array, rangeOf(from, count));
      }
      setRows(chunk, count);
      appender.append(chunk);
    }
  }
  appender.close();
}
