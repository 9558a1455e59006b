// Writes a part: one COPY of a query into a Parquet file. The rows stay inside DuckDB.
import { type Connection, messageOf } from '../core/duckdb.ts';
import { FailureError } from '../core/failure.ts';
import { quoteName, quoteText } from '../core/sql.ts';

export interface PartRequest {
  readonly connection: Connection;
  /** The rows and columns of the part, in order. */
  readonly query: string;
  readonly path: string;
  readonly compression: 'zstd' | 'snappy' | 'gzip' | 'lz4' | 'none';
  /** Key-value metadata of the footer. */
  readonly metadata: Readonly<Record<string, string>>;
}

const rowGroupRows = 122_880;

/**
 * Writes the file and returns the number of its rows. The file is neither synced nor under its final name. Fails with `io`
 * when it cannot be written; what DuckDB says while it reads the rows is thrown as it is.
 */
export async function writePart({ connection, query, path, compression, metadata }: PartRequest): Promise<number> {
  const facts = Object.entries(metadata).map(([key, value]) => `${quoteName(key)}: ${quoteText(value)}`);
  const options = [
    'FORMAT parquet',
    `COMPRESSION ${compression === 'none' ? 'uncompressed' : compression === 'lz4' ? 'lz4_raw' : compression}`,
    `ROW_GROUP_SIZE ${rowGroupRows}`,
    ...(facts.length === 0 ? [] : [`KV_METADATA {${facts.join(', ')}}`]),
  ];
  try {
    return await connection.run(`COPY (${query}) TO ${quoteText(path)} (${options.join(', ')})`);
  } catch (error) {
    throw isWriteError(error, path)
      ? new FailureError({ reason: 'io', operation: 'write', path, ...codeAndMessage(error) })
      : error;
  }
}

const codes: readonly (readonly [RegExp, string])[] = [
  [/no space left/i, 'ENOSPC'],
  [/quota/i, 'EDQUOT'],
  [/too many open files/i, 'EMFILE'],
  [/read-only file system/i, 'EROFS'],
  [/permission denied/i, 'EACCES'],
  [/no such file or directory/i, 'ENOENT'],
  [/is a directory/i, 'EISDIR'],
];

const isWriteError = (error: unknown, path: string): error is Error =>
  error instanceof Error &&
  /^IO Error/.test(error.message) &&
  (error.message.includes(path) || /no space left|quota/i.test(error.message));

function codeAndMessage(error: Error): { readonly code: string; readonly message: string } {
  const [, code] = codes.find(([pattern]) => pattern.test(error.message)) ?? [/./, 'EIO'];
  return { code, message: messageOf(error) };
}
