// DuckDB's names for Arrow's types.
import { type DataType, DateUnit, type Field, DataType as Is, Precision, TimeUnit } from 'apache-arrow';
import { type Connection, normalisedType } from './duckdb.ts';
import type { SourceColumn } from './split.ts';
import { quoteName } from './sql.ts';

/**
 * The columns of a schema. A type that cannot be read is `UNSUPPORTED(<Arrow's name>)`, so that it matters only to a job that uses
 * the column. Names that differ in case alone get a suffix (`a`, `A_1`), as DuckDB does it for Parquet; an empty name becomes
 * `column<i>`.
 */
export async function arrowColumns(fields: readonly Field[], connection: Connection): Promise<readonly SourceColumn[]> {
  const names = distinctNames(fields);
  const columns: SourceColumn[] = [];
  for (const [i, { type }] of fields.entries()) {
    const sql = sqlTypeOfArrow(type);
    const known = sql === undefined ? undefined : await normalisedType(connection, sql);
    columns.push({ name: names[i], type: known ?? `UNSUPPORTED(${type})` });
  }
  return columns;
}

/** Column names that an SQL table can have side by side. */
export function distinctNames(fields: readonly Field[]): readonly string[] {
  const taken = new Set<string>();
  return fields.map((field, i) => {
    const base = field.name === '' || field.name === null ? `column${i}` : field.name;
    let name = base;
    for (let suffix = 1; taken.has(name.toLowerCase()); suffix++) name = `${base}_${suffix}`;
    taken.add(name.toLowerCase());
    return name;
  });
}

/** An SQL type expression, or undefined for a type that has none. */
export function sqlTypeOfArrow(type: DataType): string | undefined {
  if (Is.isDictionary(type)) return sqlTypeOfArrow(type.dictionary);
  if (Is.isNull(type)) return '"NULL"';
  if (Is.isInt(type)) {
    const name = { 8: 'TINYINT', 16: 'SMALLINT', 32: 'INTEGER', 64: 'BIGINT' }[type.bitWidth];
    return type.isSigned ? name : `U${name}`;
  }
  if (Is.isFloat(type)) return type.precision === Precision.DOUBLE ? 'DOUBLE' : 'FLOAT';
  if (Is.isBool(type)) return 'BOOLEAN';
  if (Is.isUtf8(type) || Is.isLargeUtf8(type) || Is.isUtf8View(type)) return 'VARCHAR';
  if (Is.isBinary(type) || Is.isLargeBinary(type) || Is.isBinaryView(type) || Is.isFixedSizeBinary(type)) return 'BLOB';
  if (Is.isDecimal(type)) return type.precision > 38 ? undefined : `DECIMAL(${type.precision}, ${type.scale})`;
  // Writers put times of day into dates of 64 bits, although the format does not allow it: nothing is cut off.
  if (Is.isDate(type)) return type.unit === DateUnit.DAY ? 'DATE' : 'TIMESTAMP_MS';
  if (Is.isTime(type)) return type.unit === TimeUnit.NANOSECOND ? 'TIME_NS' : 'TIME';
  if (Is.isTimestamp(type)) return type.timezone ? 'TIMESTAMPTZ' : timestampOfUnit[type.unit];
  if (Is.isStruct(type))
    return composed(
      'STRUCT',
      type.children.map((child) => ({ name: child.name, type: child.type })),
    );
  if (Is.isMap(type))
    return composed(
      'MAP',
      type.childType.children.map((child) => ({ type: child.type })),
    );
  if (Is.isList(type) || Is.isLargeList(type)) return suffixed(type.valueType, '[]');
  if (Is.isFixedSizeList(type)) return suffixed(type.valueType, `[${type.listSize}]`);
  return undefined;
}

const timestampOfUnit: Readonly<Record<TimeUnit, string>> = {
  [TimeUnit.SECOND]: 'TIMESTAMP_S',
  [TimeUnit.MILLISECOND]: 'TIMESTAMP_MS',
  [TimeUnit.MICROSECOND]: 'TIMESTAMP',
  [TimeUnit.NANOSECOND]: 'TIMESTAMP_NS',
};

function suffixed(inner: DataType, suffix: string): string | undefined {
  const sql = sqlTypeOfArrow(inner);
  return sql === undefined ? undefined : `${sql}${suffix}`;
}

function composed(
  outer: string,
  children: readonly { readonly name?: string; readonly type: DataType }[],
): string | undefined {
  const parts = children.map(({ name, type }) => {
    const sql = sqlTypeOfArrow(type);
    return sql === undefined || name === undefined ? sql : `${quoteName(name)} ${sql}`;
  });
  return parts.includes(undefined) ? undefined : `${outer}(${parts.join(', ')})`;
}
