// A part, read back when it is closed: its own footer must have the rows that were written.
import { failureOfIo } from '../core/atomic-file.ts';
import { FailureError } from '../core/failure.ts';
import { readFooter } from '../source/parquet-footer.ts';

/** Fails with `io` when the file is not a Parquet file of `rows` rows: what was written is not what is there. */
export async function requireWholePart(path: string, rows: number): Promise<void> {
  const found = await rowsIn(path);
  if (found === rows) return;
  const message = `${rows} rows were written, and ${typeof found === 'number' ? `its footer has ${found}` : `it ${found}`}`;
  throw new FailureError({ reason: 'io', operation: 'write', path, code: 'EIO', message });
}

/** The rows of a footer, or what is wrong with the file. */
async function rowsIn(path: string): Promise<number | string> {
  try {
    return (await readFooter.later(path)).rows;
  } catch (error) {
    if (error instanceof FailureError && error.failures[0].reason === 'shard-unreadable')
      return error.failures[0].message;
    throw failureOfIo('read', path, error);
  }
}
