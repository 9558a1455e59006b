// A CSV split read without DuckDB's reader, where nearly all of its records are plain: their fields go from the bytes into typed
// arrays. Records that are not plain keep their texts, which SQL converts as it would convert them all; those that are no rows
// become rejects. A text that is not worth it, or not understood, is left to the ways of csv-read.ts, which give the same rows.
import { FailureError } from '../core/failure.ts';
import type { Reject } from '../core/split.ts';
import type { CsvDialect } from './csv-dialect.ts';
import { isPlainDialect } from './csv-field-kinds.ts';
import { CsvFields } from './csv-fields.ts';
import { fieldsOf } from './csv-record.ts';
import { CsvScanner } from './csv-scanner.ts';
import { RecordBlocks, type RecordTaker } from './record-blocks.ts';
import type { ReadPiece } from './source.ts';
import { fileBlocks } from './text-file.ts';
import { bytesOf, type RowRun, rowsOf } from './text-pieces.ts';
import { withoutLineEnd } from './text-scanner.ts';
import { type BrokenRecord, contentBytes, rejectsOf } from './text-sift.ts';
import { TypedColumn } from './typed-columns.ts';

/** A record of which SQL makes the values. */
export interface TextRow {
  /** Its place among all rows that are read. */
  readonly row: number;
  /** The text of each requested column, as bytes (latin1); null for a null value. */
  readonly texts: readonly (string | null)[];
}

export interface PlainRows {
  readonly columns: readonly TypedColumn[];
  readonly textRows: readonly TextRow[];
  /** Which rows of which shard the rows are, in order. */
  readonly runs: readonly RowRun[];
  readonly rows: number;
  readonly rejects: readonly Reject[];
}

/** Pieces whose files have the same columns and dialect. */
export interface PlainGroup {
  readonly names: readonly string[];
  readonly dialect: CsvDialect;
  readonly pieces: readonly ReadPiece[];
}

/** What is read stays in memory until the split is done. */
const mostBytes = 512 * 1024 * 1024;
/** One record in so many may have to be split by the rules of csv-record.ts, which takes ten times as long; and so many in any case. */
const mostOthersShare = 1 / 32;
const mostOthers = 1000;

/** Reads groups of pieces, of each the columns of these names in these types; null where another way must be taken. */
export async function readPlainRows(
  groups: readonly PlainGroup[],
  wanted: readonly { readonly name: string; readonly type: string }[],
  decimalComma: boolean,
): Promise<PlainRows | null> {
  if (groups.some(({ dialect }) => !isPlainDialect(dialect, decimalComma))) return null;
  const ranges = groups.flatMap(({ pieces }) => pieces.map(bytesOf));
  if (ranges.reduce((sum, { startByte, endByte }) => sum + endByte - startByte, 0) > mostBytes) return null;
  const planned = groups.flatMap(({ pieces }) => pieces).reduce((sum, piece) => sum + rowsOf(piece), 0);
  const reading = new PlainReading(
    wanted.map(({ type }) => new TypedColumn(type, planned)),
    planned,
  );
  for (const group of groups) {
    const fields = wanted.map(({ name }) => group.names.indexOf(name));
    if (fields.includes(-1) || !(await reading.read(group, fields, decimalComma))) return null;
  }
  return reading;
}

/** A piece while it is read. */
interface PieceReading {
  readonly piece: ReadPiece;
  readonly group: PlainGroup;
  /** For each wanted column, its field in a record. */
  readonly fields: readonly number[];
  readonly nulls: ReadonlySet<string>;
  readonly plain: CsvFields;
  readonly records: PieceRecords;
}

class PlainReading implements PlainRows, RecordTaker {
  readonly columns: readonly TypedColumn[];
  readonly textRows: TextRow[] = [];
  readonly runs: RowRun[] = [];
  readonly rejects: Reject[] = [];
  rows = 0;
  readonly #planned: number;
  #others = 0;
  #now: PieceReading | undefined;

  constructor(columns: readonly TypedColumn[], planned: number) {
    this.columns = columns;
    this.#planned = planned;
  }

  async read(group: PlainGroup, fields: readonly number[], decimalComma: boolean): Promise<boolean> {
    const { dialect, names } = group;
    const columnOf = names.map((_, field) => this.columns[fields.indexOf(field)] ?? null);
    const plain = new CsvFields({ dialect, decimalComma, columns: columnOf });
    const nulls = new Set(dialect.nullValues.map((text) => Buffer.from(text).toString('latin1')));
    for (const piece of group.pieces) {
      const records = new PieceRecords(piece, this.runs);
      if (!(await this.#readPiece({ piece, group, fields, nulls, plain, records }))) return false;
    }
    return true;
  }

  async #readPiece(now: PieceReading): Promise<boolean> {
    const { piece, group, plain, records } = now;
    const { path, startByte, endByte } = bytesOf(piece);
    this.#now = now;
    const blocks = new RecordBlocks(new CsvScanner(group.dialect), plain, this, startByte);
    for await (const block of fileBlocks(path, startByte, endByte)) if (!blocks.push(block)) return false;
    if (!blocks.end()) return false;
    if (records.row !== piece.endRow) {
      const read = records.row - piece.startRow;
      throw new FailureError({ reason: 'row-count-mismatch', path, counted: rowsOf(piece), read });
    }
    records.endRun();
    this.rejects.push(...(await rejectsOf(piece.source.index, path, records.broken)));
    return true;
  }

  take(bytes: Buffer, begin: number, end: number, byte: number): boolean {
    const { piece, plain, records } = this.#now!;
    if (this.rows === this.#planned || records.row === piece.endRow) return false;
    if (!plain.set(this.rows, begin, end)) return this.#takeText(bytes.toString('latin1', begin, end), byte);
    this.rows++;
    records.row++;
    return true;
  }

  #takeText(bytes: string, byte: number): boolean {
    const { group, fields, nulls, records } = this.#now!;
    const text = withoutLineEnd(bytes);
    const split = fieldsOf(text, group.names.length, group.dialect);
    if ('malformed' in split) records.reject(byte, split.malformed, text);
    else {
      const texts = fields.map((field) => split.fields[field]);
      this.textRows.push({ row: this.rows, texts: texts.map((field) => (nulls.has(field) ? null : field)) });
      this.rows++;
      records.row++;
    }
    this.#others++;
    return this.#others <= Math.max(mostOthers, this.rows * mostOthersShare);
  }
}

/** How far a piece has been read. */
class PieceRecords {
  row: number;
  readonly broken: BrokenRecord[] = [];
  readonly #shard: number;
  readonly #runs: RowRun[];
  #firstRow: number;

  constructor({ source, startRow }: ReadPiece, runs: RowRun[]) {
    this.#shard = source.index;
    this.#runs = runs;
    this.#firstRow = startRow;
    this.row = startRow;
  }

  reject(byte: number, problem: string, text: string): void {
    this.endRun();
    this.broken.push({ row: this.row, byte, problem, text: text.slice(0, contentBytes) });
    this.row++;
    this.#firstRow = this.row;
  }

  endRun(): void {
    if (this.row > this.#firstRow) this.#runs.push({ shard: this.#shard, firstRow: this.#firstRow, endRow: this.row });
  }
}
