// Texts into typed values, in SQL. A text is a value only if it stands for that value exactly: nothing is rounded,
// wrapped or guessed, and what DuckDB's casts let through beyond that (1_000, 0x1F, 1.5 as 2, 1e400) is a fault.
import { quoteText } from '../core/sql.ts';
import type { ReadColumn } from './source.ts';
import { temporalPatterns } from './text-temporal.ts';

/** How texts stand in the raw relation: fields of a CSV file, or values of JSON documents as JSON text. */
export interface TextSyntax {
  readonly kind: 'csv' | 'json';
  /** Numbers have a decimal comma. */
  readonly decimalComma: boolean;
  /** Whether an underscore can stand in any text: DuckDB takes 1_000 for a number. */
  readonly underscores: boolean;
}

/** The SQL that turns a text `r` into a value `v`. A null text is a null value and never a fault. */
export interface Conversion {
  readonly value: (r: string) => string;
  readonly isFault: (r: string, v: string) => string;
  /** True only where there is no fault, and cheap; may be null or false where there is none either. Null: not needed. */
  readonly isFine: ((r: string, v: string) => string) | null;
  /** What isFine leaves open for numbers: values of smaller magnitude are no fault. */
  readonly fineBelow?: number;
  readonly message: (r: string) => string;
}

const floats: Readonly<Record<string, number>> = { FLOAT: 2 ** 24, DOUBLE: 2 ** 53 };

/** Digits that always fit, for lists that are cast whole. */
const integers: Readonly<Record<string, string>> = {
  TINYINT: '-?[0-9]{1,2}',
  SMALLINT: '-?[0-9]{1,4}',
  INTEGER: '-?[0-9]{1,9}',
  BIGINT: '-?[0-9]{1,18}',
  HUGEINT: '-?[0-9]{1,18}',
  UTINYINT: '(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})',
  USMALLINT: '[0-9]{1,4}',
  UINTEGER: '[0-9]{1,9}',
  UBIGINT: '[0-9]{1,18}',
  UHUGEINT: '[0-9]{1,18}',
};

/** The conversion of texts to a column's type. */
export function conversionOf(column: ReadColumn, syntax: TextSyntax): Conversion {
  const conversion = conversionTo(column.type, syntax);
  return column.exactText === true ? keepingText(conversion, column, syntax) : conversion;
}

function conversionTo(type: string, syntax: TextSyntax): Conversion {
  const element = /^(.*)\[(\d*)\]$/s.exec(type);
  if (element !== null) return toList(element[1], element[2], syntax);
  if (type in floats) return toFloat(type, syntax);
  if (type in integers) return toInteger(type, syntax);
  if (type === 'BOOLEAN') return toBoolean(syntax);
  if (type === 'VARCHAR') return toText(syntax);
  if (type === 'JSON') return toJson(syntax);
  const decimal = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(type);
  if (decimal !== null) return toDecimal(type, Number(decimal[2]), syntax);
  if (type in temporalPatterns) return toTemporal(type, temporalPatterns[type], syntax);
  return toOther(type, syntax);
}

/** The nearest float; an integer must be met exactly, as one from a typed file must. */
function toFloat(type: string, syntax: TextSyntax): Conversion {
  const t = (r: string): string => withPoint(r, syntax);
  const underscore = (r: string): string => (syntax.underscores ? `contains(${r}, '_')` : 'false');
  return {
    value: (r) => `TRY_CAST(${t(r)} AS ${type})`,
    isFault: (r, v) => `CASE WHEN abs(${v}) < ${floats[type]} THEN ${underscore(r)} \
WHEN ${r} IS NULL THEN false WHEN ${v} IS NULL THEN true \
WHEN isfinite(${v}) THEN ${underscore(r)} OR (${matches(r, '[+-]?[0-9]+')} AND coalesce(TRY_CAST(${r} AS HUGEINT) <> TRY_CAST(${v} AS HUGEINT), true)) \
ELSE NOT ${matches(r, '[+-]?(?:[nN][aA][nN]|[iI][nN][fF](?:[iI][nN][iI][tT][yY])?)')} END`,
    isFine: syntax.underscores ? (r) => `NOT contains(${r}, '_')` : null,
    fineBelow: floats[type],
    message: (r) =>
      `CASE WHEN ${matches(t(r), `${decimalPattern}(?:[eE][+-]?[0-9]+)?`)} THEN ${shown(r, syntax, `does not fit ${type}`)} ELSE ${shown(r, syntax, 'is no number')} END`,
  };
}

const decimalPattern = '[+-]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)';

/**
 * 12, -3, +4 and 007 are integers; so are 3.0 and 1e3, up to what a double tells apart: whoever writes 9007199254740993.0
 * has already lost a digit.
 */
function toInteger(type: string, syntax: TextSyntax): Conversion {
  const t = (r: string): string => withPoint(r, syntax);
  const exactDouble = (r: string, v: string): string =>
    `coalesce(TRY_CAST(TRY_CAST(${t(r)} AS DOUBLE) AS HUGEINT) = ${v} AND TRY_CAST(${t(r)} AS DOUBLE) = trunc(TRY_CAST(${t(r)} AS DOUBLE)) AND abs(TRY_CAST(${t(r)} AS DOUBLE)) <= ${2 ** 53}, false)`;
  return {
    value: (r) => `TRY_CAST(${t(r)} AS ${type})`,
    isFault: (r, v) => `CASE WHEN CAST(${v} AS VARCHAR) = ${r} OR ${r} IS NULL THEN false WHEN ${v} IS NULL THEN true \
WHEN ${matches(r, '[+-]?[0-9]+')} THEN false \
WHEN ${matches(t(r), '[+-]?[0-9]+\\.0*')} OR ${matches(t(r), '[+-]?[0-9.]{1,16}[eE][+-]?[0-9]{1,3}')} THEN NOT ${exactDouble(r, v)} ELSE true END`,
    isFine: (r, v) => `CAST(${v} AS VARCHAR) = ${r}`,
    message: (r) =>
      `CASE WHEN ${matches(t(r), '[+-]?[0-9]+(?:\\.0*)?(?:[eE][+]?[0-9]+)?')} THEN ${shown(r, syntax, `does not fit ${type}`)} ELSE ${shown(r, syntax, 'is no integer')} END`,
  };
}

function toDecimal(type: string, scale: number, syntax: TextSyntax): Conversion {
  const t = (r: string): string => withPoint(r, syntax);
  const fraction = `(?:[0-9]+(?:\\.[0-9]{0,${scale}}0*)?|\\.[0-9]{0,${scale}}0*)`;
  return simple(
    (r) => `CASE WHEN ${matches(t(r), `[+-]?${fraction}`)} THEN TRY_CAST(${t(r)} AS ${type}) END`,
    (r) => shown(r, syntax, `does not fit ${type}`),
  );
}

function toBoolean(syntax: TextSyntax): Conversion {
  const words = { true: ['true', 't', 'yes', '1'], false: ['false', 'f', 'no', '0'] };
  const csv = (r: string): string =>
    `CASE WHEN lower(trim(${r})) IN (${words.true.map(quoteText).join(', ')}) THEN true WHEN lower(trim(${r})) IN (${words.false.map(quoteText).join(', ')}) THEN false END`;
  const json = (r: string): string => `CASE ${r} WHEN 'true' THEN true WHEN 'false' THEN false END`;
  return simple(syntax.kind === 'csv' ? csv : json, (r) => shown(r, syntax, 'is neither true nor false'));
}

function toText(syntax: TextSyntax): Conversion {
  if (syntax.kind === 'json') {
    return simple(jsonString, (r) => shown(r, syntax, 'is no text'));
  }
  return { value: (r) => r, isFault: () => 'false', isFine: null, message: () => "''" };
}

function toJson(syntax: TextSyntax): Conversion {
  if (syntax.kind === 'json') {
    return { value: (r) => `CAST(${r} AS JSON)`, isFault: () => 'false', isFine: null, message: () => "''" };
  }
  return simple(
    (r) => `CASE WHEN json_valid(${r}) THEN CAST(${r} AS JSON) END`,
    (r) => shown(r, syntax, 'is no JSON'),
  );
}

/** A JSON array, also where it stands in a CSV field. Its elements follow the rules of their type; null elements are null. */
function toList(elementType: string, length: string, syntax: TextSyntax): Conversion {
  const elementSyntax: TextSyntax = { kind: 'json', decimalComma: false, underscores: false };
  const element = conversionTo(elementType, elementSyntax);
  // A CASE cannot give fixed-size lists: they are made of lists at the very end.
  const listElement = conversionTo(withoutSizes(elementType), elementSyntax);
  const type = `${elementType}[${length}]`;
  const listType = withoutSizes(type);
  const x = `x${depthOf(elementType)}`;
  const isArray = (r: string): string => `(json_valid(${r}) AND json_type(${r}) = 'ARRAY')`;
  const mapped = (r: string, result: string): string =>
    `list_transform(CAST(json_extract(${r}, '$[*]') AS VARCHAR[]), lambda ${x}: CASE WHEN ${x} <> 'null' THEN ${result} END)`;
  const plain = /\d\]/.test(elementType) ? null : plainList(type);
  const isPlain = (r: string): string => (plain === null ? 'false' : `regexp_full_match(${r}, '${plain}')`);
  const list = (r: string): string => `CASE WHEN ${isPlain(r)} THEN TRY_CAST(CAST(${r} AS JSON) AS ${listType}) \
WHEN ${isArray(r)} THEN TRY_CAST(${mapped(r, listElement.value(x))} AS ${listType}) END`;
  const problem = (r: string): string => shown(r, syntax, `is no ${type}`);
  return {
    value: (r) => (type === listType ? list(r) : `TRY_CAST(${list(r)} AS ${type})`),
    isFault: (r, v) => `CASE WHEN ${r} IS NULL THEN false WHEN ${v} IS NULL THEN true WHEN ${isPlain(r)} THEN false \
ELSE coalesce(list_bool_or(${mapped(r, element.isFault(x, `(${element.value(x)})`))}), false) END`,
    isFine: (r, v) => `(${v} IS NOT NULL AND ${isPlain(r)})`,
    message: (r) =>
      length === ''
        ? problem(r)
        : `CASE WHEN ${isArray(r)} AND json_array_length(${r}) <> ${length} \
THEN json_array_length(${r}) || ' values, ${length} expected' ELSE ${problem(r)} END`,
  };
}

const withoutSizes = (type: string): string => type.replace(/\[\d+\]/g, '[]');

const depthOf = (type: string): number => type.split('[').length - 1;

/** A pattern of lists of plain short numbers, which DuckDB's own cast takes as they are and many times faster; null: there is none. */
function plainList(type: string): string | null {
  const element = /^(.*)\[\d*\]$/s.exec(type);
  if (element === null) {
    return type in floats
      ? '-?[0-9]{1,7}(?:\\.[0-9]+)?(?:e(?:-?[0-9]|-[0-9]{2}|[12][0-9]))?'
      : (integers[type] ?? null);
  }
  const inner = plainList(element[1]);
  return inner === null ? null : `\\[(?:${inner}(?:,${inner})*)?\\]`;
}

/** DuckDB's casts drop what follows a date, the offset of a time without zone, and digits beyond the type's precision. */
function toTemporal(type: string, pattern: string, syntax: TextSyntax): Conversion {
  const text = (r: string): string => (syntax.kind === 'csv' ? r : jsonString(r));
  return simple(
    (r) => `CASE WHEN ${matches(text(r), pattern)} THEN TRY_CAST(${text(r)} AS ${type}) END`,
    (r) => shown(r, syntax, `is no ${type}`),
  );
}

function toOther(type: string, syntax: TextSyntax): Conversion {
  const isNested = /^(?:STRUCT|MAP|UNION)\b/.test(type);
  const text = (r: string): string => (syntax.kind === 'csv' ? r : isNested ? `CAST(${r} AS JSON)` : jsonString(r));
  return simple(
    (r) => `TRY_CAST(${text(r)} AS ${type})`,
    (r) => shown(r, syntax, `is no ${type}`),
  );
}

/** Faults are the texts without a value. */
const simple = (value: (r: string) => string, message: (r: string) => string): Conversion => ({
  value,
  isFault: (r, v) => `(${r} IS NOT NULL AND ${v} IS NULL)`,
  isFine: (r, v) => `(${v} IS NOT NULL OR ${r} IS NULL)`,
  message,
});

/** For a column whose type was guessed and that is delivered: the value must give the text back. */
function keepingText(conversion: Conversion, column: ReadColumn, syntax: TextSyntax): Conversion {
  const changes = changesText(column.type, syntax);
  if (changes === null) return conversion;
  const remedy = `declare dataset.types: { ${JSON.stringify(column.name)}: ${syntax.kind === 'csv' ? 'string' : 'json'} }`;
  return {
    ...conversion,
    isFault: (r, v) => `(${conversion.isFault(r, v)} OR coalesce(${changes(r, v)}, false))`,
    isFine: (r, v) =>
      conversion.isFine === null
        ? `NOT coalesce(${changes(r, v)}, false)`
        : `(${conversion.isFine(r, v)} AND NOT coalesce(${changes(r, v)}, false))`,
    message: (r) =>
      shown(
        r,
        syntax,
        `does not stay as it is in a column of type ${column.type}, the type of the first rows; ${remedy}`,
      ),
  };
}

function changesText(type: string, syntax: TextSyntax): ((r: string, v: string) => string) | null {
  if (syntax.kind === 'json') return () => 'false';
  if (type in integers) return (r, v) => `CAST(${v} AS VARCHAR) <> trim(${r})`;
  if (type in floats) return (r) => `regexp_matches(${r}, '^\\s*(?:\\+|-?0[0-9])')`;
  if (type === 'BOOLEAN') return (r) => `lower(trim(${r})) NOT IN ('true', 'false')`;
  return null;
}

/** The text of a number with a decimal point; one that has a point where a comma belongs becomes no number. */
const withPoint = (r: string, syntax: TextSyntax): string =>
  syntax.decimalComma ? `CASE WHEN contains(${r}, '.') THEN '?' ELSE replace(${r}, ',', '.') END` : r;

/** The whole text, blanks around it aside, fits the pattern. */
const matches = (r: string, pattern: string): string => `regexp_full_match(${r}, '\\s*${pattern}\\s*')`;

const jsonString = (r: string): string => `CASE WHEN starts_with(${r}, '"') THEN json_extract_string(${r}, '$') END`;

/** `'text' is no number`; JSON values show what they are by themselves. */
const shown = (r: string, syntax: TextSyntax, problem: string): string =>
  syntax.kind === 'csv' ? `'''' || ${r} || ${quoteText(`' ${problem}`)}` : `${r} || ${quoteText(` ${problem}`)}`;
