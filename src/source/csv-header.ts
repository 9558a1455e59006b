// The column names of a CSV file: from its header, from the job, or after their places.
import { FailureError } from '../core/failure.ts';
import type { CsvOptions } from '../job/schema.ts';
import type { CsvDialect } from './csv-dialect.ts';
import { decodeField, splitRecord } from './csv-record.ts';
import { CsvScanner } from './csv-scanner.ts';
import { fileBlocks } from './text-file.ts';
import { headBytes, markLengthOf, type TextHead } from './text-profile.ts';
import { withoutLineEnd } from './text-scanner.ts';

/**
 * The column names of a file by its first record, or without one.
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

/** The first whole records of a text, at most `most`. */
export function firstRecords(head: TextHead, most: number, dialect: CsvDialect): string[] {
  const begins = new CsvScanner(dialect).push(head.bytes);
  const whole = head.isWhole ? begins.length : begins.length - 1;
  return Array.from({ length: Math.max(0, Math.min(most, whole)) }, (_, index) =>
    withoutLineEnd(head.bytes.toString('latin1', begins[index], begins[index + 1] ?? head.bytes.length)),
  );
}

const firstTryBytes = 64 * 1024;

/** The column names of a plain file. */
export async function columnNamesOfFile(
  path: string,
  options: CsvOptions,
  dialect: CsvDialect,
): Promise<readonly string[]> {
  for (const bytes of [firstTryBytes, headBytes]) {
    for await (const block of fileBlocks(path, 0, bytes)) {
      const head = { bytes: block.subarray(markLengthOf(block)), isWhole: block.length < bytes };
      const [first] = firstRecords(head, 1, dialect);
      if (first !== undefined) return columnNames(path, first, options, dialect);
    }
  }
  return columnNames(path, undefined, options, dialect);
}
