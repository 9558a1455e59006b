// The fields of one CSV record, by the rules of DuckDB's strict reader, and why a record has none.

import type { CsvDialect } from './csv-dialect.ts';

export type Fields = { readonly fields: readonly string[] } | { readonly malformed: string };

/**
 * Splits a record into its fields. Texts are bytes as letters (latin1), so that nothing is lost or decoded twice.
 * - Quotes count where a field begins, after at most one blank; elsewhere they are text.
 * - After closing quotes only blanks may come before the delimiter.
 */
export function splitRecord(text: string, dialect: CsvDialect): Fields {
  const { quote, escape: escaping } = dialect;
  const delimiter = latin1(dialect.delimiter);
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    const quoteAt =
      quote === '' ? -1 : text[at] === quote ? at : text[at] === ' ' && text[at + 1] === quote ? at + 1 : -1;
    if (quoteAt === -1 || text.startsWith(delimiter, at)) {
      const end = text.indexOf(delimiter, at);
      fields.push(text.slice(at, end === -1 ? undefined : end));
      if (end === -1) return { fields };
      at = end + delimiter.length;
      continue;
    }
    let value = '';
    let from = quoteAt + 1;
    for (let i = from; ; ) {
      const quoteEnd = text.indexOf(quote, i);
      const escapeAt = escaping === '' || escaping === quote ? -1 : text.indexOf(escaping, i);
      const special = escapeAt !== -1 && (quoteEnd === -1 || escapeAt < quoteEnd) ? escapeAt : quoteEnd;
      if (special === -1) return { malformed: 'a quote is opened and not closed' };
      value += text.slice(from, special);
      const isEscape = special === escapeAt || (escaping === quote && text[special + 1] === quote);
      if (!isEscape) {
        at = special + 1;
        break;
      }
      from = special + 1;
      i = special + 2;
    }
    fields.push(value);
    while (text[at] === ' ' && !text.startsWith(delimiter, at)) at++;
    if (at === text.length) return { fields };
    if (!text.startsWith(delimiter, at)) {
      return { malformed: `text follows the closing quote of field ${fields.length}` };
    }
    at += delimiter.length;
  }
}

/** The fields of a record that must have `expected` of them; empty ones beyond that are dropped, as a trailing delimiter leaves them. */
export function fieldsOf(text: string, expected: number, dialect: CsvDialect): Fields {
  const split = splitRecord(text, dialect);
  if ('malformed' in split || split.fields.length === expected) return split;
  const { fields } = split;
  if (fields.length > expected && fields.slice(expected).every((field) => field === '')) {
    return { fields: fields.slice(0, expected) };
  }
  return { malformed: `${expected} fields expected, ${fields.length} found` };
}

const latin1 = (text: string): string => Buffer.from(text).toString('latin1');

/** A text of bytes as letters, read as the UTF-8 that it is. */
export const decodeField = (field: string): string =>
  /[\x80-\xff]/.test(field) ? Buffer.from(field, 'latin1').toString() : field;
