// Lines of JSON Lines pieces one by one, for pieces with a line that is no JSON object. What comes out is JSON Lines again, in
// which each good line stands with its shard and row, so that DuckDB turns them into texts as it does others.
import { randomUUID } from 'node:crypto';
import { open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { FailureError } from '../core/failure.ts';
import type { Reject } from '../core/split.ts';
import { jsonText, parseLine } from './jsonl-line.ts';
import { JsonlScanner } from './jsonl-scanner.ts';
import type { ReadPiece } from './source.ts';
import { fileBlocks } from './text-file.ts';
import { LineFinder } from './text-lines.ts';
import { bytesOf, malformedLine, rowsOf } from './text-pieces.ts';
import { recordsOf } from './text-scanner.ts';

export interface CarefulLines {
  /** Lines of `{"shard", "row", "object"}`. */
  readonly path: string;
  readonly longestBytes: number;
  readonly rejects: readonly Reject[];
  remove(): Promise<void>;
}

export async function linesCarefully(folder: string, pieces: readonly ReadPiece[]): Promise<CarefulLines> {
  const path = join(folder, `lines-${randomUUID()}`);
  const file = await open(path, 'wx');
  const rejects: Reject[] = [];
  let longestBytes = 0;
  try {
    for (const piece of pieces) {
      const { path: piecePath, startByte, endByte } = bytesOf(piece);
      const lines = new LineFinder(piecePath);
      let row = piece.startRow;
      for await (const records of recordsOf(fileBlocks(piecePath, startByte, endByte), new JsonlScanner(), startByte)) {
        const good: string[] = [];
        for (const { text, byte } of records) {
          const line = parseLine(text);
          if ('object' in line) {
            good.push(`{"shard":${piece.source.index},"row":${row},"object":${jsonText(line.object)}}\n`);
            longestBytes = Math.max(longestBytes, good[good.length - 1].length * 3);
          } else rejects.push(malformedLine(piece, row, await lines.lineAt(byte), line.malformed, text));
          row++;
        }
        await file.write(Buffer.from(good.join('')));
      }
      if (row !== piece.endRow) {
        const read = row - piece.startRow;
        throw new FailureError({ reason: 'row-count-mismatch', path: piecePath, counted: rowsOf(piece), read });
      }
    }
  } catch (error) {
    await unlink(path);
    throw error;
  } finally {
    await file.close();
  }
  return { path, longestBytes, rejects, remove: () => unlink(path) };
}
