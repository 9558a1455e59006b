// Columns of single values that DuckDB packs into the rows of a tensor: `[a, b, ...]` is one list a row, and the lists of a
// chunk lie one after the other in memory, row-major, as the model takes them. Packing holds only for casts that change no
// value: types whose values all fit, and wider ones as long as the values stay within what the dtype holds exactly. One that
// does not (PackingRefused) sends its split to the column-wise reader, which knows how to reject a row.
import type { Dtype } from '../core/dtype.ts';
import { sqlTypeOfDtype } from '../core/dtype.ts';
import type { BoundInput } from './binding.ts';

export interface Packing {
  /** DuckDB's type of `sql`. */
  readonly type: string;
  /** One list a row. */
  readonly sql: string;
  /** Columns with whole numbers whose cast is exact only below `exactBelow`. */
  readonly checked: readonly number[];
  readonly exactBelow: number;
}

/** Thrown where a packed value may not be the value of its column. */
export class PackingRefused extends Error {}

const smallWhole = ['BOOLEAN', 'TINYINT', 'SMALLINT', 'UTINYINT', 'USMALLINT'];
const whole32 = ['INTEGER', 'UINTEGER'];
const whole64 = ['BIGINT', 'UBIGINT'];

interface Casts {
  /** Every value fits; a DOUBLE beyond FLOAT makes the cast fail. */
  readonly exact: readonly string[];
  readonly checked: readonly string[];
  /** Whole numbers below it, by magnitude, are exact. */
  readonly exactBelow: number;
}

/** By the dtype of the model input. */
export const castsTo: Readonly<Partial<Record<Dtype, Casts>>> = {
  float32: { exact: ['FLOAT', 'DOUBLE', ...smallWhole], checked: [...whole32, ...whole64], exactBelow: 2 ** 24 },
  float64: { exact: ['FLOAT', 'DOUBLE', ...smallWhole, ...whole32], checked: whole64, exactBelow: 2 ** 53 },
  int32: { exact: [...smallWhole, 'INTEGER'], checked: [], exactBelow: 0 },
  int64: { exact: [...smallWhole, ...whole32, 'BIGINT'], checked: [], exactBelow: 0 },
};

/** How the columns of an input are packed, or null where they cannot be. */
export function packingOf({ columns, dtype, isList, rowShape }: BoundInput): Packing | null {
  const casts = castsTo[dtype];
  if (casts === undefined || isList || columns.length < 2 || rowShape.includes(null)) return null;
  if (!columns.every(({ type }) => casts.exact.includes(type) || casts.checked.includes(type))) return null;
  const type = sqlTypeOfDtype[dtype];
  const values = columns.map((column) => (column.type === type ? column.sql : `CAST(${column.sql} AS ${type})`));
  return {
    type: `${type}[]`,
    sql: `[${values.join(', ')}]`,
    checked: columns.flatMap((column, index) => (casts.checked.includes(column.type) ? [index] : [])),
    exactBelow: casts.exactBelow,
  };
}
