// How the fields of one CSV file are written: the options with their defaults resolved, as bytes for the scanner and as
// arguments for DuckDB's reader. Nothing is ever guessed from the data.
import { quotePath, quoteText, quoteTexts } from '../core/sql.ts';
import type { CsvOptions } from '../job/schema.ts';

export interface CsvDialect {
  readonly delimiter: string;
  /** One ASCII letter, or empty: no quoting. */
  readonly quote: string;
  /** One ASCII letter that makes a quote inside quotes a plain letter; empty: none can stand there. */
  readonly escape: string;
  readonly nullValues: readonly string[];
}

/** The dialect of the file at `path`: a tab delimits the fields of .tsv and .tab files, a comma those of all others. */
export function dialectOf(path: string, options: CsvOptions): CsvDialect {
  const tabbed = /\.(tsv|tab)(\.\w+)?$/i.test(path);
  return {
    delimiter: options.delimiter ?? (tabbed ? '\t' : ','),
    quote: options.quote,
    escape: options.quote === '' ? '' : options.escape,
    nullValues: options.nullValues,
  };
}

/** What DuckDB's reader takes for a line at most, unless told otherwise. */
const usualLineBytes = 2_000_000;

/** DuckDB's `read_csv` of a header-less UTF-8 file with `fields` fields, all as text, under the names c0, c1, ... */
export function readCsvCall(path: string, fields: number, dialect: CsvDialect, longestBytes = 0): string {
  const columns = Array.from({ length: fields }, (_, index) => `'c${index}': 'VARCHAR'`).join(', ');
  // The list must not be empty: a text that no field can be stands for "no null values".
  const nulls = dialect.nullValues.length === 0 ? ['\u0001'] : dialect.nullValues;
  return `read_csv(${quotePath(path)}, auto_detect = false, header = false, delim = ${quoteText(dialect.delimiter)}, \
quote = ${quoteText(dialect.quote)}, escape = ${quoteText(dialect.escape)}, nullstr = ${quoteTexts(nulls)}, \
strict_mode = true, parallel = false, max_line_size = ${Math.max(usualLineBytes, longestBytes + 2)}, columns = {${columns}})`;
}
