// What the footers of our own parts say: rows, columns and metadata. A file that cannot be opened is an answer, not an end.
import { type Connection, isFatal, messageOf } from '../core/duckdb.ts';
import { quotePath } from '../core/sql.ts';
import type { Footer } from './questions.ts';

type WithConnection = <Value>(read: (connection: Connection) => Promise<Value>) => Promise<Value>;

/** The footers in the order of the paths. Some damaged files make a database unusable, so the next file gets a new one. */
export async function readFooters(
  paths: readonly string[],
  withConnection: WithConnection,
): Promise<readonly Footer[]> {
  const footers: Footer[] = [];
  while (footers.length < paths.length) {
    await withConnection(async (connection) => {
      for (const path of paths.slice(footers.length)) {
        try {
          footers.push(await readFooter(path, connection));
        } catch (error) {
          footers.push({ ok: false, problem: messageOf(error) });
          if (isFatal(error)) return;
        }
      }
    });
  }
  return footers;
}

async function readFooter(path: string, connection: Connection): Promise<Footer> {
  const file = quotePath(path);
  const [{ rows }] = await connection.rows<{ rows: bigint }>(
    `SELECT num_rows AS rows FROM parquet_file_metadata(${file})`,
  );
  const columns = await connection.describe(`SELECT * FROM read_parquet(${file}, hive_partitioning = false)`);
  const pairs = await connection.rows<{ key: string; value: string }>(
    `SELECT decode(key) AS key, decode(value) AS value FROM parquet_kv_metadata(${file}) WHERE key IS NOT NULL`,
  );
  return {
    ok: true,
    rows: Number(rows),
    columns,
    metadata: Object.fromEntries(pairs.map(({ key, value }) => [key, value])),
  };
}
