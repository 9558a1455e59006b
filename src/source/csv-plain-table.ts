// Rows that were read without DuckDB's reader, as a relation: typed arrays are handed over as they are, and the texts of records
// that are not plain, and of columns whose types have no array, are converted by the SQL of text-values.ts.
import { type Chunk, type Connection, chunkRows, type Vector } from '../core/duckdb.ts';
import type { ChunkTable } from '../core/duckdb-table.ts';
import { setRows, vectorOf, writeBytes, writeLists, writeNumbers, writeValidity } from '../core/duckdb-vectors.ts';
import { quoteName } from '../core/sql.ts';
import type { PlainRows, TextRow } from './csv-plain.ts';
import { faultColumn, type ReadColumn, type Rows, rowColumn, shardColumn } from './source.ts';
import type { RowRun } from './text-pieces.ts';
import { faultOf } from './text-table.ts';
import { conversionOf } from './text-values.ts';
import { hasTypedColumn } from './typed-columns.ts';

/** Columns of the table: shard, row, the texts of a row that is not plain, then the requested columns as c0, c1, ... */
const columnsBefore = 3;
const textsColumn = 'texts';

/** The type in which a requested column is read: its own, or text that SQL converts. */
export const readType = ({ type }: ReadColumn): string => (hasTypedColumn(type) ? type : 'VARCHAR');

export async function plainRelation(
  connection: Connection,
  rows: PlainRows,
  columns: readonly ReadColumn[],
  decimalComma: boolean,
): Promise<Rows> {
  const types = ['INTEGER', 'BIGINT', 'VARCHAR[]', ...columns.map(readType)];
  const names = [shardColumn, rowColumn, textsColumn, ...columns.map((_, index) => `c${index}`)];
  const described = [];
  for (const [index, type] of types.entries()) {
    described.push({ name: names[index], type: await connection.logicalType(type) });
  }
  const table = await connection.openTable(chunkTable(rows, described));
  const relation = relationOf(table.sql, columns, rows.textRows.length > 0, decimalComma);
  const [{ faults }] = relation.mayHaveFaults
    ? await connection.rows<{ faults: boolean }>(`SELECT count(${faultColumn}) > 0 AS faults FROM ${relation.sql}`)
    : [{ faults: false }];
  return {
    relation: relation.sql,
    hasFaults: faults,
    unreadable: rows.rejects,
    [Symbol.asyncDispose]: async () => table.close(),
  };
}

function relationOf(
  from: string,
  columns: readonly ReadColumn[],
  hasTextRows: boolean,
  decimalComma: boolean,
): { readonly sql: string; readonly mayHaveFaults: boolean } {
  const conversions = columns.map((column) => conversionOf(column, { kind: 'csv', decimalComma, underscores: true }));
  const isText = (index: number): boolean => !hasTypedColumn(columns[index].type);
  const places = columns.map((_, index) => index);
  const texts = places.filter((index) => hasTextRows || isText(index));
  const raw = texts.map((index) => {
    const ofRow = `${textsColumn}[${index + 1}]`;
    if (!isText(index)) return `${ofRow} AS r${index}`;
    return `${hasTextRows ? `CASE WHEN ${textsColumn} IS NULL THEN c${index} ELSE ${ofRow} END` : `c${index}`} AS r${index}`;
  });
  const values = places.map((index) => {
    const converted = conversions[index].value(`r${index}`);
    if (isText(index)) return `${converted} AS v${index}`;
    return hasTextRows
      ? `CASE WHEN ${textsColumn} IS NULL THEN c${index} ELSE ${converted} END AS v${index}`
      : `c${index} AS v${index}`;
  });
  const ofTexts = faultOf(conversions, columns, isText);
  const fault = hasTextRows
    ? `CASE WHEN ${textsColumn} IS NULL THEN ${ofTexts} ELSE ${faultOf(conversions, columns)} END`
    : ofTexts;
  const delivered = places.map((index) => `v${index} AS ${quoteName(columns[index].name)}`);
  const sql = `(SELECT ${[shardColumn, rowColumn, `CAST(${fault} AS VARCHAR) AS ${faultColumn}`, ...delivered].join(', ')} \
FROM (SELECT ${['*', ...values].join(', ')} FROM (SELECT ${['*', ...raw].join(', ')} FROM ${from})))`;
  return { sql, mayHaveFaults: hasTextRows || ofTexts !== 'NULL' };
}

function chunkTable({ rows, columns, runs, textRows }: PlainRows, described: ChunkTable['columns']): ChunkTable {
  const scan: ChunkTable['scan'] = (places) => {
    let from = 0;
    const keys = new RunKeys(runs);
    let nextText = 0;
    return (chunk: Chunk) => {
      const to = Math.min(rows, from + chunkRows);
      const count = to - from;
      keys.fill(count);
      const firstText = nextText;
      while (textRows[nextText]?.row < to) nextText++;
      for (const [index, place] of places.entries()) {
        if (place >= described.length) continue;
        const vector = vectorOf(chunk, index);
        if (place === 0) writeNumbers(vector, keys.shards.subarray(0, count));
        else if (place === 1) writeNumbers(vector, keys.rows.subarray(0, count));
        else if (place === 2) writeTexts(vector, textRows.slice(firstText, nextText), from, count);
        else columns[place - columnsBefore].write(vector, from, to);
      }
      setRows(chunk, count);
      from = to;
    };
  };
  return { columns: described, rows, scan };
}

/** The texts of the rows that are not plain, null for all others. */
function writeTexts(vector: Vector, textRows: readonly TextRow[], from: number, count: number): void {
  const lengths = new Uint32Array(count);
  const present = new Uint8Array(count);
  for (const { row, texts } of textRows) {
    lengths[row - from] = texts.length;
    present[row - from] = 1;
  }
  const child = writeLists(vector, lengths);
  const texts = textRows.flatMap((row) => row.texts);
  texts.forEach((text, index) => {
    if (text !== null) writeBytes(child, index, Buffer.from(text, 'latin1'));
  });
  writeValidity(
    child,
    Uint8Array.from(texts, (text) => (text === null ? 0 : 1)),
  );
  writeValidity(vector, present);
}

/** Shard and row number of row after row. */
class RunKeys {
  readonly shards = new Int32Array(chunkRows);
  readonly rows = new BigInt64Array(chunkRows);
  readonly #runs: readonly RowRun[];
  #run = 0;
  #row: number | undefined;

  constructor(runs: readonly RowRun[]) {
    this.#runs = runs;
  }

  fill(count: number): void {
    for (let i = 0; i < count; ) {
      const { shard, firstRow, endRow } = this.#runs[this.#run];
      const from = this.#row ?? firstRow;
      const some = Math.min(count - i, endRow - from);
      this.shards.fill(shard, i, i + some);
      for (let row = 0; row < some; row++) this.rows[i + row] = BigInt(from + row);
      i += some;
      this.#row = from + some;
      if (this.#row < endRow) continue;
      this.#run++;
      this.#row = undefined;
    }
  }
}
