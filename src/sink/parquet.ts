// Writes a part: one COPY of a query into a Parquet file. The rows stay inside DuckDB, which also says how long its writing
// took apart from the query, and its footer how many rows there are.
import { type Connection, ioCodeOf, messageOf } from '../core/duckdb.ts';
import { FailureError, ioFailure } from '../core/failure.ts';
import { globOf, quoteName, quoteText } from '../core/sql.ts';

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

export interface WrittenPart {
  /** As the footer has it. */
  readonly rows: number;
  /** Time spent on encoding, compressing and writing; the rest of the query went into making its rows. */
  readonly writeMs: number;
}

/** What DuckDB measured of one operator of a query. */
interface Operator {
  readonly operator_type?: string;
  /** Seconds. */
  readonly operator_timing?: number;
  readonly children: readonly Operator[];
}

/**
 * Writes the file. It is neither synced nor under its final name. Fails with `io`
 * when it cannot be written; what DuckDB says while it reads the rows is thrown as it is.
 */
export async function writePart({ connection, query, path, compression, metadata }: PartRequest): Promise<WrittenPart> {
  const facts = Object.entries(metadata).map(([key, value]) => `${quoteName(key)}: ${quoteText(value)}`);
  const options = [
    'FORMAT parquet',
    `COMPRESSION ${compression === 'none' ? 'uncompressed' : compression === 'lz4' ? 'lz4_raw' : compression}`,
    `ROW_GROUP_SIZE ${rowGroupRows}`,
    ...(facts.length === 0 ? [] : [`KV_METADATA {${facts.join(', ')}}`]),
  ];
  try {
    const [{ explain_value: profile }] = await connection.rows<{ explain_value: string }>(
      `EXPLAIN (ANALYZE, FORMAT json) COPY (${query}) TO ${quoteText(path)} (${options.join(', ')})`,
    );
    const [{ num_rows: rows }] = await connection.rows<{ num_rows: bigint }>(
      `SELECT num_rows FROM parquet_file_metadata(${quoteText(globOf(path))})`,
    );
    return { rows: Number(rows), writeMs: copyMs(JSON.parse(profile)) };
  } catch (error) {
    if (!isWriteError(error, path)) throw error;
    const code = ioCodeOf(error) ?? 'EIO';
    throw new FailureError(ioFailure({ operation: 'write', path, code, message: messageOf(error) }));
  }
}

function copyMs({ operator_type: type, operator_timing: seconds = 0, children }: Operator): number {
  if (type === 'COPY_TO_FILE' || type === 'BATCH_COPY_TO_FILE') return seconds * 1000;
  return children.reduce((sum, child) => sum + copyMs(child), 0);
}

const isWriteError = (error: unknown, path: string): error is Error =>
  error instanceof Error && ioCodeOf(error) !== undefined && (error.message.includes(path) || isOfSpace(error));

const isOfSpace = (error: Error): boolean => ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(ioCodeOf(error) ?? '');
