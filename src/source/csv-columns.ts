// Names and guessed types of a CSV file's columns, from its header and its first rows. A type is guessed only where the
// texts would come back the same: codes such as 00123, dates and everything in doubt stay text.
import { FailureError } from '../core/failure.ts';
import type { SourceColumn } from '../core/split.ts';
import type { CsvOptions } from '../job/schema.ts';
import type { CsvDialect } from './csv-dialect.ts';
import { decodeField, fieldsOf, splitRecord } from './csv-record.ts';

/**
 * The column names of a file from its first record; undefined: it has none.
 * A field without text is named `column<i>` after its place, as every column is in a file without header.
 */
export function columnNames(
  path: string,
  firstRecord: string | undefined,
  options: CsvOptions,
  dialect: CsvDialect,
): readonly string[] {
  const first = firstRecord === undefined ? undefined : splitRecord(firstRecord, dialect);
  if (first !== undefined && 'malformed' in first) {
    throw new FailureError({ reason: 'csv-header-malformed', path, message: first.malformed });
  }
  if (!options.header && options.columns !== undefined) {
    const { columns } = options;
    if (first !== undefined && fieldsBeyond(first.fields, columns.length) !== columns.length) {
      throw new FailureError({ reason: 'csv-columns-count', path, named: columns.length, found: first.fields.length });
    }
    return columns;
  }
  if (first === undefined) throw new FailureError({ reason: 'text-empty', path });
  return first.fields.map((field, index) => (options.header && decodeField(field)) || `column${index}`);
}

/** How many fields count: empty ones beyond the expected are what a trailing delimiter leaves. */
const fieldsBeyond = (fields: readonly string[], expected: number): number =>
  fields.slice(expected).every((field) => field === '') ? Math.min(fields.length, expected) : fields.length;

/** The first values of each column as text, null where a null value stands; rows that cannot be split are left out. */
export function sampleValues(
  records: readonly string[],
  fields: number,
  dialect: CsvDialect,
): readonly (readonly (string | null)[])[] {
  const nulls = new Set(dialect.nullValues);
  const samples: (string | null)[][] = Array.from({ length: fields }, () => []);
  for (const record of records) {
    const split = fieldsOf(record, fields, dialect);
    if ('malformed' in split) continue;
    split.fields.forEach((field, index) => {
      const value = decodeField(field);
      samples[index].push(nulls.has(value) ? null : value);
    });
  }
  return samples;
}

const integer = /^-?(?:0|[1-9]\d{0,17})$/;
const decimal = /^-?(?:(?:0|[1-9]\d*)?\.\d+|(?:0|[1-9]\d*)\.?)(?:[eE][+-]?\d{1,3})?$/;
const notFinite = /^[+-]?(?:nan|inf|infinity)$/i;
const truth = /^(?:true|false)$/i;

/** The type of a column by its first values: the narrowest of BIGINT, DOUBLE and BOOLEAN that gives every one back, else VARCHAR. */
export function guessedType(sample: readonly (string | null)[], decimalMark: '.' | ','): string {
  const values = sample.filter((value) => value !== null).map((value) => value.trim());
  if (values.length === 0) return 'VARCHAR';
  if (values.every((value) => integer.test(value))) return 'BIGINT';
  if (values.every((value) => truth.test(value))) return 'BOOLEAN';
  const numbers = values.filter((value) => !notFinite.test(value));
  const plain = (value: string): string => (decimalMark === ',' ? value.replace('.', '?').replace(',', '.') : value);
  return numbers.length > 0 && numbers.every((value) => isDecimal(plain(value))) ? 'DOUBLE' : 'VARCHAR';
}

/** Decimals, and integers that a double holds exactly. */
const isDecimal = (value: string): boolean =>
  decimal.test(value) && (!/^-?\d+$/.test(value) || Number.isSafeInteger(Number(value)));

/** Refuses names that a relation cannot hold side by side. */
export function mustDiffer(path: string, columns: readonly Pick<SourceColumn, 'name'>[]): void {
  const seen = new Map<string, string>();
  for (const { name } of columns) {
    const other = seen.get(name.toLowerCase());
    if (other !== undefined) throw new FailureError({ reason: 'text-duplicate-column', path, column: name, other });
    seen.set(name.toLowerCase(), name);
  }
}
