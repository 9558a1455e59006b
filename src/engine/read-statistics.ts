// The files beside a manifest, as values: what they say is compared with the manifest, and shown.
import { type Connection, messageOf } from '../core/duckdb.ts';
import { quotePath } from '../core/sql.ts';
import type { Question, RunRow, SplitRecord, StatisticsContent } from './questions.ts';

type Request = Extract<Question, { readonly kind: 'read-statistics' }>;

/** Reads each of the files that is asked for; one that cannot be read becomes a problem and its content null. */
export async function readStatistics(
  { stats, run, rejects, columns }: Request,
  connection: Connection,
): Promise<StatisticsContent> {
  const problems: string[] = [];
  const read = async <Value>(path: string | null, reader: (file: string) => Promise<Value>): Promise<Value | null> => {
    if (path === null) return null;
    try {
      return await reader(`read_parquet(${quotePath(path)}, hive_partitioning = false)`);
    } catch (error) {
      problems.push(`${path}: ${messageOf(error)}`);
      return null;
    }
  };
  return {
    splits: await read(stats, async (file) => {
      const rows = await connection.rows<{ split: string }>(`SELECT to_json(s)::VARCHAR AS split FROM ${file} s`);
      return rows.map(({ split }) =>
        withWritten<SplitRecord>({ run_id: null, replaced_by: null, ...JSON.parse(split) }),
      );
    }),
    runs: await read(run, async (file) => {
      const rows = await connection.rows<{ run: string }>(`SELECT to_json(r)::VARCHAR AS run FROM ${file} r`);
      return rows.map((row) => withWritten<RunRow>(JSON.parse(row.run)));
    }),
    rejects: await read(rejects, async (file) => {
      const columns = await connection.describe(`SELECT * FROM ${file}`);
      const counts = columns.some(({ name }) => name === 'replaced_by') ? 'replaced_by IS NULL' : 'true';
      const [{ rows }] = await connection.rows<{ rows: bigint }>(
        `SELECT count(shard) AS rows FROM ${file} WHERE ${counts}`,
      );
      const crashed = await connection.rows<{ shard: string; row: bigint }>(
        `SELECT shard, "row" FROM ${file} WHERE ${counts} AND reason IN ('crashed', 'stalled')`,
      );
      return { rows: Number(rows), crashed: crashed.map(({ shard, row }) => ({ shard, row: Number(row) })) };
    }),
    columns: await read(columns, async (file) => {
      const [{ count, most }] = await connection.rows<{ count: bigint; most: bigint | null }>(
        `SELECT count(*) AS count, max("rows") AS most FROM ${file}`,
      );
      return { count: Number(count), mostRows: Number(most ?? 0) };
    }),
    problems,
  };
}

/** Files that were made before there was `written`: every scored row was. */
const withWritten = <Row extends SplitRecord | RunRow>(row: Row): Row => ({
  ...row,
  written: row.written ?? row.scored,
});
