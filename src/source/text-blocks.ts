// The text of a shard as plain UTF-8 blocks in file order, whatever it is wrapped in: gzip, Zstandard, another encoding.
// A stream that is cut, or is not what its name says, is a failure; it is never a shorter file.
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Decompress } from 'fzstd';
import { FailureError } from '../core/failure.ts';
import type { Shard } from '../core/split.ts';
import { failed, fileBlocks, isSystemError, openShard } from './text-file.ts';
import { LineCounter } from './text-lines.ts';

const compressedBlockBytes = 256 * 1024;
const transcodedBytes = 64 * 1024;

/** Whether the shard's own bytes are the text to read: not compressed, and UTF-8. */
export const isPlain = (shard: Shard, encoding: string): boolean =>
  shard.compression === 'none' && new TextDecoder(encoding).encoding === 'utf-8';

/** Blocks of plain UTF-8 (not yet checked when the file claims to be UTF-8). A block is valid until the next one is asked for. */
export async function* textBlocks(shard: Shard, encoding: string): AsyncGenerator<Buffer, void, undefined> {
  const blocks = decompressedBlocks(shard);
  const canonical = new TextDecoder(encoding).encoding;
  yield* canonical === 'utf-8' ? blocks : transcodedBlocks(shard, blocks, encoding, canonical);
}

function decompressedBlocks(shard: Shard): AsyncGenerator<Buffer, void, undefined> {
  if (shard.compression === 'gzip') return gzipBlocks(shard);
  if (shard.compression === 'zstd') return zstdBlocks(shard);
  return fileBlocks(shard.path);
}

async function* gzipBlocks(shard: Shard): AsyncGenerator<Buffer, void, undefined> {
  await mustBegin(shard, 'gzip', (magic) => magic[0] === 0x1f && magic[1] === 0x8b);
  const gunzip = createGunzip({ chunkSize: compressedBlockBytes });
  // Errors of either stream surface where the blocks are read.
  pipeline(createReadStream(shard.path, { highWaterMark: compressedBlockBytes }), gunzip, () => {});
  try {
    for await (const block of gunzip) yield block;
  } catch (error) {
    throw damaged(shard, error);
  }
}

async function* zstdBlocks(shard: Shard): AsyncGenerator<Buffer, void, undefined> {
  await mustBegin(shard, 'zstd', (magic) => {
    const frame = magic.readUInt32LE(0);
    return frame === 0xfd2fb528 || (frame & 0xfffffff0) >>> 0 === 0x184d2a50;
  });
  let ready: Buffer[] = [];
  const stream = new Decompress((data) => {
    if (data.length > 0) ready.push(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  });
  try {
    for await (const block of createReadStream(shard.path, { highWaterMark: compressedBlockBytes })) {
      stream.push(block);
      yield* ready;
      ready = [];
    }
    stream.push(new Uint8Array(0), true);
    yield* ready;
  } catch (error) {
    throw damaged(shard, error);
  }
}

async function mustBegin(shard: Shard, expected: string, fits: (magic: Buffer) => boolean): Promise<void> {
  const file = await openShard(shard.path);
  try {
    const magic = Buffer.alloc(4);
    const { bytesRead } = await file.read(magic, 0, 4, 0);
    if (bytesRead > 0 && !fits(magic)) {
      throw new FailureError({
        reason: 'shard-unreadable',
        path: shard.path,
        message: `not ${expected}, as its name says`,
      });
    }
    if (bytesRead === 0) throw new FailureError({ reason: 'text-empty', path: shard.path });
  } catch (error) {
    throw failed(shard.path, error);
  } finally {
    await file.close();
  }
}

async function* transcodedBlocks(
  shard: Shard,
  blocks: AsyncIterable<Buffer>,
  encoding: string,
  canonical: string,
): AsyncGenerator<Buffer, void, undefined> {
  const decoder = new TextDecoder(canonical, { fatal: true });
  const lines = new LineCounter();
  let byte = 0;
  const decode = (bytes?: Buffer): Buffer => {
    try {
      return Buffer.from(bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true }));
    } catch {
      const line = lines.ended + 1;
      throw new FailureError({
        reason: 'text-not-utf8',
        path: shard.path,
        byte,
        line,
        problem: 'not-utf8',
        encoding,
        guess: '',
      });
    }
  };
  for await (const block of blocks) {
    if (byte === 0) mustAgree(shard, block, encoding, canonical);
    for (let at = 0; at < block.length; at += transcodedBytes) {
      const text = decode(block.subarray(at, at + transcodedBytes));
      lines.push(text);
      byte += Math.min(transcodedBytes, block.length - at);
      if (text.length > 0) yield text;
    }
  }
  const rest = decode();
  if (rest.length > 0) yield rest;
}

/** A byte order mark that contradicts the given encoding: every letter would come out wrong. */
function mustAgree(shard: Shard, block: Buffer, encoding: string, canonical: string): void {
  const mark = block.length >= 2 ? block.readUInt16BE(0) : 0;
  const marked = mark === 0xfeff ? 'utf-16be' : mark === 0xfffe ? 'utf-16le' : canonical;
  if (canonical.startsWith('utf-16') && marked !== canonical) {
    throw new FailureError({ reason: 'text-encoding-mark', path: shard.path, encoding, found: marked });
  }
}

const damaged = (shard: Shard, error: unknown): unknown =>
  isSystemError(error)
    ? failed(shard.path, error)
    : error instanceof FailureError
      ? error
      : new FailureError({
          reason: 'shard-unreadable',
          path: shard.path,
          message: `the ${shard.compression} stream is damaged or cut short: ${(error as Error).message}`,
        });
