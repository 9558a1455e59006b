// Writes small tables to Parquet without native code: statistics and rejects. The only owner of parquetjs-lite.
// Of its options only those are used that every reader tried agrees on: plain encoding, data pages of version 1, and no
// page statistics or index (its text bounds compare UTF-16 units where the format asks for bytes).
import { type FileHandle, open } from 'node:fs/promises';
import type { FieldDefinition } from 'parquetjs-lite';
import { failureOfIo } from '../core/atomic-file.ts';

/** `integer` is INT64, `timestamp` takes ISO 8601 text and is stored as microseconds UTC (parquetjs-lite cannot read its own milliseconds). */
export type ColumnType = 'integer' | 'double' | 'text' | 'boolean' | 'timestamp';

export interface TableColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
}

export type Cell = number | string | boolean | null;

export interface Table {
  readonly columns: readonly TableColumn[];
  /** One cell for each column, in their order. */
  readonly rows: Iterable<readonly Cell[]> | AsyncIterable<readonly Cell[]>;
  /** Goes into the file's footer. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A row group ends at whichever is reached first, so that memory stays bounded whatever the rows hold. */
const rowsPerGroup = 4096;
const textPerGroup = 8 * 1024 * 1024;

const parquetTypes = {
  integer: 'INT64',
  double: 'DOUBLE',
  text: 'UTF8',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP_MICROS',
} as const;

/**
 * Writes the rows, streaming, to the file at `path`, and returns their number. The caller syncs and renames the file.
 * A value that its column cannot hold exactly is a bug of ours and throws; the file system's errors are `io` or `permission-denied`.
 */
export async function writeTable(path: string, table: Table): Promise<number> {
  try {
    await using file = await open(path, 'w');
    return await writeRows(file, table);
  } catch (error) {
    throw failureOfIo('write', path, error);
  }
}

/** Loads the library, which is worth the while of a caller that has nothing else to do. */
export const loadWriter = async (): Promise<typeof import('parquetjs-lite')> =>
  (await import('parquetjs-lite')).default;

async function writeRows(file: FileHandle, { columns, rows, metadata = {} }: Table): Promise<number> {
  const { ParquetSchema, ParquetWriter } = await loadWriter();
  const fields = columns.map(({ name, type, nullable }): [string, FieldDefinition] => [
    name,
    { type: parquetTypes[type], optional: nullable, compression: 'SNAPPY', statistics: false },
  ]);
  // The writer hands over finished bytes and never sees the file: it does not wait for its own first write.
  const pending: Uint8Array[] = [];
  const writer = await ParquetWriter.openStream(
    new ParquetSchema(Object.fromEntries(fields)),
    {
      write(bytes, done) {
        pending.push(bytes);
        done();
      },
      end: (done) => done(),
    },
    { rowGroupSize: rowsPerGroup, useDataPageV2: false, pageIndex: false },
  );
  for (const [key, value] of Object.entries(metadata)) writer.setMetadata(key, value);
  const flush = async (): Promise<void> => {
    for (const bytes of pending.splice(0)) await file.writeFile(bytes);
  };
  await flush();
  let rowCount = 0;
  let textInGroup = 0;
  for await (const cells of rows) {
    for (const cell of cells) if (typeof cell === 'string') textInGroup += cell.length;
    // One row as the size of a group ends the group with this row.
    writer.setRowGroupSize(textInGroup >= textPerGroup ? 1 : rowsPerGroup);
    await writer.appendRow(Object.fromEntries(columns.map((column, i) => [column.name, stored(cells[i], column)])));
    rowCount++;
    if (pending.length > 0) {
      await flush();
      textInGroup = 0;
    }
  }
  await writer.close();
  await flush();
  return rowCount;
}

/** The value as parquetjs-lite stores it without loss; it would cut, round or misread what does not fit. */
function stored(cell: Cell, { name, type, nullable }: TableColumn): Cell | Date {
  if (cell === null && nullable) return null;
  if (type === 'integer' && Number.isSafeInteger(cell)) return cell;
  if (type === 'double' && Number.isFinite(cell)) return cell;
  if (type === 'text' && typeof cell === 'string') return cell;
  if (type === 'boolean' && typeof cell === 'boolean') return cell;
  if (type === 'timestamp' && typeof cell === 'string' && Date.parse(cell) >= 0) return new Date(cell);
  throw new Error(
    `column ${name}: ${JSON.stringify(cell)} is not ${nullable ? 'null or ' : ''}a value of type ${type}`,
  );
}
