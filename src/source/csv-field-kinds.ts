// What may stand in a plain field, and how it is read: by the type of its column.
import type { CsvDialect } from './csv-dialect.ts';

/** Plain numbers: a switch over them takes no time. */
export const fieldKinds = { skip: 0, float: 1, double: 2, integer: 3, wide: 4, boolean: 5, text: 6 } as const;

export function kindOf(type: string | undefined): number {
  if (type === undefined) return fieldKinds.skip;
  if (type === 'FLOAT') return fieldKinds.float;
  if (type === 'DOUBLE') return fieldKinds.double;
  if (type === 'BOOLEAN') return fieldKinds.boolean;
  if (type === 'VARCHAR') return fieldKinds.text;
  return type === 'BIGINT' || type === 'UBIGINT' ? fieldKinds.wide : fieldKinds.integer;
}

export const integerRanges: Readonly<Record<string, readonly [number, number]>> = {
  TINYINT: [-(2 ** 7), 2 ** 7 - 1],
  SMALLINT: [-(2 ** 15), 2 ** 15 - 1],
  INTEGER: [-(2 ** 31), 2 ** 31 - 1],
  BIGINT: [-(2 ** 53), 2 ** 53],
  UTINYINT: [0, 2 ** 8 - 1],
  USMALLINT: [0, 2 ** 16 - 1],
  UINTEGER: [0, 2 ** 32 - 1],
  UBIGINT: [0, 2 ** 53],
};

/** Whether fields are told apart by single letters that are in no number and in no null value. */
export function isPlainDialect(dialect: CsvDialect, decimalComma: boolean): boolean {
  const { delimiter, quote, escape: escaping, nullValues } = dialect;
  const isPlain = (letter: string): boolean => /^[\t!-*/:-@[-`{-~]$/.test(letter) || (letter === ',' && !decimalComma);
  const hasPlainQuote = quote === '' || (isPlain(quote) && [quote, '\\', ''].includes(escaping));
  const special = ['\r', '\n', delimiter, ...(quote === '' ? [] : [quote])];
  const hasPlainNulls = !nullValues.some((value) => special.some((letter) => value.includes(letter)));
  return isPlain(delimiter) && delimiter !== quote && hasPlainQuote && hasPlainNulls;
}

/** Whether a null value may be a number or a truth value, too. */
export const looksLikeValue = (nullValue: string): boolean => /^(?:[-+.,\d]|nan|inf|true|false)/i.test(nullValue);

/** Numbers that are words, as they are usually spelled. */
export const wordValues: ReadonlyMap<string, number> = new Map([
  ...['nan', 'NaN', 'NAN'].map((word) => [word, Number.NaN] as const),
  ...['inf', 'Inf', 'INF', 'infinity', 'Infinity'].flatMap(
    (word) =>
      [
        [word, Number.POSITIVE_INFINITY],
        [`-${word}`, Number.NEGATIVE_INFINITY],
      ] as const,
  ),
]);
/** Letters of the longest one. */
export const longestWord = 9;
