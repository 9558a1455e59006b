// The same Parquet file as three readers see it, each as rows of plain values: integers as bigint, timestamps as ISO text.
import { DuckDBInstance, DuckDBTimestampValue } from '@duckdb/node-api';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { python } from '../python.ts';

export type Value = bigint | number | string | boolean | null;
export type Row = Record<string, Value>;

const plain = (value: unknown): Value => {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof DuckDBTimestampValue) return new Date(Number(value.micros / 1000n)).toISOString();
  return (value ?? null) as Value;
};

const plainRow = (columns: readonly string[], row: Record<string, unknown>): Row =>
  Object.fromEntries(columns.map((column) => [column, plain(row[column])]));

export const readers: Record<string, (path: string, columns: readonly string[]) => Promise<Row[]>> = {
  async duckdb(path, columns) {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const rows = await (await connection.runAndReadAll(`SELECT * FROM '${path}'`)).getRowObjects();
    connection.closeSync();
    instance.closeSync();
    return rows.map((row) => plainRow(columns, row));
  },
  async hyparquet(path, columns) {
    const rows = await parquetReadObjects({ file: await asyncBufferFromFile(path), compressors });
    return rows.map((row) => plainRow(columns, row));
  },
};

const script = `
import datetime, json, sys
import pyarrow.parquet as pq
def plain(value):
    if isinstance(value, datetime.datetime):
        return value.strftime('%Y-%m-%dT%H:%M:%S.') + '%03dZ' % (value.microsecond // 1000)
    if isinstance(value, int) and not isinstance(value, bool):
        return {'$integer': str(value)}
    return value
print(json.dumps([{name: plain(value) for name, value in row.items()} for row in pq.read_table(sys.argv[1]).to_pylist()]))
`;

if (python.available) {
  readers.pyarrow = async (path) =>
    JSON.parse(python.run(script, path), (_, value) =>
      value?.$integer === undefined ? value : BigInt(value.$integer),
    );
}
