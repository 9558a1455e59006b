// A Parquet file's footer, read and checked before DuckDB sees the file: DuckDB believes a footer that claims 0 rows, and
// notices encrypted columns and unknown codecs only at their pages. Format: https://github.com/apache/parquet-format
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { FailureError } from '../core/failure.ts';
import { ThriftReader, type ThriftStruct, type ThriftValue } from './thrift.ts';

/** The cheap part of a footer, and what tells it from any other. */
export interface FooterIdentity {
  /** Names of the top-level columns. */
  readonly names: readonly string[];
  readonly sha256: string;
}

export interface ParquetFooter extends FooterIdentity {
  /** Digits of decimals that are too long for DuckDB, which reads them wrongly, by the place of their top-level column. */
  readonly longDecimals: ReadonlyMap<number, number>;
  /** Equal for files to which DuckDB gives the same columns. */
  readonly schemaKey: string;
  readonly rows: number;
  readonly rowGroupRows: readonly number[];
  readonly decodedBytes: number;
}

interface Schema {
  readonly names: readonly string[];
  readonly longDecimals: ReadonlyMap<number, number>;
  /** One for each column chunk of a row group, in its order. */
  readonly leaves: readonly { readonly name: string; readonly isRepeated: boolean }[];
}

const tailBytes = 64 * 1024;
const trailerBytes = 8;
const mostDecimalDigits = 38;
/** Codecs of the format that DuckDB does not decode, by number. */
const unreadableCodecs = new Map([
  [3, 'LZO'],
  [5, 'LZ4 with Hadoop framing'],
]);

/** Reads and checks the footer; throws a FailureError for a file that must not be read. */
export async function readFooter(path: string): Promise<ParquetFooter> {
  const { footer, dataEnd } = await footerBytes(path);
  return decode(path, () => footerOf(path, footer, dataEnd));
}

/** Reads of the footer what every split looks at again. */
export async function readFooterIdentity(path: string): Promise<FooterIdentity> {
  const { footer } = await footerBytes(path);
  return decode(path, () => ({
    names: schemaOf(new ThriftReader(footer).struct(2)).names,
    sha256: sha256OfBytes(footer),
  }));
}

const sha256OfBytes = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const unreadable = (path: string, message: string): FailureError =>
  new FailureError({ reason: 'shard-unreadable', path, message });

function decode<Result>(path: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw unreadable(path, `is a damaged Parquet file: ${error.message}`);
    throw error;
  }
}

async function footerBytes(path: string): Promise<{ readonly footer: Uint8Array; readonly dataEnd: number }> {
  const file = await open(path);
  try {
    const fileBytes = (await file.stat()).size;
    if (fileBytes === 0) throw unreadable(path, 'is empty (0 bytes), not a Parquet file');
    const tailStart = Math.max(0, fileBytes - tailBytes);
    const tail = await bytesAt(file, path, tailStart, fileBytes);
    const head = tailStart === 0 ? tail.subarray(0, 4) : await bytesAt(file, path, 0, 4);
    const [headMagic, tailMagic] = [head.toString('latin1'), tail.subarray(-4).toString('latin1')];
    if (tailMagic === 'PARE') throw unreadable(path, 'is an encrypted Parquet file, which cannot be read');
    if (headMagic !== 'PAR1') throw unreadable(path, 'is not a Parquet file: it does not begin with PAR1');
    if (fileBytes < 12 || tailMagic !== 'PAR1') {
      throw unreadable(path, 'is a Parquet file without its end (PAR1 is missing): it was cut or never finished');
    }
    const footerLength = tail.readUInt32LE(tail.length - trailerBytes);
    const dataEnd = fileBytes - trailerBytes - footerLength;
    if (dataEnd < 4) {
      throw unreadable(path, `is a damaged Parquet file: its footer claims ${footerLength} of its ${fileBytes} bytes`);
    }
    const footerEnd = fileBytes - trailerBytes;
    if (dataEnd < tailStart) return { footer: await bytesAt(file, path, dataEnd, footerEnd), dataEnd };
    return { footer: tail.subarray(dataEnd - tailStart, footerEnd - tailStart), dataEnd };
  } finally {
    await file.close();
  }
}

async function bytesAt(file: FileHandle, path: string, start: number, end: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(end - start);
  for (let filled = 0; filled < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, start + filled);
    if (bytesRead === 0) throw unreadable(path, 'became shorter while it was read');
    filled += bytesRead;
  }
  return bytes;
}

/** Field numbers are those of parquet.thrift: FileMetaData, then RowGroup, then ColumnChunk and its ColumnMetaData. */
function footerOf(path: string, footer: Uint8Array, dataEnd: number): ParquetFooter {
  const reader = new ThriftReader(footer);
  const schema = schemaOf(reader.struct(2));
  const schemaBytes = footer.subarray(0, reader.offset);
  const metadata = new ThriftReader(footer).struct();
  const rowGroups = structsAt(metadata, 4);
  const rowGroupRows = rowGroups.map((rowGroup) => countAt(rowGroup, 3));
  const rows = countAt(metadata, 3);
  const rowsOfGroups = rowGroupRows.reduce((sum, each) => sum + each, 0);
  if (rows !== rowsOfGroups) {
    throw new RangeError(`the footer says ${rows} rows, and its row groups have ${rowsOfGroups}`);
  }
  const decodedBytes = rowGroups.reduce(
    (sum, rowGroup, i) => sum + checkedBytes(path, rowGroup, i, schema, dataEnd),
    0,
  );
  const schemaKey = Buffer.concat([schemaBytes, geographyOf(metadata)]).toString('latin1');
  const { names, longDecimals } = schema;
  return { names, longDecimals, schemaKey, rows, rowGroupRows, decodedBytes, sha256: sha256OfBytes(footer) };
}

/** Decoded size of a row group whose column chunks hold what the footer says. */
function checkedBytes(path: string, rowGroup: ThriftStruct, index: number, schema: Schema, dataEnd: number): number {
  const rows = countAt(rowGroup, 3);
  const chunks = structsAt(rowGroup, 1);
  if (chunks.length !== schema.leaves.length) {
    throw new RangeError(`row group ${index} has ${chunks.length} columns, the schema ${schema.leaves.length}`);
  }
  let decodedBytes = 0;
  for (const [column, { name, isRepeated }] of schema.leaves.entries()) {
    const chunk = chunks[column];
    if (chunk.has(8))
      throw unreadable(path, `is a Parquet file whose column "${name}" is encrypted, which cannot be read`);
    if (chunk.has(1)) throw unreadable(path, `is a Parquet file whose column "${name}" is in another file`);
    const metadata = chunk.get(3);
    if (!(metadata instanceof Map)) throw new RangeError(`row group ${index} says nothing of column "${name}"`);
    const codec = unreadableCodecs.get(countAt(metadata, 4));
    if (codec !== undefined) throw unreadable(path, `is a Parquet file compressed with ${codec}, which cannot be read`);
    const values = countAt(metadata, 5);
    if (isRepeated ? values < rows || (rows === 0 && values > 0) : values !== rows) {
      throw new RangeError(
        `the footer says ${rows} rows for row group ${index}, and its column "${name}" has ${values} values`,
      );
    }
    const [dictionaryStart, dataStart] = [metadata.get(11), countAt(metadata, 9)];
    const start =
      typeof dictionaryStart === 'number' && dictionaryStart > 0 ? Math.min(dictionaryStart, dataStart) : dataStart;
    if (values > 0 && (start < 4 || start + countAt(metadata, 7) > dataEnd)) {
      throw new RangeError(`the footer places column "${name}" of row group ${index} outside the file`);
    }
    decodedBytes += countAt(metadata, 6);
  }
  return decodedBytes;
}

/** The schema is a tree, stored depth first: each element says how many of the next ones are its children. */
function schemaOf(metadata: ThriftStruct): Schema {
  const elements = structsAt(metadata, 2);
  const names: string[] = [];
  const longDecimals = new Map<number, number>();
  const leaves: { name: string; isRepeated: boolean }[] = [];
  let next = 0;
  const visit = (path: readonly string[], isInRepeated: boolean): void => {
    const element = elements[next++];
    if (element === undefined) throw new RangeError('the schema ends too early');
    const name = textAt(element, 4);
    const children = element.has(5) ? countAt(element, 5) : 0;
    const isRepeated = isInRepeated || element.get(3) === 2;
    const isRoot = next === 1;
    const here = isRoot ? path : [...path, name];
    if (here.length === 1) names.push(name);
    const digits = element.get(8);
    if (typeof digits === 'number' && digits > mostDecimalDigits) longDecimals.set(names.length - 1, digits);
    if (here.length > 64) throw new RangeError('the schema is nested too deeply');
    if (children === 0 && !isRoot) leaves.push({ name: here.join('.'), isRepeated });
    for (let child = 0; child < children; child++) visit(here, isRoot ? false : isRepeated);
  };
  visit([], false);
  if (next !== elements.length) throw new RangeError('the schema has elements that belong to no column');
  return { names, longDecimals, leaves };
}

/** The GeoParquet metadata, which DuckDB reads as part of the schema. */
function geographyOf(metadata: ThriftStruct): Uint8Array {
  const entry = structsAt(metadata, 5).find((each) => textAt(each, 1) === 'geo');
  const value = entry?.get(2);
  return value instanceof Uint8Array ? value : new Uint8Array();
}

function countAt(struct: ThriftStruct, field: number): number {
  const value = struct.get(field);
  if (typeof value !== 'number' || value < 0) throw new RangeError(`the footer lacks a number (field ${field})`);
  return value;
}

function textAt(struct: ThriftStruct, field: number): string {
  const value = struct.get(field);
  if (!(value instanceof Uint8Array)) throw new RangeError(`the footer lacks a text (field ${field})`);
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf8');
}

/** A list of structs; an absent one is empty. */
function structsAt(struct: ThriftStruct, field: number): readonly ThriftStruct[] {
  const values: ThriftValue = struct.get(field) ?? [];
  if (!Array.isArray(values)) throw new RangeError(`the footer lacks a list (field ${field})`);
  return values.map((value: ThriftValue) => {
    if (!(value instanceof Map)) throw new RangeError(`the footer lacks a struct (field ${field})`);
    return value;
  });
}
