// Guessed types of a CSV file's columns, from its first rows. A type is guessed only where the texts would come back the
// same: codes such as 00123, dates and everything in doubt stay text.
import type { CsvDialect } from './csv-dialect.ts';
import { decodeField, fieldsOf } from './csv-record.ts';

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
