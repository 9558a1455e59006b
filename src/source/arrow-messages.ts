// Where the messages of an Arrow IPC file or stream lie, found from their headers alone. Every length and offset is checked
// against the file first: apache-arrow follows a wrong one for hours, and reads a stream that was cut as a shorter table.
// Format: https://arrow.apache.org/docs/format/Columnar.html#serialization-and-interprocess-communication-ipc
import type { FileHandle } from 'node:fs/promises';
import { Footer } from 'apache-arrow/fb/footer';
import { Message } from 'apache-arrow/fb/message';
import { MessageHeader } from 'apache-arrow/fb/message-header';
import { Schema } from 'apache-arrow/fb/schema';
import { ByteBuffer } from 'flatbuffers';
import { schemaMessageOf } from './arrow-footer-schema.ts';
import { checkDictionaryBatch, checkRecordBatch, checkSchema, type SchemaShape, Unreadable } from './arrow-headers.ts';

/** Bytes `[start, end)` of a whole message: prefix, metadata and body. */
export interface ArrowMessage {
  readonly start: number;
  readonly end: number;
}

export interface ArrowRecordBatch extends ArrowMessage {
  readonly rows: number;
  readonly bodyBytes: number;
  readonly isCompressed: boolean;
  /** How many dictionaries come before it, in order. */
  readonly dictionaries: number;
}

export interface ArrowLayout {
  /** The bytes of the schema's message. */
  readonly schema: Uint8Array;
  readonly dictionaries: readonly ArrowMessage[];
  readonly batches: readonly ArrowRecordBatch[];
}

const fileMagic = 'ARROW1';
const continuation = 0xffff_ffff;
/** Most messages have less metadata than this: one read gets it all. */
const readAheadBytes = 4096;

/** Finds the messages of a file or stream; throws Unreadable when they do not fit the file. */
export async function arrowLayout(file: FileHandle): Promise<ArrowLayout> {
  const fileBytes = (await file.stat()).size;
  if (fileBytes === 0) throw new Unreadable('is empty (0 bytes), not an Arrow file or stream');
  const head = await bytesAt(file, 0, Math.min(fileBytes, 8));
  const magic = head.toString('latin1');
  if (magic.startsWith('FEA1')) throw new Unreadable('is Feather version 1, which cannot be read (version 2 can)');
  const layout = magic.startsWith(fileMagic)
    ? await layoutOfFile(file, fileBytes)
    : await layoutOfStream(file, fileBytes);
  return layout;
}

/** Reads `[start, end)`. */
export async function bytesAt(file: FileHandle, start: number, end: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(end - start);
  for (let filled = 0; filled < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, start + filled);
    if (bytesRead === 0) throw new Unreadable('became shorter while it was read');
    filled += bytesRead;
  }
  return bytes;
}

async function layoutOfStream(file: FileHandle, fileBytes: number): Promise<ArrowLayout> {
  const first = await readHeader(file, 0, fileBytes, 'is neither an Arrow file nor an Arrow stream');
  if (first === null) throw new Unreadable('is an Arrow stream without a schema');
  const shape = schemaOf(first);
  const dictionaries: ArrowMessage[] = [];
  const batches: ArrowRecordBatch[] = [];
  let offset = first.end;
  for (;;) {
    if (offset === fileBytes) {
      throw new Unreadable('is an Arrow stream without its end-of-stream marker: it was cut or never finished');
    }
    const header = await readHeader(file, offset, fileBytes, 'is a damaged Arrow stream');
    if (header === null) break;
    if (header.message.headerType() === MessageHeader.DictionaryBatch) dictionaries.push(dictionaryOf(header, shape));
    else batches.push(batchOf(header, shape, dictionaries.length));
    offset = header.end;
  }
  const rest = await bytesAt(file, offset, Math.min(fileBytes, offset + readAheadBytes));
  if (rest.subarray(8).some((byte) => byte !== 0) || fileBytes - offset > readAheadBytes) {
    throw new Unreadable('has more data after the end of its Arrow stream: give each stream a file of its own');
  }
  return { schema: await bytesAt(file, first.start, first.end), dictionaries, batches };
}

async function layoutOfFile(file: FileHandle, fileBytes: number): Promise<ArrowLayout> {
  const cut = 'is an Arrow file without its end (ARROW1 is missing): it was cut or never finished';
  if (fileBytes < 26) throw new Unreadable(cut);
  const trailer = await bytesAt(file, fileBytes - 10, fileBytes);
  if (trailer.toString('latin1', 4) !== fileMagic) throw new Unreadable(cut);
  const footerBytes = trailer.readInt32LE(0);
  const footerStart = fileBytes - 10 - footerBytes;
  if (footerBytes < 8 || footerStart < 8)
    throw new Unreadable(`is a damaged Arrow file: its footer claims ${footerBytes} bytes`);
  const bytes = await bytesAt(file, footerStart, fileBytes - 10);
  const footer = Footer.getRootAsFooter(new ByteBuffer(bytes));
  if ((footer.recordBatchesLength() + footer.dictionariesLength()) * 24 > bytes.length) {
    throw new Unreadable('is a damaged Arrow file: its footer lists more record batches than it can hold');
  }
  const first = await readHeader(file, 8, footerStart, 'is a damaged Arrow file');
  const isInFront = first?.message.headerType() === MessageHeader.Schema;
  const shape = isInFront ? schemaOf(first) : checkSchema(footer.schema(), footer.version(), bytes.length);
  const schema = isInFront ? await bytesAt(file, first.start, first.end) : schemaMessageOf(bytes);
  const headerAt = async (block: { offset(): bigint } | null): Promise<Header> => {
    const offset = Number(block?.offset() ?? -1n);
    const header = offset < 8 ? null : await readHeader(file, offset, footerStart, 'is a damaged Arrow file');
    if (header === null) throw new Unreadable('is a damaged Arrow file: its footer points to no message');
    return header;
  };
  const dictionaries: ArrowMessage[] = [];
  for (let i = 0; i < footer.dictionariesLength(); i++) {
    dictionaries.push(dictionaryOf(await headerAt(footer.dictionaries(i)), shape));
  }
  const batches: ArrowRecordBatch[] = [];
  for (let i = 0; i < footer.recordBatchesLength(); i++) {
    batches.push(batchOf(await headerAt(footer.recordBatches(i)), shape, dictionaries.length));
  }
  const begin = { start: 0, end: isInFront ? first.end : 8 };
  mustFill([begin, ...dictionaries, ...batches, { start: footerStart, end: fileBytes }]);
  return { schema, dictionaries, batches };
}

/** What may lie between two messages or before the footer: padding, and the end-of-stream marker. */
const mostBetween = 72;

/** A footer that leaves out a record batch, or lists one twice, reads as fewer or more rows everywhere else. */
function mustFill(messages: readonly ArrowMessage[]): void {
  const inOrder = messages.toSorted((a, b) => a.start - b.start);
  for (const [i, { start }] of inOrder.entries()) {
    const between = i === 0 ? 0 : start - inOrder[i - 1].end;
    if (between < 0) throw new Unreadable('is a damaged Arrow file: its footer lists a part of the file twice');
    if (between > mostBetween) {
      const from = start - between;
      throw new Unreadable(`is a damaged Arrow file: its footer leaves out ${between} bytes from byte ${from} on`);
    }
  }
}

interface Header extends ArrowMessage {
  readonly message: Message;
  readonly metadataBytes: number;
  readonly bodyBytes: number;
}

/** The header of the message at an offset; null at the end-of-stream marker. `wrong` begins the complaint about a bad one. */
async function readHeader(file: FileHandle, start: number, limit: number, wrong: string): Promise<Header | null> {
  const ahead = await bytesAt(file, start, Math.min(limit, start + readAheadBytes));
  if (ahead.length < 4) throw new Unreadable(`${wrong}: it ends inside a message`);
  const isCurrent = ahead.readUInt32LE(0) === continuation;
  if (isCurrent && ahead.length < 8) throw new Unreadable(`${wrong}: it ends inside a message`);
  const prefixBytes = isCurrent ? 8 : 4;
  const metadataBytes = ahead.readInt32LE(prefixBytes - 4);
  if (metadataBytes === 0) return null;
  const metadataStart = start + prefixBytes;
  if (metadataBytes < 8 || metadataStart + metadataBytes > limit) {
    throw new Unreadable(
      `${wrong}: a message claims ${metadataBytes} bytes of metadata, ${limit - metadataStart} are left`,
    );
  }
  const metadata =
    prefixBytes + metadataBytes <= ahead.length
      ? ahead.subarray(prefixBytes, prefixBytes + metadataBytes)
      : await bytesAt(file, metadataStart, metadataStart + metadataBytes);
  const message = Message.getRootAsMessage(new ByteBuffer(metadata));
  const bodyBytes = Number(message.bodyLength());
  const end = metadataStart + metadataBytes + bodyBytes;
  if (bodyBytes < 0 || end > limit) {
    throw new Unreadable(
      `${wrong}: a message claims a body of ${bodyBytes} bytes, ${limit - metadataStart - metadataBytes} are left`,
    );
  }
  return { start, end, message, metadataBytes, bodyBytes };
}

function schemaOf({ message, metadataBytes }: Header): SchemaShape {
  if (message.headerType() !== MessageHeader.Schema)
    throw new Unreadable('is damaged Arrow data: it does not begin with a schema');
  return checkSchema(message.header(new Schema()), message.version(), metadataBytes);
}

function dictionaryOf({ start, end, message, metadataBytes, bodyBytes }: Header, shape: SchemaShape): ArrowMessage {
  if (message.headerType() !== MessageHeader.DictionaryBatch)
    throw new Unreadable('is damaged Arrow data: a dictionary is none');
  checkDictionaryBatch(message, shape, metadataBytes, bodyBytes);
  return { start, end };
}

function batchOf(
  { start, end, message, metadataBytes, bodyBytes }: Header,
  shape: SchemaShape,
  dictionaries: number,
): ArrowRecordBatch {
  if (message.headerType() !== MessageHeader.RecordBatch)
    throw new Unreadable('is damaged Arrow data: a record batch is none');
  const { rows, isCompressed } = checkRecordBatch(message, shape, metadataBytes, bodyBytes);
  return { start, end, rows, bodyBytes, isCompressed, dictionaries };
}
