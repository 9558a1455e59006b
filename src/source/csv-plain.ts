// A CSV split read without DuckDB's reader, where nearly all of its records are plain: their fields go from the bytes into typed
// arrays. Records that are not plain keep their texts, which SQL converts as it would convert them all; those that are no rows
// become rejects. A text that is not worth it, or not understood, is left to the ways of csv-read.ts, which give the same rows.
import { FailureError } from '../core/failure.ts';
import type { Reject } from '../core/split.ts';
import type { CsvDialect } from './csv-dialect.ts';
import { isPlainDialect } from './csv-field-kinds.ts';
import { CsvFields } from './csv-fields.ts';
import { bytesBeyond } from './csv-numbers.ts';
import { fieldsOf } from './csv-record.ts';
import { CsvScanner } from './csv-scanner.ts';
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

class PlainReading implements PlainRows {
  readonly columns: readonly TypedColumn[];
  readonly textRows: TextRow[] = [];
  readonly runs: RowRun[] = [];
  readonly rejects: Reject[] = [];
  rows = 0;
  readonly #planned: number;
  #others = 0;

  constructor(columns: readonly TypedColumn[], planned: number) {
    this.columns = columns;
    this.#planned = planned;
  }

  async read(group: PlainGroup, fields: readonly number[], decimalComma: boolean): Promise<boolean> {
    const { dialect, names } = group;
    const columnOf = names.map((_, field) => this.columns[fields.indexOf(field)] ?? null);
    const plain = new CsvFields({ dialect, decimalComma, columns: columnOf });
    for (const piece of group.pieces) if (!(await this.#readPiece(piece, group, fields, plain))) return false;
    return true;
  }

  async #readPiece(piece: ReadPiece, group: PlainGroup, fields: readonly number[], plain: CsvFields): Promise<boolean> {
    const { path, startByte, endByte } = bytesOf(piece);
    const records = new PieceRecords(piece, this.runs);
    const nulls = new Set(group.dialect.nullValues.map((text) => Buffer.from(text).toString('latin1')));
    /** Takes one record, which stands at `[begin, end)` of the bytes that `plain` uses; false: the other ways must be taken. */
    const take = (bytes: Buffer, begin: number, end: number, byte: number): boolean => {
      if (this.rows === this.#planned || records.row === piece.endRow) return false;
      if (plain.set(this.rows, begin, end)) {
        this.rows++;
        records.row++;
        return true;
      }
      const text = withoutLineEnd(bytes.toString('latin1', begin, end));
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
    };
    if (!(await eachRecord(path, startByte, endByte, new CsvScanner(group.dialect), plain, take))) return false;
    if (records.row !== piece.endRow) {
      const read = records.row - piece.startRow;
      throw new FailureError({ reason: 'row-count-mismatch', path, counted: rowsOf(piece), read });
    }
    records.endRun();
    this.rejects.push(...(await rejectsOf(piece.source.index, path, records.broken)));
    return true;
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

/** Shows every record of a byte range with at least `bytesBeyond` bytes behind it; ends early, with false, when one is not taken. */
async function eachRecord(
  path: string,
  startByte: number,
  endByte: number,
  scanner: CsvScanner,
  fields: CsvFields,
  take: (bytes: Buffer, begin: number, end: number, byte: number) => boolean,
): Promise<boolean> {
  /** The record that the last block did not end. */
  let open: Buffer[] = [];
  let openByte = startByte;
  let position = startByte;
  const takeCopy = (parts: readonly Buffer[], byte: number): boolean => {
    const copy = Buffer.concat([...parts, Buffer.from('\n'), Buffer.alloc(bytesBeyond)]);
    fields.use(copy);
    return take(copy, 0, copy.length - bytesBeyond, byte);
  };
  for await (const block of fileBlocks(path, startByte, endByte)) {
    const begins = scanner.push(block);
    const first = begins.length === 0 ? block.length : begins[0];
    if (open.length > 0) open.push(Buffer.from(block.subarray(0, first)));
    if (begins.length > 0) {
      if (open.length > 0 && !takeCopy(open, openByte)) return false;
      fields.use(block);
      const last = begins.length - 1;
      for (let i = 0; i < last; i++) {
        const end = begins[i + 1];
        if (end + bytesBeyond <= block.length) {
          if (!take(block, begins[i], end, position + begins[i])) return false;
        } else if (!takeCopy([block.subarray(begins[i], end)], position + begins[i])) return false;
      }
      open = [Buffer.from(block.subarray(begins[last]))];
      openByte = position + begins[last];
    }
    position += block.length;
  }
  return open.length === 0 || takeCopy(open, openByte);
}
