// Writes small tables to Parquet without native code: statistics and rejects. The only owner of hyparquet-writer.
import { type FileHandle, open } from 'node:fs/promises';
import type { ParquetWriter, SchemaElement } from 'hyparquet-writer';
import { failureOfIo } from '../core/atomic-file.ts';

/** `integer` is INT64, `timestamp` takes ISO 8601 text and is stored as microseconds UTC. */
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
  integer: { type: 'INT64' },
  double: { type: 'DOUBLE' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  boolean: { type: 'BOOLEAN' },
  timestamp: { type: 'INT64', converted_type: 'TIMESTAMP_MICROS' },
} as const satisfies Record<ColumnType, Partial<SchemaElement>>;

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
export const loadWriter = async (): Promise<typeof import('hyparquet-writer')> => await import('hyparquet-writer');

async function writeRows(file: FileHandle, { columns, rows, metadata = {} }: Table): Promise<number> {
  const { ByteWriter, ParquetWriter } = await loadWriter();
  const bytes = new ByteWriter();
  const flush = async (): Promise<void> => {
    await file.writeFile(bytes.getBytes());
    bytes.index = 0;
  };
  const writer = new ParquetWriter({
    writer: bytes,
    schema: [
      { name: 'root', num_children: columns.length },
      ...columns.map(({ name, type, nullable }): SchemaElement => {
        return { name, ...parquetTypes[type], repetition_type: nullable ? 'OPTIONAL' : 'REQUIRED' };
      }),
    ],
    statistics: false,
    kvMetadata: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  });
  let group: (readonly Cell[])[] = [];
  let textInGroup = 0;
  let rowCount = 0;
  for await (const cells of rows) {
    group.push(cells);
    rowCount++;
    for (const cell of cells) if (typeof cell === 'string') textInGroup += cell.length;
    if (group.length < rowsPerGroup && textInGroup < textPerGroup) continue;
    writeGroup(writer, columns, group);
    await flush();
    group = [];
    textInGroup = 0;
  }
  writeGroup(writer, columns, group);
  writer.finish();
  await flush();
  return rowCount;
}

function writeGroup(writer: ParquetWriter, columns: readonly TableColumn[], group: readonly (readonly Cell[])[]): void {
  writer.write({
    columnData: columns.map((column, i) => {
      const data = group.map((cells) => stored(cells[i], column));
      // Plain values are what every reader agrees on, and one page needs no index of its pages.
      return { name: column.name, data, encoding: 'PLAIN', offsetIndex: false };
    }),
    rowGroupSize: rowsPerGroup,
  });
}

/** The value as it is encoded without loss; what does not fit its column is not cut or rounded. */
function stored(cell: Cell, { name, type, nullable }: TableColumn): bigint | number | string | boolean | null {
  if (cell === null && nullable) return null;
  if (type === 'integer' && Number.isSafeInteger(cell)) return BigInt(cell as number);
  if (type === 'double' && typeof cell === 'number' && Number.isFinite(cell)) return cell;
  if (type === 'text' && typeof cell === 'string') return cell;
  if (type === 'boolean' && typeof cell === 'boolean') return cell;
  if (type === 'timestamp' && typeof cell === 'string' && Date.parse(cell) >= 0)
    return BigInt(Date.parse(cell)) * 1000n;
  throw new Error(
    `column ${name}: ${JSON.stringify(cell)} is not ${nullable ? 'null or ' : ''}a value of type ${type}`,
  );
}
