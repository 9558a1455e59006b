// Checks of Arrow's flatbuffer headers before anything follows their lengths: counts that fit into the header, buffers that lie in
// the body, and as many nodes and buffers as the schema asks for.
import { DictionaryBatch } from 'apache-arrow/fb/dictionary-batch';
import { Endianness } from 'apache-arrow/fb/endianness';
import type { Field } from 'apache-arrow/fb/field';
import type { Message } from 'apache-arrow/fb/message';
import { MetadataVersion } from 'apache-arrow/fb/metadata-version';
import { RecordBatch } from 'apache-arrow/fb/record-batch';
import type { Schema } from 'apache-arrow/fb/schema';
import { Type } from 'apache-arrow/fb/type';
import { Union } from 'apache-arrow/fb/union';
import { UnionMode } from 'apache-arrow/fb/union-mode';

/** What is wrong with a shard, as the end of a sentence that begins with its path. */
export class Unreadable extends Error {}

/** How many nodes and buffers a value takes; each view array has more buffers, counted in the record batch. */
interface Shape {
  readonly nodes: number;
  readonly buffers: number;
  readonly views: number;
}

export interface SchemaShape extends Shape {
  readonly dictionaries: ReadonlyMap<bigint, Shape>;
  /** Whether unions still have a validity bitmap, as they had before version 5 of the metadata. */
  readonly hasUnionBitmap: boolean;
}

const deepest = 64;
const mostRows = 2 ** 31 - 1;

const damaged = (what: string): Unreadable => new Unreadable(`is damaged Arrow data: ${what}`);

/** `schema` is that of a message or of a footer, which has `metadataBytes` bytes. */
export function checkSchema(schema: Schema | null, version: MetadataVersion, metadataBytes: number): SchemaShape {
  if (version < MetadataVersion.V4) throw new Unreadable('is Arrow data from before version 0.8, which cannot be read');
  if (version > MetadataVersion.V5)
    throw new Unreadable('is Arrow data of a newer format version, which cannot be read');
  if (schema === null) throw damaged('the schema is missing');
  if (schema.endianness() !== Endianness.Little) throw new Unreadable('is big-endian Arrow data, which cannot be read');
  const dictionaries = new Map<bigint, Shape>();
  const hasUnionBitmap = version < MetadataVersion.V5;
  const budget = { fields: metadataBytes / 16 };
  const fields: Shape[] = [];
  if (schema.fieldsLength() > budget.fields) throw damaged('the schema has more columns than it can hold');
  for (let i = 0; i < schema.fieldsLength(); i++) {
    fields.push(shapeOf(schema.fields(i), { dictionaries, hasUnionBitmap, budget }, 0));
  }
  if (schema.customMetadataLength() > metadataBytes / 4) throw damaged('the schema has more metadata than it can hold');
  return { ...sum(fields), dictionaries, hasUnionBitmap };
}

interface Walk {
  readonly dictionaries: Map<bigint, Shape>;
  readonly hasUnionBitmap: boolean;
  /** Fields that the header can still hold: a header that points back into itself would have no end. */
  readonly budget: { fields: number };
}

function shapeOf(field: Field | null, walk: Walk, depth: number): Shape {
  if (field === null || depth > deepest || --walk.budget.fields < 0)
    throw damaged('the schema has a column without end');
  if (field.childrenLength() > walk.budget.fields) throw damaged('a column has more children than the schema can hold');
  if (field.customMetadataLength() > walk.budget.fields * 4 + 64)
    throw damaged('a column has more metadata than the schema can hold');
  const children: Shape[] = [];
  for (let i = 0; i < field.childrenLength(); i++) children.push(shapeOf(field.children(i), walk, depth + 1));
  const needed = childrenOf[field.typeType()];
  if (needed !== undefined && children.length !== needed)
    throw damaged(`a column has ${children.length} children, not ${needed}`);
  const inner = sum(children);
  const own = ownShape(field, walk.hasUnionBitmap);
  const shape = { nodes: inner.nodes + 1, buffers: inner.buffers + own.buffers, views: inner.views + own.views };
  const dictionary = field.dictionary();
  if (dictionary === null) return shape;
  walk.dictionaries.set(dictionary.id(), shape);
  return { nodes: 1, buffers: 2, views: 0 };
}

const childrenOf: Readonly<Partial<Record<Type, number>>> = {
  [Type.List]: 1,
  [Type.LargeList]: 1,
  [Type.FixedSizeList]: 1,
  [Type.Map]: 1,
};

function ownShape(field: Field, hasUnionBitmap: boolean): { readonly buffers: number; readonly views: number } {
  switch (field.typeType()) {
    case Type.NONE:
    case Type.Null:
      return { buffers: 0, views: 0 };
    case Type.Struct_:
    case Type.FixedSizeList:
      return { buffers: 1, views: 0 };
    case Type.Utf8:
    case Type.LargeUtf8:
    case Type.Binary:
    case Type.LargeBinary:
      return { buffers: 3, views: 0 };
    case Type.Utf8View:
    case Type.BinaryView:
      return { buffers: 2, views: 1 };
    case Type.Union: {
      const isDense = (field.type(new Union()) as Union | null)?.mode() === UnionMode.Dense;
      return { buffers: (isDense ? 2 : 1) + (hasUnionBitmap ? 1 : 0), views: 0 };
    }
    case Type.RunEndEncoded:
    case Type.ListView:
    case Type.LargeListView:
      throw new Unreadable(
        `has a column "${field.name() ?? ''}" of Arrow type ${Type[field.typeType()]}, which cannot be read`,
      );
    default:
      return { buffers: 2, views: 0 };
  }
}

const sum = (shapes: readonly Shape[]): Shape => ({
  nodes: shapes.reduce((total, { nodes }) => total + nodes, 0),
  buffers: shapes.reduce((total, { buffers }) => total + buffers, 0),
  views: shapes.reduce((total, { views }) => total + views, 0),
});

export function checkDictionaryBatch(
  message: Message,
  shape: SchemaShape,
  metadataBytes: number,
  bodyBytes: number,
): void {
  const batch: DictionaryBatch | null = message.header(new DictionaryBatch());
  const values = batch?.data() ?? null;
  const expected = shape.dictionaries.get(batch?.id() ?? -1n);
  if (values === null || expected === undefined) throw damaged('a dictionary belongs to no column');
  checkValues(values, expected, metadataBytes, bodyBytes);
}

export function checkRecordBatch(
  message: Message,
  shape: SchemaShape,
  metadataBytes: number,
  bodyBytes: number,
): { readonly rows: number; readonly isCompressed: boolean } {
  const batch: RecordBatch | null = message.header(new RecordBatch());
  if (batch === null) throw damaged('a record batch is empty');
  checkValues(batch, shape, metadataBytes, bodyBytes);
  return { rows: Number(batch.length()), isCompressed: batch.compression() !== null };
}

function checkValues(batch: RecordBatch, shape: Shape, metadataBytes: number, bodyBytes: number): void {
  const rows = Number(batch.length());
  if (rows < 0 || rows > mostRows) throw damaged(`a record batch claims ${rows} rows`);
  if (batch.variadicBufferCountsLength() > metadataBytes / 8) throw damaged('a record batch has too many view counts');
  let variadic = 0;
  for (let i = 0; i < batch.variadicBufferCountsLength(); i++) variadic += Number(batch.variadicBufferCounts(i));
  if (batch.variadicBufferCountsLength() !== shape.views && shape.views > 0)
    throw damaged('a record batch lacks view counts');
  const buffers = shape.buffers + (shape.views > 0 ? variadic : 0);
  if (batch.nodesLength() !== shape.nodes || batch.buffersLength() !== buffers || buffers * 16 > metadataBytes) {
    throw damaged(
      `a record batch has ${batch.nodesLength()} nodes and ${batch.buffersLength()} buffers, its schema asks for ${shape.nodes} and ${buffers}`,
    );
  }
  for (let i = 0; i < buffers; i++) {
    const buffer = batch.buffers(i);
    const [start, length] = [Number(buffer?.offset() ?? -1n), Number(buffer?.length() ?? -1n)];
    if (start < 0 || length < 0 || start + length > bodyBytes) throw damaged('a buffer lies outside its record batch');
  }
  for (let i = 0; i < shape.nodes; i++) {
    const node = batch.nodes(i);
    const [length, nulls] = [Number(node?.length() ?? -1n), Number(node?.nullCount() ?? -1n)];
    if (length < 0 || length > mostRows || nulls < 0 || nulls > length)
      throw damaged('an array claims an impossible length');
  }
}
