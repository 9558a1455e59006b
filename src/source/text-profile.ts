// The one pass over a text shard before a run: it decompresses, checks the encoding, counts the rows and notes where
// reading can begin. Memory is a few blocks, whatever the size of the file.
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { type Failure, FailureError } from '../core/failure.ts';
import type { Shard, SourceColumn } from '../core/split.ts';
import { ScratchFile } from './scratch-file.ts';
import type { ProfileRequest, ShardProfile, Start } from './source.ts';
import { isPlain, textBlocks } from './text-blocks.ts';
import { TextCheck, type TextFault } from './text-check.ts';
import { lineOfByte } from './text-lines.ts';
import type { RecordScanner } from './text-scanner.ts';
import { UnpackLimit } from './unpack-limit.ts';

/** Reading can begin about every so many bytes. */
const startBytes = 4 * 1024 * 1024;
/** Columns are learned from this much of the file. */
export const headBytes = 4 * 1024 * 1024;

export interface TextHead {
  /** The first bytes of the text after its byte order mark. */
  readonly bytes: Buffer;
  readonly isWhole: boolean;
}

export interface TextColumns {
  readonly columns: readonly SourceColumn[];
  readonly samples: Readonly<Record<string, readonly (string | null)[]>>;
}

/** What a text format adds to the pass. */
export interface TextFormat {
  readonly encoding: string;
  /** Records before the first row. */
  readonly headerRecords: number;
  /** How much of the file its columns may be learned from where the first records are long. */
  readonly mostHeadBytes: number;
  /** Whether bytes that are no text spoil the file, or only the rows they stand in. */
  readonly mustBeText: boolean;
  scanner(shard: Shard): RecordScanner;
  /** Learns the columns from the beginning of the file; throws a FailureError when it has none. */
  columnsOf(shard: Shard, head: TextHead): TextColumns;
}

/** Profiles every shard; throws one failure for each shard that cannot be read. */
export async function profileTexts(
  shards: readonly Shard[],
  request: ProfileRequest,
  format: TextFormat,
): Promise<ShardProfile[]> {
  const profiles: ShardProfile[] = [];
  const failures: Failure[] = [];
  for (const shard of shards) {
    try {
      profiles.push(await profileText(shard, request, format));
    } catch (error) {
      if (!(error instanceof FailureError)) throw error;
      failures.push(...error.failures);
    }
  }
  const [first, ...others] = failures;
  if (first !== undefined) throw new FailureError(first, ...others);
  return profiles;
}

async function profileText(shard: Shard, request: ProfileRequest, format: TextFormat): Promise<ShardProfile> {
  const plainPath = plainPathOf(shard, request, format);
  const copy = plainPath === undefined ? undefined : await ScratchFile.create(plainPath);
  try {
    const scan = await scanText(shard, request.gridRows, format, copy);
    const columns = format.columnsOf(shard, scan.head);
    mustDiffer(shard.path, columns.columns);
    return {
      ...columns,
      rows: scan.rows,
      starts: scan.starts,
      endByte: scan.endByte,
      decodedBytes: scan.endByte,
      ...(plainPath === undefined ? {} : { plainPath }),
    };
  } finally {
    await copy?.close();
  }
}

function plainPathOf(shard: Shard, request: ProfileRequest, format: TextFormat): string | undefined {
  if (request.scratchFolder === null || isPlain(shard, format.encoding)) return undefined;
  return join(request.scratchFolder, `shard-${shard.index}-${randomUUID()}.${shard.format}`);
}

interface TextScan {
  readonly rows: number;
  readonly starts: readonly Start[];
  readonly endByte: number;
  readonly head: TextHead;
}

async function scanText(
  shard: Shard,
  gridRows: number,
  format: TextFormat,
  copy: ScratchFile | undefined,
): Promise<TextScan> {
  const scanner = format.scanner(shard);
  const check = format.mustBeText ? new TextCheck() : undefined;
  const starts: Start[] = [];
  const head: Buffer[] = [];
  let headLength = 0;
  let row = 0 - format.headerRecords;
  let lastStart = 0;
  let markLength = 0;
  let byte = 0;
  const mustBeFine = async (fault: TextFault | undefined): Promise<void> => {
    if (fault === undefined) return;
    const line = await lineOfByte(textBlocks(shard, format.encoding), fault.byte);
    throw new FailureError({ reason: 'text-not-utf8', path: shard.path, encoding: format.encoding, line, ...fault });
  };
  const { path, fileBytes, compression } = shard;
  const copyFolder = copy === undefined ? null : dirname(copy.path);
  const limit = compression === 'none' ? undefined : new UnpackLimit({ path, fileBytes, copyFolder });
  for await (const block of textBlocks(shard, format.encoding)) {
    await limit?.take(block.length);
    await copy?.write(block);
    await mustBeFine(check?.push(block));
    if (byte === 0) markLength = markLengthOf(block);
    const text = byte === 0 ? block.subarray(markLength) : block;
    const textByte = byte + block.length - text.length;
    const wantedBytes = row + format.headerRecords < 2 ? format.mostHeadBytes : headBytes;
    if (headLength < wantedBytes) {
      const part = Buffer.from(text.subarray(0, wantedBytes - headLength));
      head.push(part);
      headLength += part.length;
    }
    const begins = scanner.push(text);
    for (let i = 0; i < begins.length; i++, row++) {
      if (row % gridRows !== 0 || row < 0) continue;
      if (row > 0 && textByte + begins[i] - lastStart < startBytes) continue;
      lastStart = textByte + begins[i];
      starts.push({ row, byte: lastStart });
    }
    byte += block.length;
  }
  await mustBeFine(check?.finish());
  if (scanner.openQuote !== undefined) {
    const open = markLength + scanner.openQuote;
    const line = await lineOfByte(textBlocks(shard, format.encoding), open);
    throw new FailureError({ reason: 'csv-quote-open', path: shard.path, line, byte: open });
  }
  return {
    rows: Math.max(0, row),
    starts: starts.length === 0 ? [{ row: 0, byte }] : starts,
    endByte: byte,
    head: { bytes: Buffer.concat(head), isWhole: markLength + headLength === byte },
  };
}

/** Bytes of the UTF-8 byte order mark at the beginning of a text. */
export const markLengthOf = (block: Buffer): number =>
  block.length >= 3 && block.readUIntBE(0, 3) === 0xefbbbf ? 3 : 0;

/** Refuses names that a relation cannot hold side by side. */
function mustDiffer(path: string, columns: readonly SourceColumn[]): void {
  const seen = new Map<string, string>();
  for (const { name } of columns) {
    const other = seen.get(name.toLowerCase());
    if (other !== undefined) throw new FailureError({ reason: 'text-duplicate-column', path, column: name, other });
    seen.set(name.toLowerCase(), name);
  }
}
