// The fields of plain CSV records straight from the bytes into typed arrays: a number costs 20 ns, a fifth of a text that DuckDB's
// reader makes and SQL converts. Only what is certain is taken. A value is set where it is exactly the one that text-values.ts
// gives to the text of the field, and has no fault there; of any other record nothing is.
import type { CsvDialect } from './csv-dialect.ts';
import { fieldKinds, integerRanges, kindOf, longestWord, looksLikeValue, wordValues } from './csv-field-kinds.ts';
import { CsvNumbers } from './csv-numbers.ts';
import type { TypedColumn } from './typed-columns.ts';

const lineFeed = 10;
const carriageReturn = 13;
const blank = 32;
const { skip, float, double, integer, boolean, text } = fieldKinds;

/** A 64-bit integer on its way into two halves. */
const wideValue = new Float64Array(1);

export interface FieldRequest {
  readonly dialect: CsvDialect;
  readonly decimalComma: boolean;
  /** For each field of a record: where its values go, or null. */
  readonly columns: readonly (TypedColumn | null)[];
}

export class CsvFields {
  readonly #columns: readonly (TypedColumn | null)[];
  readonly #kinds: Uint8Array;
  readonly #numbers: readonly Float64Array[];
  readonly #floats: readonly Float32Array[];
  /** The halves of 64-bit integers. */
  readonly #words: readonly Uint32Array[];
  readonly #ranges: readonly (readonly [number, number])[];
  readonly #delimiter: number;
  readonly #quote: number;
  readonly #escape: number;
  readonly #reader: CsvNumbers;
  readonly #nulls: readonly Buffer[];
  readonly #hasEmptyNull: boolean;
  /** A null value that could also be a number is looked for first. */
  readonly #nullsFirst: boolean;
  #bytes: Uint8Array = new Uint8Array(0);

  constructor({ dialect, decimalComma, columns }: FieldRequest) {
    this.#columns = columns;
    this.#kinds = Uint8Array.from(columns, (column) => kindOf(column?.type));
    this.#numbers = columns.map((column) => (column?.numbers ?? new Float64Array(0)) as Float64Array);
    this.#floats = columns.map(
      (column) => (column?.type === 'FLOAT' ? column.numbers : new Float32Array(0)) as Float32Array,
    );
    this.#words = this.#numbers.map(
      ({ buffer, byteOffset, byteLength }) => new Uint32Array(buffer, byteOffset, byteLength >> 2),
    );
    this.#ranges = columns.map((column) => integerRanges[column?.type ?? ''] ?? [0, 0]);
    this.#delimiter = dialect.delimiter.charCodeAt(0);
    // No byte is 256.
    this.#quote = dialect.quote === '' ? 256 : dialect.quote.charCodeAt(0);
    this.#escape = dialect.escape === '' ? 256 : dialect.escape.charCodeAt(0);
    this.#reader = new CsvNumbers({ decimalComma });
    this.#nulls = dialect.nullValues.filter((value) => value !== '').map((value) => Buffer.from(value));
    this.#hasEmptyNull = dialect.nullValues.includes('');
    this.#nullsFirst = dialect.nullValues.some(looksLikeValue);
  }

  /** The bytes that records stand in. */
  use(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#reader.use(bytes);
  }

  /**
   * Sets a row to the record at `[begin, end)`, its line end included; false where it is not plain, and the row is as it was.
   * At least `bytesBeyond` (csv-numbers.ts) more bytes can be read.
   */
  set(row: number, begin: number, end: number): boolean {
    if (this.#set(row, begin, end)) return true;
    for (const column of this.#columns) column?.clear(row);
    return false;
  }

  #set(row: number, begin: number, end: number): boolean {
    const bytes = this.#bytes;
    const kinds = this.#kinds;
    const delimiter = this.#delimiter;
    const quote = this.#quote;
    const last = kinds.length - 1;
    const nullsFirst = this.#nullsFirst;
    let i = begin;
    for (let field = 0; field <= last; field++) {
      const kind = kinds[field];
      const isQuoted = bytes[i] === quote;
      if (isQuoted) i++;
      const start = i;
      if (kind === float && !nullsFirst) {
        i = this.#reader.float(start, this.#floats[field], row);
        if (i < 0) i = this.#otherwise(row, field, start, isQuoted);
      } else if (kind === skip) {
        i = this.#textEnd(start, isQuoted);
      } else if (kind === text) {
        i = this.#text(row, field, start, isQuoted);
      } else i = this.#other(row, field, start, isQuoted);
      if (i < 0) return false;
      if (isQuoted && bytes[i++] !== quote) return false;
      if (field < last && bytes[i++] !== delimiter) return false;
    }
    while (i < end && (bytes[i] === lineFeed || bytes[i] === carriageReturn)) i++;
    return i === end;
  }

  /** Values of rarer types, and those of all types where a null value may look like one. */
  #other(row: number, field: number, start: number, isQuoted: boolean): number {
    if (this.#nullsFirst) {
      const end = this.#nullEnd(start, isQuoted);
      if (end >= 0) {
        this.#columns[field]!.setNull(row);
        return end;
      }
    }
    const end = this.#value(row, field, start);
    return end < 0 ? this.#otherwise(row, field, start, isQuoted) : end;
  }

  #value(row: number, field: number, start: number): number {
    const numbers = this.#numbers[field];
    switch (this.#kinds[field]) {
      case float:
        return this.#reader.float(start, this.#floats[field], row);
      case double:
        return this.#reader.double(start, numbers, row);
      case boolean:
        return this.#boolean(start, numbers, row);
      case integer:
        return this.#reader.integer(start, this.#ranges[field], numbers, row);
      default: {
        const end = this.#reader.integer(start, this.#ranges[field], wideValue, 0);
        const words = this.#words[field];
        const high = Math.floor(wideValue[0] / 2 ** 32);
        words[row * 2] = wideValue[0] - high * 2 ** 32;
        words[row * 2 + 1] = high;
        return end;
      }
    }
  }

  /** Null values, and numbers that are words; -1 for all else. */
  #otherwise(row: number, field: number, start: number, isQuoted: boolean): number {
    const end = this.#nullEnd(start, isQuoted);
    if (end >= 0) {
      this.#columns[field]!.setNull(row);
      return end;
    }
    const kind = this.#kinds[field];
    if (kind !== float && kind !== double) return -1;
    const wordEnd = this.#textEnd(start, isQuoted);
    if (wordEnd < 0 || wordEnd - start > longestWord) return -1;
    const value = wordValues.get(String.fromCharCode(...this.#bytes.subarray(start, wordEnd)));
    if (value === undefined) return -1;
    (kind === float ? this.#floats : this.#numbers)[field][row] = value;
    return wordEnd;
  }

  /** The end of a field that holds a null value, or -1. */
  #nullEnd(start: number, isQuoted: boolean): number {
    if (this.#ends(start, isQuoted)) return this.#hasEmptyNull ? start : -1;
    for (const value of this.#nulls) {
      if (!this.#ends(start + value.length, isQuoted)) continue;
      if (value.equals(this.#bytes.subarray(start, start + value.length))) return start + value.length;
    }
    return -1;
  }

  #ends(at: number, isQuoted: boolean): boolean {
    const byte = this.#bytes[at];
    if (isQuoted) return byte === this.#quote;
    return byte === this.#delimiter || byte === lineFeed || byte === carriageReturn;
  }

  /** Where a text ends, or -1 where it is not plain. */
  #textEnd(start: number, isQuoted: boolean): number {
    const bytes = this.#bytes;
    const quote = this.#quote;
    let i = start;
    if (isQuoted) {
      const escaping = this.#escape;
      while (i < bytes.length && bytes[i] !== quote && bytes[i] !== escaping) i++;
      // A quote that is doubled or escaped.
      return bytes[i] === quote && (escaping !== quote || bytes[i + 1] !== quote) ? i : -1;
    }
    if (bytes[i] === blank && bytes[i + 1] === quote) return -1;
    const delimiter = this.#delimiter;
    for (; i < bytes.length; i++) {
      const byte = bytes[i];
      if (byte === delimiter || byte === lineFeed || byte === carriageReturn) return i;
    }
    return -1;
  }

  #text(row: number, field: number, start: number, isQuoted: boolean): number {
    const end = this.#textEnd(start, isQuoted);
    if (end < 0) return -1;
    const column = this.#columns[field]!;
    if (end === start ? this.#hasEmptyNull : this.#nulls.length > 0 && this.#nullEnd(start, isQuoted) === end) {
      column.setNull(row);
    } else column.setText(row, this.#bytes, start, end);
    return end;
  }

  #boolean(start: number, target: Float64Array, row: number): number {
    const bytes = this.#bytes;
    const lower = (at: number): number => bytes[at] | 0x20;
    const isTrue = lower(start) === 116;
    const word = isTrue ? 'true' : 'false';
    for (let i = 0; i < word.length; i++) if (lower(start + i) !== word.charCodeAt(i)) return -1;
    target[row] = isTrue ? 1 : 0;
    return start + word.length;
  }
}
