// How one feature is handed to one model input: the SQL that delivers it in a type from which every value of its dtype can
// be made exactly, and what stands in for its nulls.
import { type Dtype, isFloat, sqlTypeOfDtype } from '../core/dtype.ts';
import type { Failure } from '../core/failure.ts';
import { quoteName, quoteText } from '../core/sql.ts';
import type { InputSpec } from '../job/input-schema.ts';
import type { ModelInput } from '../model/signature.ts';
import type { BoundColumn } from '../scoring/binding.ts';
import { isNumeric, nestedType, nestedTypeText, sizesOf } from './dataset-columns.ts';
import type { Feature } from './features.ts';
import { misfitOf } from './fit-value.ts';

export interface FedRequest {
  readonly input: ModelInput;
  readonly feature: Feature;
  /** DuckDB's type of the feature. */
  readonly type: string;
  /** Text formats: the first values as they stand in the file. */
  readonly samples: readonly (string | null)[];
  readonly fill: InputSpec['fill'];
  readonly shardPath: string;
}

/** The column to read for a feature, or why its input cannot take it. */
export function fedColumn(request: FedRequest): BoundColumn | Failure {
  const { input, feature, type, samples, fill, shardPath } = request;
  const { leaf, sizes } = nestedType(type);
  const refusal = (shown: string, advice: string): Failure => ({
    reason: 'column-type',
    input: input.name,
    column: feature.label,
    type: shown,
    dtype: input.dtype,
    shard: shardPath,
    advice,
  });
  const fed = type === 'BLOB' && input.dtype === 'uint8' ? 'BLOB' : fedLeaf(leaf, input.dtype);
  if (fed === null)
    return refusal(
      type,
      `bind another column, or an expression that converts it${exampleOf(leaf, feature, input.dtype)}`,
    );
  if (isNumeric(leaf) && sizes.length === 0) {
    const word = onlyWords(samples);
    const advice =
      'none of its first values is a number; bind another column, or an expression that makes a number of it';
    if (word !== null) return refusal(`text (${JSON.stringify(word)})`, advice);
  }
  const fedType = nestedTypeText(fed, sizes);
  // An expression that fails on a row, such as the logarithm of -1, costs that row and not the run.
  const tried = feature.column === null ? `TRY(${feature.sql})` : feature.sql;
  const plain = { label: feature.label, sql: fed === leaf ? tried : `CAST(${tried} AS ${fedType})`, type: fedType };
  return fill === undefined ? plain : filled(plain, fill, input.dtype);
}

/** The type in which values of a leaf type are handed over for a dtype; null when they do not fit it at all. VARCHAR for numbers: digits. */
function fedLeaf(leaf: string, dtype: Dtype): string | null {
  if (dtype === 'string') return /^(VARCHAR|ENUM\(.*|UUID)$/s.test(leaf) ? 'VARCHAR' : null;
  if (/^U?HUGEINT$/.test(leaf)) return 'VARCHAR';
  const decimal = /^DECIMAL\((\d+),(\d+)\)$/.exec(leaf);
  if (decimal === null) return isNumeric(leaf) || leaf === 'BOOLEAN' ? leaf : null;
  const [digits, fractionDigits] = [Number(decimal[1]), Number(decimal[2])];
  // A double tells any two numbers of 15 digits apart.
  if (isFloat(dtype) || digits <= 15) return 'DOUBLE';
  return fractionDigits === 0 && digits <= 18 ? 'BIGINT' : 'VARCHAR';
}

function exampleOf(leaf: string, { label, column }: Feature, dtype: Dtype): string {
  const sql = column === null ? `(${label})` : /^[a-z_]\w*$/i.test(label) ? label : quoteName(label);
  if (leaf === 'BLOB') return `, or say that it holds images: { column: ${label}, image: imagenet }`;
  if (dtype === 'string') return `, such as ${JSON.stringify(`CAST(${sql} AS VARCHAR)`)}`;
  if (/^(DATE|TIMESTAMP)/.test(leaf)) return `, such as ${JSON.stringify(`epoch(${sql})`)}`;
  return leaf === 'VARCHAR' ? `, such as ${JSON.stringify(`CAST(${sql} AS ${sqlTypeOfDtype[dtype]})`)}` : '';
}

/** A text among first values of which none is a number; null where there is a number, or nothing to tell by. */
function onlyWords(samples: readonly (string | null)[]): string | null {
  const texts = samples.filter((text) => text !== null);
  const isNumber = (text: string): boolean =>
    !Number.isNaN(Number(text.trim().replace(',', '.'))) || /^\s*[+-]?(nan|inf|infinity)\s*$/i.test(text);
  return texts.some(isNumber) ? null : (texts[0] ?? null);
}

const wideTypes = ['BIGINT', 'UBIGINT', 'VARCHAR'];

/** The column with its nulls filled. Its type is widened where it could not hold the fill value; no value is changed by that. */
function filled(
  { label, sql, type }: BoundColumn,
  fill: NonNullable<InputSpec['fill']>,
  dtype: Dtype,
): BoundColumn | Failure {
  const refusal = (wanted: string): Failure => ({
    reason: 'fill-type',
    where: `rejects.fill.${label}`,
    value: JSON.stringify(fill),
    dtype: wanted,
  });
  if (sizesOf(type).length > 0) return refusal('a list');
  if (misfitOf(dtype, fill) !== null) return refusal(dtype);
  if (dtype === 'string') return { label, sql: `coalesce(${sql}, ${quoteText(String(fill))})`, type };
  const value = Number(fill);
  const isExactHere = Number.isSafeInteger(value) && (type !== 'UBIGINT' || value >= 0);
  if (wideTypes.includes(type) && !isExactHere) return refusal(type === 'VARCHAR' ? 'a whole number' : type);
  const filledType = wideTypes.includes(type) || (type === 'FLOAT' && dtype === 'float32') ? type : 'DOUBLE';
  const cast = filledType === type ? sql : `CAST(${sql} AS ${filledType})`;
  return { label, sql: `coalesce(${cast}, CAST(${literalOf(value)} AS ${filledType}))`, type: filledType };
}

/** As a literal that stays a whole number where it is one: 3, not 3.0. */
const literalOf = (value: number): string => (Number.isSafeInteger(value) ? String(value) : `'${value}'`);
