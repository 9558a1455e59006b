// A Parquet file's footer, read and checked before DuckDB sees the file: DuckDB believes a footer that claims 0 rows, and
// notices encrypted columns and unknown codecs only at their pages. Format: https://github.com/apache/parquet-format
import { createHash } from 'node:crypto';
import type { FileVisit } from './few-at-a-time.ts';
import { type FooterBytes, footerBytes, footerBytesNow, unreadable } from './parquet-footer-bytes.ts';
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

const mostDecimalDigits = 38;
/** Codecs of the format that DuckDB does not decode, by number. */
const unreadableCodecs = new Map([
  [3, 'LZO'],
  [5, 'LZ4 with Hadoop framing'],
]);

/** Reads and checks the footer; throws a FailureError for a file that must not be read. */
export const readFooter: FileVisit<string, ParquetFooter> = {
  now: (path) => readable(path, footerBytesNow(path)),
  later: async (path) => readable(path, await footerBytes(path)),
};

/** Reads of the footer what every split looks at again. */
export const readFooterIdentity: FileVisit<string, FooterIdentity> = {
  now: (path) => identity(path, footerBytesNow(path)),
  later: async (path) => identity(path, await footerBytes(path)),
};

const readable = (path: string, { footer, dataEnd }: FooterBytes): ParquetFooter =>
  decode(path, () => footerOf(path, footer, dataEnd));

const identity = (path: string, { footer }: FooterBytes): FooterIdentity =>
  decode(path, () => ({ names: knownSchema(footer).schema.names, sha256: sha256OfBytes(footer) }));

const sha256OfBytes = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function decode<Result>(path: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw unreadable(path, `is a damaged Parquet file: ${error.message}`);
    throw error;
  }
}

/** Field numbers are those of parquet.thrift: FileMetaData, then RowGroup, then ColumnChunk and its ColumnMetaData. */
function footerOf(path: string, footer: Uint8Array, dataEnd: number): ParquetFooter {
  const { schema, bytes: schemaBytes } = knownSchema(footer);
  const metadata = new ThriftReader(footer, schemaBytes.length).select(wantedFields, 2);
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

/** The schema that was read last, and the bytes of a footer, from its first on, that it was read of. */
let lastSchema: { readonly bytes: Uint8Array; readonly schema: Schema } | undefined;

/** The files of a dataset mostly begin their footers with the same bytes: their schema is then read once. */
function knownSchema(footer: Uint8Array): NonNullable<typeof lastSchema> {
  const { bytes } = lastSchema ?? {};
  if (bytes !== undefined && Buffer.compare(bytes, footer.subarray(0, bytes.length)) === 0) return lastSchema!;
  const reader = new ThriftReader(footer);
  const schema = schemaOf(reader.struct(2));
  lastSchema = { bytes: Uint8Array.from(footer.subarray(0, reader.offset)), schema };
  return lastSchema;
}

/** Of FileMetaData: its rows, its row groups with their column chunks, and its key-value metadata. */
const wantedFields = {
  3: true,
  4: { 1: { 1: true, 3: { 4: true, 5: true, 6: true, 7: true, 9: true, 11: true }, 8: true }, 3: true },
  5: true,
} as const;

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
