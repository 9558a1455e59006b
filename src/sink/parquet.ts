// Writes a part: one COPY of a query into a Parquet file. The rows stay inside DuckDB, which also says how many there
// were and how long its writing took apart from the query.
import { type Connection, ioCodeOf, messageOf } from '../core/duckdb.ts';
import { FailureError, ioFailure } from '../core/failure.ts';
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

export interface WrittenPart {
  /** As DuckDB counted them on their way into the file. */
  readonly rows: number;
  /** Time spent on encoding, compressing and writing; the rest of the query went into making its rows. */
  readonly writeMs: number;
}

/** What DuckDB measured of one operator of a query. */
interface Operator {
  readonly operator_type?: string;
  /** Seconds. */
  readonly operator_timing: number;
  /** Rows that it handed on. */
  readonly operator_cardinality: number;
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
    const { operator_timing: seconds, children } = copyIn(JSON.parse(profile));
    return { rows: children[0].operator_cardinality, writeMs: seconds * 1000 };
  } catch (error) {
    if (!isWriteError(error, path)) throw error;
    const code = ioCodeOf(error) ?? 'EIO';
    throw new FailureError(ioFailure({ operation: 'write', path, code, message: messageOf(error) }));
  }
}

/** The operator that writes; its child makes the rows. */
function copyIn(operator: Operator): Operator {
  if (operator.operator_type === 'COPY_TO_FILE' || operator.operator_type === 'BATCH_COPY_TO_FILE') return operator;
  return copyIn(operator.children[0]);
}

const isWriteError = (error: unknown, path: string): error is Error =>
  error instanceof Error && ioCodeOf(error) !== undefined && (error.message.includes(path) || isOfSpace(error));

const isOfSpace = (error: Error): boolean => ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(ioCodeOf(error) ?? '');
